"""Celery tasks; each calls one service."""

from celery import shared_task

from audit.origin import origin
from portal import sheet_checks, sheet_progress
from portal.models import SheetCheck
from portal.public_copies import changes


@shared_task
def forget_old_changes() -> None:
    changes.forget_old()


@shared_task
def check_sheet(pk: int) -> None:
    """Check a long sheet; sent again, from its beginning."""
    with origin("任务"):
        sheet_progress.take_up(pk, SheetCheck.Status.CHECKING, sheet_checks.run_check)


@shared_task
def write_sheet(pk: int) -> None:
    """Import a long sheet; sent again, it goes on after the last row that is written."""
    with origin("任务"):
        sheet_progress.take_up(pk, SheetCheck.Status.WRITING, sheet_checks.run_write)


@shared_task
def sweep_sheet_checks() -> None:
    sheet_progress.sweep_sheet_checks()
