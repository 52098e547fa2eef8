"""Celery tasks; each calls one service."""

from celery import shared_task

from accounts.models import User
from achievements.models import SheetImport
from achievements.services import sheet_imports, sheet_writing
from audit.origin import origin


@shared_task
def read_sheet_import(pk: int) -> None:
    """Read a long sheet; sent again, it goes on after the last stored row."""
    sheet_import = SheetImport.objects.filter(pk=pk).select_related("source_file", "started_by").first()
    if sheet_import:
        with origin("任务"):
            sheet_imports.continue_reading(sheet_import)


@shared_task
def write_sheet_import(pk: int, by_pk: int) -> None:
    """Import the ready rows of a long sheet; sent again, it goes on with the rows that are not imported yet."""
    sheet_import = SheetImport.objects.filter(pk=pk).select_related("source_file").first()
    by = User.objects.filter(pk=by_pk, is_active=True).first()
    if sheet_import and by:
        with origin("任务"):
            sheet_writing.continue_writing(sheet_import, by=by)


@shared_task
def sweep_sheet_imports() -> None:
    sheet_imports.sweep_sheet_imports()
