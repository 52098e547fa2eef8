"""What an office does with a draft from documents: confirm, join, keep apart, add to an achievement, drop."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from achievements.models import Achievement
from achievements.services.editing import create_achievement
from achievements.services.importing import row_content
from achievements.sheet_columns import achievement_columns
from audit.services import record
from audit.transitions import transition
from core.stored_files import delete_after_commit
from drafting.confirmation import MOST_TYPED, typed_values
from drafting.field_readings import FIELD_KEYS
from drafting.likeness import bare_number
from drafting.models import DocumentDraft, DraftDocument
from drafting.services.documents import merge_fields

Status = DocumentDraft.Status
CLOSED = "这一份刚刚已经处理过了，请刷新页面。"
PERSON_KEYS = frozenset({"lead_person", "completers"})
STILL_READING = "还有文件正在读取，请稍候再试。"


@transaction.atomic
def save_typed(draft: DocumentDraft, typed: Mapping[str, str], confirmed: Collection[str], *, by: User) -> None:
    """Store what was typed and which fields were compared. Raises PermissionDenied, ValidationError."""
    row = _locked(draft, by)
    kept = {key: str(text)[: MOST_TYPED + 1] for key, text in typed.items() if key in FIELD_KEYS}
    typed_now = row.typed | kept
    row.typed = {key: text for key, text in typed_now.items() if text != row.fields.get(key, {}).get("text", "")}
    row.confirmed = [key for key in FIELD_KEYS if key in confirmed]
    row.save(update_fields=["typed", "confirmed", "moved_at"])
    draft.refresh_from_db()


@transaction.atomic
def create_draft(draft: DocumentDraft, *, non_secret: bool, by: User) -> Achievement:
    """A draft achievement from the confirmed fields; the documents stay with it, for the office only.

    Raises PermissionDenied; ValidationError by field key, `non_secret` included.
    """
    row = _locked(draft, by)
    errors: dict[str, Any] = {}
    values: dict[str, Any] = {}
    try:
        values = typed_values(row, by=by)
    except ValidationError as error:
        errors = dict(error.message_dict)
    if not non_secret:
        errors["non_secret"] = ["请确认不涉及国家秘密、可以公开。涉密成果不能录入本平台。"]
    if errors:
        raise ValidationError(errors)
    empty = {column.key: column.empty for column in achievement_columns()}
    content = row_content(empty | values, values.keys())
    rights = content.detail_rows.get("intellectual_property", [])
    titles = {bare_number(number): title for document in row.documents.all() for number, title in document.rights}
    for right in rights:
        if title := titles.get(bare_number(right["number"])):
            right["title"] = title
    achievement = create_achievement(content.fields, by=by, detail_rows=content.detail_rows)
    _use(row, Status.DRAFTED, achievement, "从文件建成草稿", by)
    draft.refresh_from_db()
    return achievement


@transaction.atomic
def add_to_achievement(draft: DocumentDraft, achievement: Achievement, *, by: User) -> None:
    """Keep the documents with an achievement of the same institution; its fields stay as they are.

    Raises PermissionDenied, ValidationError.
    """
    row = _locked(draft, by)
    if achievement.institution_id != row.institution_id:
        raise PermissionDenied("只能加到本单位的成果。")
    _use(row, Status.ADDED, achievement, "文件加到已有成果", by)
    draft.refresh_from_db()


def _use(row: DocumentDraft, status: str, achievement: Achievement, action: str, by: User) -> None:
    """Close a draft. Names of persons leave it: from now on they stand in the achievement only."""
    fields = {key: field for key, field in row.fields.items() if key not in PERSON_KEYS}
    typed = {key: text for key, text in row.typed.items() if key not in PERSON_KEYS}
    names = "、".join(document.name for document in row.documents.with_file())
    transition(
        row,
        when={"status": Status.OPEN},
        values={"status": status, "achievement": achievement, "fields": fields, "typed": typed},
        refusal=CLOSED,
        action=action,
        by=by,
    )
    record(action, achievement, by=by, changes={"source": [None, names]})


@transaction.atomic
def join_drafts(draft: DocumentDraft, other: DocumentDraft, *, by: User) -> None:
    """Move the documents of `other` to `draft`, and what they say. Raises PermissionDenied, ValidationError."""
    keys = sorted((draft.pk, other.pk))
    if len(set(keys)) < 2:
        raise ValidationError("请选择另一份。")
    locked = {row.pk: row for row in DocumentDraft.objects.filter(pk__in=keys).order_by("pk").select_for_update()}
    row, joined = (_checked(locked.get(each.pk), by) for each in (draft, other))
    if row.institution_id != joined.institution_id:
        raise PermissionDenied("只能合并本单位的。")
    if DraftDocument.objects.filter(draft__in=keys, status=DraftDocument.Status.READING).exists():
        raise ValidationError(STILL_READING)
    merge_fields(row, joined.fields)
    row.typed = joined.typed | row.typed
    row.save(update_fields=["fields", "typed", "moved_at"])
    joined.documents.update(draft=row)
    transition(
        joined,
        when={"status": Status.OPEN},
        values={"status": Status.JOINED},
        refusal=CLOSED,
        action="并入另一份",
        by=by,
    )
    draft.refresh_from_db()


@transaction.atomic
def keep_apart(draft: DocumentDraft, other: DocumentDraft, *, by: User) -> None:
    """Remember that both are about different achievements. Raises PermissionDenied, ValidationError."""
    for row, name in ((draft, other.public_id), (other, draft.public_id)):
        locked = _locked(row, by)
        locked.kept_apart = [*locked.kept_apart, name][-100:]
        locked.save(update_fields=["kept_apart", "moved_at"])


@transaction.atomic
def drop_draft(draft: DocumentDraft, *, by: User) -> None:
    """Put a draft away and delete its files. Raises PermissionDenied, ValidationError."""
    row = _locked(draft, by)
    transition(
        row,
        when={"status": Status.OPEN},
        values={"status": Status.DROPPED},
        refusal=CLOSED,
        action="不用这份起草",
        by=by,
    )
    DocumentDraft.objects.filter(pk=row.pk).update(fields={}, typed={}, confirmed=[])
    delete_after_commit(*(document.file for document in row.documents.with_file()))
    row.documents.update(file="", rights=[], personal=[])
    draft.refresh_from_db()


def _locked(draft: DocumentDraft, by: User) -> DocumentDraft:
    return _checked(DocumentDraft.objects.select_for_update().filter(pk=draft.pk).first(), by)


def _checked(row: DocumentDraft | None, by: User) -> DocumentDraft:
    if row is None or row.institution_id not in by.scope.institution_ids:
        raise PermissionDenied("这一份不是您单位的。")
    if not row.is_open:
        raise ValidationError(CLOSED)
    return row
