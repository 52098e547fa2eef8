"""Set one value for many achievements: a preview first, then the change, then its undo."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Contact, User
from achievements.models import Achievement
from achievements.permissions import represents_institution
from achievements.services.editing import editable_statuses, update_achievement
from audit.revisions import field_text, json_values, set_json_values
from audit.services import record
from audit.transitions import transition
from portfolio.models import BulkEdit, BulkEditRow

MOST_AT_ONCE = 200
BULK_FIELDS = {
    "college": ("学院", ("college",)),
    "contact": ("联系人", ("contact",)),
    "transfer_ways": ("拟转化方式", ("transfer_ways",)),
    "price": ("意向价格", ("price_min_wan", "price_max_wan", "price_negotiable")),
    "pay_later": ("可先使用后付费", ("pay_later",)),
    "expires_on": ("有效期至", ("expires_on",)),
}
"""What can be set for many: nothing that the city reviews."""


class PreviewRow(NamedTuple):
    """before, after: the values as readers see them. problem: why the row would be left out."""

    achievement: Achievement
    before: str
    after: str
    problem: str = ""

    @property
    def changes(self) -> bool:
        return not self.problem and self.before != self.after


class BulkResult(NamedTuple):
    bulk_edit: BulkEdit | None
    changed: int
    refused: list[str]
    """A sentence for each achievement that was not changed although it should have been."""


def preview(rows: Iterable[Achievement], values: dict[str, Any], *, by: User) -> list[PreviewRow]:
    """What `edit_many` would do with each achievement. Writes nothing."""
    return [
        PreviewRow(row, _text(row, list(values)), _text_after(row, values), _problem(row, values, by)) for row in rows
    ]


@transaction.atomic
def edit_many(rows: Iterable[Achievement], values: dict[str, Any], *, by: User) -> BulkResult:
    """Set the values for each achievement of the actor's institutions that may be edited, and keep what stood there.

    Raises PermissionDenied if one of them is another institution's.
    """
    rows = list(rows)
    if any(not represents_institution(row, by) for row in rows):
        raise PermissionDenied("选中的成果里有不是您单位的。")
    names, refused, changed = list(values), [], []
    for row in sorted(rows, key=lambda row: row.pk):  # locked in the order of the keys, so that two do not deadlock
        before = json_values(row, names)
        if problem := _problem(row, values, by):
            refused.append(f"“{row}”：{problem}")
            continue
        try:
            with transaction.atomic():
                after = json_values(update_achievement(row, values, by=by, seen_at=row.updated_at), names)
        except ValidationError as error:
            refused.append(f"“{row}”：{'；'.join(error.messages)}")
            continue
        if before != after:
            changed.append(BulkEditRow(achievement=row, before=before, after=after))
    if not changed:
        return BulkResult(None, 0, refused)
    edit = BulkEdit.objects.create(fields=names, made_by=by)
    for entry in changed:
        entry.bulk_edit = edit
    BulkEditRow.objects.bulk_create(changed)
    record("批量修改", edit, by=by, changes={"count": [None, len(changed)]})
    return BulkResult(edit, len(changed), refused)


@transaction.atomic
def undo_edit(edit: BulkEdit, *, by: User) -> BulkResult:
    """Put back what stood there before. An achievement whose value was changed since keeps it and is named."""
    if edit.made_by_id != by.pk:
        raise PermissionDenied("只有修改的人可以撤销。")
    transition(
        edit,
        when={"undone_at": None},
        values={"undone_at": timezone.now()},
        refusal="这次批量修改已经撤销过了。",
        action="撤销批量修改",
        by=by,
    )
    refused, undone = [], 0
    for entry in edit.rows.select_related("achievement").order_by("achievement"):
        row = entry.achievement
        if json_values(row, edit.fields) != entry.after:
            refused.append(f"“{row}”：批量修改以后又改过，保留现在的值")
            continue
        earlier = Achievement()
        set_json_values(earlier, entry.before)
        values = {name: _value(earlier, name) for name in edit.fields}
        try:
            with transaction.atomic():
                update_achievement(row, values, by=by, seen_at=row.updated_at)
            undone += 1
        except (ValidationError, PermissionDenied) as error:
            refused.append(f"“{row}”：{'；'.join(getattr(error, 'messages', [str(error)]))}")
    return BulkResult(edit, undone, refused)


def _problem(row: Achievement, values: dict[str, Any], by: User) -> str:
    if row.status not in editable_statuses(row, by):
        return f"现在是“{row.get_status_display()}”，不能修改"
    contact = values.get("contact")
    if isinstance(contact, Contact) and contact.organisation_id != row.institution_id:
        return "联系人不是这个单位的"
    return ""


def _value(row: Achievement, name: str) -> Any:
    """The value of a field; of a foreign key the related row."""
    return getattr(row, name)


def _text(row: Achievement, names: list[str]) -> str:
    if "price_min_wan" in names:
        return row.price_text
    if "contact" in names:
        return f"{row.contact.masked_name} {row.contact.masked_phone}" if row.contact else "没有"
    values = json_values(row, names)
    return "；".join(field_text(Achievement, name, value) for name, value in values.items()) or "没有"


def _text_after(row: Achievement, values: dict[str, Any]) -> str:
    changed = Achievement(**values)
    return _text(changed, list(values))
