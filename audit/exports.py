"""What is handed out says who took it and when, on its sheets and in the trail."""

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import record
from sheets.writing import write_workbook


def watermark(by, purpose: str = "") -> str:
    """For each sheet and page: who took it, when, and what it may be used for (unless said, work on docking)."""
    when = timezone.localtime().strftime("%Y-%m-%d %H:%M")
    purpose = purpose or _("仅供对接工作使用")
    return _("%(who)s 于 %(when)s 导出，%(purpose)s") % {"who": by, "when": when, "purpose": purpose}


def recorded_workbook(action: str, title: str, headers: Iterable, rows: list, *, by, purpose="", notes=()) -> bytes:
    """An .xlsx of these rows with its watermark; `action` goes into the trail with how many rows there are."""
    record(action, by, by=by, changes={"title": [None, str(title)], "rows": [None, len(rows)]})
    return write_workbook(str(title), headers, rows, watermark=watermark(by, purpose), notes=notes)
