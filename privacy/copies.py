"""The copy of a person's data (查阅、复制): a workbook with what each row says, who looked at the contacts, and what
the person has written or marked under the own account."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Model
from django.utils import timezone

from accounts.models import Contact, User
from audit.models import AuditRecord
from privacy.models import DataRequest
from privacy.own_texts import own_texts
from privacy.person_record import PersonRecord
from privacy.records import records_of
from sheets.writing import write_sheets

FIELDS: dict[str, tuple[str, ...]] = {
    "user": ("username", "name", "phone", "email", "date_joined", "last_login"),
    "contact": ("name", "phone", "email", "consented_at"),
    "sign_up": ("firm_name", "username", "name", "phone", "email", "submitted_at"),
    "broker": ("name", "level", "certificate_number", "certified_by", "title"),
    "completer": ("name", "unit"),
    "lead": ("lead_person",),
    "attendee": ("name", "position", "role", "stands_in_for", "dietary", "access", "checked_in_at"),
    "expert": ("name", "unit", "position"),
    "share": ("name", "part", "amount_wan", "confirmed_at", "objected_at", "objection", "paid_on"),
    "objection": ("who", "contact", "raised_on", "text", "outcome", "settled_on"),
    "handover": ("made_at", "note", "kind", "text", "reason", "times", "place", "answered_at", "decision"),
    "consent": ("given_at", "revoked_at"),
}
OFFICE_ONLY = {"share": frozenset({"amount_wan", "objection"})}
"""What only the person and the institution's office may read; an officer's copy says to ask the office."""

"""What is the person's own in a row of each kind."""


def person_copy(request: DataRequest, *, for_officer: bool = False) -> bytes:
    """An .xlsx file with the rows that are surely the person's, and those that an officer has confirmed.

    Rows that merely have the same name, telephone or address may be somebody else's. `for_officer`: an officer hands
    it over, who may not read what is OFFICE_ONLY.
    """
    records = [row for row in records_of(request) if row.is_sure or row.key in request.confirmed_records]
    made = f"{request.get_kind_display()} {request.public_id}，{timezone.localtime():%Y-%m-%d %H:%M} 生成"
    values = [
        (row.label, row.organisation.name if row.organisation else "", label, value)
        for row in records
        for label, value in _values(row, OFFICE_ONLY if for_officer else {})
    ]
    views = [
        (
            row.label,
            timezone.localtime(view.at),
            "；".join(str(part) for part in view.changes.get("reason", []) if part),
        )
        for row in records
        if isinstance(row.row, Contact)
        for view in _views(row.row)
    ]
    texts = [
        (kind, about, timezone.localtime(at), text)
        for row in records
        if isinstance(row.row, User)
        for kind, about, at, text in own_texts(row.row)
    ]
    return write_sheets(
        [
            ("个人信息", ("记录", "单位", "项目", "内容"), values),
            ("查看记录", ("记录", "查看时间", "用途"), views),
            ("本人填写", ("类别", "关于", "时间", "内容"), texts),
        ],
        notes=[made],
    )


def _values(row: PersonRecord, hidden: Mapping[str, Collection[str]]) -> list[tuple[str, object]]:
    values = list(row.details)
    for name in FIELDS.get(row.kind, ()):
        field = row.row._meta.get_field(name)
        if name in hidden.get(row.kind, ()):
            values.append((str(field.verbose_name), "请向单位查询"))  # type: ignore[union-attr]
            continue
        value = getattr(row.row, name)
        display = getattr(row.row, f"get_{name}_display", None)
        value = "、".join(value) if isinstance(value, list) else display() if display else value
        value = timezone.localtime(value) if isinstance(value, datetime) else value
        values.append((str(field.verbose_name), value))  # type: ignore[union-attr]  # a field of the row's own
    return values


def _views(row: Model) -> list[AuditRecord]:
    label = row._meta.label_lower
    return list(AuditRecord.objects.filter(object_type=label, object_id=str(row.pk), action="查看联系方式")[:500])
