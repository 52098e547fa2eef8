"""Changes of a published record that wait for a review: the record keeps its text until an officer accepts them.

`Revision` is the abstract model. `before` and `after` map each changed field to its value as JSON, so that the record
can be compared with what the author started from. Rows of a related model (indicators) stand under the name of their
relation, as a list of {field: text}.
"""

import difflib
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Model, Q
from django.utils import timezone

from audit.transitions import constraint_message, transition
from core.public_id import new_public_id

type JsonValues = dict[str, Any]
REASON_LENGTH, AUDIT_LENGTH = 300, 200
REPLACED = "这份修改刚刚被替换或处理过。请刷新页面，看过最新的内容再处理。"
_CLAUSES = re.compile(r"[^。；，、！？;,\n]*[。；，、！？;,\n]?")
_WORDS = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
LEAST_ALIKE = 0.6
"""Clauses at least so alike are compared word by word; others are shown as replaced."""
MOST_WORDS = 2000
"""Characters of both sides; longer replacements are not compared word by word, which takes long."""


class RevisionQuerySet(models.QuerySet):
    def pending(self) -> Self:
        """Not decided yet: at most one for each record."""
        return self.filter(status=Revision.Status.PENDING)


class Revision(models.Model):
    """Proposed values of a record, against the values that the author saw."""

    class Status(models.TextChoices):
        PENDING = "pending", "待审核"
        ACCEPTED = "accepted", "已批准"
        RETURNED = "returned", "已退回"
        WITHDRAWN = "withdrawn", "已撤回"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    before = models.JSONField("原来的内容", default=dict, editable=False)
    after = models.JSONField("修改后的内容", default=dict, editable=False)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.PENDING, editable=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name="提交人"
    )
    proposed_at = models.DateTimeField("提交时间", auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="处理人"
    )
    decided_at = models.DateTimeField("处理时间", null=True, editable=False)
    reason = models.CharField("退回原因", max_length=REASON_LENGTH, blank=True, editable=False)

    class Meta:
        abstract = True
        ordering = ["-proposed_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.subject}（修改）"

    @property
    def subject(self) -> Model:
        """The record that the revision changes."""
        raise NotImplementedError

    @property
    def changed_fields(self) -> "list[ChangedField]":
        return compare(type(self.subject), self.before, self.after)


def revision_constraints(subject: str, *, message: str) -> list[models.BaseConstraint]:
    """The constraints of a concrete revision of `subject`, the name of its foreign key.

    `message` is shown if a second pending revision of one record is stored.
    """
    return [
        models.UniqueConstraint(
            fields=[subject],
            condition=Q(status="pending"),
            name=f"{subject}_revision_pending_once",
            violation_error_message=message,
        ),
        models.CheckConstraint(
            condition=Q(status="pending", decided_by=None, decided_at=None)
            | ~Q(status="pending") & Q(decided_by__isnull=False, decided_at__isnull=False),
            name=f"{subject}_revision_decided_iff_by_and_at",
            violation_error_message="处理过的修改须有处理人和时间。",
        ),
        models.CheckConstraint(
            condition=~Q(status="returned") | ~Q(reason=""),
            name=f"{subject}_revision_returned_with_reason",
            violation_error_message="退回修改须写明原因。",
        ),
    ]


def version_of(record: Model, revision: Revision | None) -> str:
    """Identifies what a form shows: the stored record, by its `updated_at`, and the change that waits, if any."""
    moment: datetime = record.updated_at  # type: ignore[attr-defined]  # each revised model has it
    text = f"{moment.isoformat()} {revision.public_id if revision else ''}"
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def decide(revision: Revision, status: str, *, by: AbstractBaseUser, action: str, reason: str = "") -> None:
    """End a pending revision. Raises ValidationError if it was replaced or decided meanwhile."""
    transition(
        revision,
        when={"status": Revision.Status.PENDING},
        values={"status": status, "decided_by": by, "decided_at": timezone.now(), "reason": reason},
        refusal=REPLACED,
        action=action,
        by=by,
        changes={"status": [Revision.Status.PENDING, status]},
    )


def store(revision: Revision) -> None:
    """Insert a pending revision. Raises ValidationError if the record has one already."""
    try:
        with transaction.atomic():
            revision.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, type(revision))) from None


