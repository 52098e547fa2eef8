"""Exported workbooks: each sheet has a watermark with user and time, and the audit trail records the export."""

from collections.abc import Iterable, Sequence

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from audit.services import record
from sheets.writing import write_workbook


def watermark(by: AbstractBaseUser, purpose: str = "") -> str:
    """The line for each sheet and page: user, time, and permitted use (by default docking work)."""
    when = timezone.localtime().strftime("%Y-%m-%d %H:%M")
    purpose = purpose or "仅供对接工作使用"
    return "%(who)s 于 %(when)s 导出，%(purpose)s" % {"who": by, "when": when, "purpose": purpose}


def recorded_workbook(
    action: str,
    title: str,
    headers: Sequence[str],
    rows: list,
    *,
    by: AbstractBaseUser,
    purpose: str = "",
    notes: Iterable[str] = (),
) -> bytes:
    """Write an .xlsx with the rows and a watermark; record `action` with the number of rows in the audit trail."""
    record(action, by, by=by, changes={"title": [None, str(title)], "rows": [None, len(rows)]})
    return write_workbook(str(title), headers, rows, watermark=watermark(by, purpose), notes=notes)
