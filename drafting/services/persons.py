"""The name of a person in a draft and its documents: whether it stands there, and its deletion at the person's wish."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction

from accounts.models import ERASED_NAME, User
from audit.services import record
from core.stored_files import delete_after_commit
from drafting.models import DocumentDraft
from drafting.services.drafts import PERSON_KEYS


def named_fields(draft: DocumentDraft, name: str) -> list[str]:
    """Keys of the fields in which the person stands; a longer name that contains this one is another person."""
    longer = _longer_names(draft, name)
    values = {key: [draft.fields.get(key), draft.typed.get(key)] for key in [*draft.fields, *draft.typed]}
    return [key for key, value in values.items() if value != _scrubbed(value, name, longer)]


@transaction.atomic
def erase_person(draft: DocumentDraft, name: str, *, by: User) -> None:
    """Take the name out of what was read and typed, and delete the documents that it was read in."""
    row = DocumentDraft.objects.select_for_update().get(pk=draft.pk)
    longer = _longer_names(row, name)
    documents = [each for each in row.documents.all() if _is_read_in(row, each.public_id, name) or name in each.name]
    row.typed, row.fields = (_cleaned(values, name, longer) for values in (row.typed, row.fields))
    row.save(update_fields=["fields", "typed", "moved_at"])
    for document in documents:
        delete_after_commit(document.file)
        document.name = replace_names(document.name, [name])[:200]
        document.file = ""
        document.rights = _scrubbed(document.rights, name, longer)
        document.save(update_fields=["name", "file", "rights"])
    record("删除个人信息", row, by=by, changes={"documents": [len(documents), 0]})


def replace_names(text: str, names: Iterable[str], *, keep: Iterable[str] = ()) -> str:
    """The text with ERASED_NAME for each of the names, but not within those to keep."""
    kept = sorted(keep, key=len, reverse=True)
    pattern = "|".join(map(re.escape, [*kept, *sorted(names, key=len, reverse=True)]))
    return re.sub(pattern, lambda hit: hit[0] if hit[0] in kept else ERASED_NAME, text)


def _is_read_in(draft: DocumentDraft, document: str, name: str) -> bool:
    readings = (reading for field in draft.fields.values() for reading in (field, *field.get("others", ())))
    return any(
        name in f"{reading.get('text', '')}{reading.get('quotation', '')}" and reading.get("document") == document
        for reading in readings
    )


def _longer_names(draft: DocumentDraft, name: str) -> set[str]:
    texts = [str(draft.typed.get(key, "")) for key in PERSON_KEYS]
    texts += [draft.fields.get(key, {}).get("text", "") for key in PERSON_KEYS]
    return {each for text in texts for each in _persons(text) if name in each and each != name}


def _persons(text: str) -> Iterator[str]:
    return (re.split(r"[（(]", part)[0].strip() for part in re.split(r"[；;、，,\n]+", text))


def _cleaned(values: dict[str, Any], name: str, longer: set[str]) -> dict[str, Any]:
    """Of fields or typed texts: the person is left out of lists of persons, and replaced in all other texts."""
    cleaned = {}
    for key, value in values.items():
        if key in PERSON_KEYS and isinstance(value, dict):
            others = [{**other, "text": _left_out(other.get("text", ""), name)} for other in value.get("others", ())]
            value = {**value, "text": _left_out(value.get("text", ""), name)}
            value["others"] = [other for other in others if other["text"]]
        elif key in PERSON_KEYS:
            value = _left_out(str(value), name)
        cleaned[key] = _scrubbed(value, name, longer)
    return cleaned


def _left_out(text: str, name: str) -> str:
    parts = re.split(r"[；;\n]+" if re.search(r"[；;\n]", text) else r"[、，,]+", text)
    return "；".join(part.strip() for part in parts if part.strip() and next(_persons(part)) != name)


def _scrubbed(value: Any, name: str, longer: set[str]) -> Any:
    """The same JSON with the name replaced in every text."""
    if isinstance(value, str):
        return replace_names(value, [name], keep=longer)
    if isinstance(value, list):
        return [_scrubbed(each, name, longer) for each in value]
    if isinstance(value, dict):
        return {key: _scrubbed(each, name, longer) for key, each in value.items()}
    return value
