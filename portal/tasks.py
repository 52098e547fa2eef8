"""Celery tasks; each calls one service."""

from celery import shared_task

from audit.origin import origin
from portal import sheet_checks
from portal.models import SheetCheck
from portal.public_copies import changes


@shared_task
def forget_old_changes() -> None:
    changes.forget_old()


@shared_task
def check_sheet(pk: int) -> None:
    """Check a long sheet."""
    with origin("任务"):
        sheet_checks.resume(pk, SheetCheck.Status.CHECKING, sheet_checks.run_check)


@shared_task
def write_sheet(pk: int) -> None:
    """Import a long sheet, all rows or none."""
    with origin("任务"):
        sheet_checks.resume(pk, SheetCheck.Status.WRITING, sheet_checks.run_write)