def audit_changes(revision: Revision) -> dict[str, list[str]]:
    """The changes of a revision for the audit trail."""
    return {
        field.name: ["".join(part.text for part in side)[:AUDIT_LENGTH] for side in (field.before, field.after)]
        for field in revision.changed_fields
    }


# --- Values ----------------------------------------------------------------------------------------------------------
def json_values(row: Model, fields: Iterable[str]) -> JsonValues:
    """The values of these fields as JSON, equal if and only if the stored values are."""
    return {name: _json_value(row, name) for name in fields}


def json_rows(rows: Iterable[Model], fields: Sequence[str]) -> list[dict[str, str]]:
    """Rows of a related model as JSON, in their order."""
    return [{field: str(getattr(row, field)) for field in fields} for row in rows]


def set_json_values(row: Model, values: Mapping[str, Any]) -> None:
    """Set fields of an instance from their JSON. Names that are no fields (related rows) are left out."""
    for name, value in values.items():
        field = _field(type(row), name)
        if field is not None:
            setattr(row, field.attname, value if field.is_relation else field.to_python(value))


def changed_values(before: JsonValues, after: JsonValues) -> tuple[JsonValues, JsonValues]:
    """Both sides with only those fields in which they differ."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}


def _json_value(row: Model, name: str) -> Any:
    field: Any = row._meta.get_field(name)
    value = getattr(row, field.attname)
    if isinstance(value, Decimal):
        return f"{value:.{field.decimal_places}f}"
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, list | tuple) else value


def _field(model: type[Model], name: str) -> Any:
    """The concrete field, or None for a relation to many rows."""
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if field.concrete else None


# --- Comparison ------------------------------------------------------------------------------------------------------
class Segment(NamedTuple):
    """A part of a text. `changed`: the other side does not have it."""

    text: str
    changed: bool


class ChangedField(NamedTuple):
    name: str
    label: str
    before: list[Segment]
    after: list[Segment]


def compare(model: type[Model], before: JsonValues, after: JsonValues) -> list[ChangedField]:
    """Each changed field with its label and both texts, in the order of `after`."""
    rows = []
    for name, value in after.items():
        old, new = _segments(field_text(model, name, before.get(name)), field_text(model, name, value))
        rows.append(ChangedField(name, field_label(model, name), old, new))
    return rows


def field_label(model: type[Model], name: str) -> str:
    """The name of the field for readers; for related rows that of their model."""
    field: Any = model._meta.get_field(name)
    return str(field.verbose_name if field.concrete else field.related_model._meta.verbose_name_plural)


def field_text(model: type[Model], name: str, value: Any) -> str:
    """A JSON value for readers: labels of choices and related rows, one line for each row."""
    if value in (None, "", []):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    field: Any = _field(model, name)
    if field is None:
        related: Any = model._meta.get_field(name).related_model
        return "\n".join(str(related(**row)) for row in value)
    if field.is_relation:
        return str(field.related_model._base_manager.filter(pk=value).first() or value)
    source = field.base_field if isinstance(field, ArrayField) else field
    labels = dict(source.flatchoices or ())
    values = value if isinstance(value, list) else [value]
    return "、".join(str(labels.get(element, element)) for element in values)


def _segments(before: str, after: str) -> tuple[list[Segment], list[Segment]]:
    """Both texts in parts, compared clause by clause, and clauses that are alike word by word."""
    old, new = _CLAUSES.findall(before), _CLAUSES.findall(after)
    left: list[Segment] = []
    right: list[Segment] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        before_part, after_part = "".join(old[old_from:old_to]), "".join(new[new_from:new_to])
        if tag == "replace" and len(before_part) + len(after_part) <= MOST_WORDS:
            _append_words(left, right, before_part, after_part)
        else:
            _append(left, before_part, tag != "equal")
            _append(right, after_part, tag != "equal")
    return left, right


def _append_words(left: list[Segment], right: list[Segment], before: str, after: str) -> None:
    """A Chinese character counts as a word, as do a number and a word in Latin letters."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < LEAST_ALIKE:
        _append(left, before, True)
        _append(right, after, True)
        return
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        _append(left, "".join(old[old_from:old_to]), tag != "equal")
        _append(right, "".join(new[new_from:new_to]), tag != "equal")


def _append(segments: list[Segment], text: str, changed: bool) -> None:
    if text:
        segments.append(Segment(text, changed))
