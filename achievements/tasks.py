"""Celery tasks; each calls one service."""

from celery import shared_task

from achievements.models import SheetImport
from achievements.services import sheet_imports
from audit.origin import origin


@shared_task
def read_sheet_import(pk: int) -> None:
    """Read a long sheet; sent again, it goes on after the last stored row."""
    sheet_import = SheetImport.objects.filter(pk=pk).select_related("source_file", "started_by").first()
    if sheet_import:
        with origin("任务"):
            sheet_imports.continue_reading(sheet_import)
