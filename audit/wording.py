"""Audit records in words: 状态：草拟 → 已提交, 金额：120 万元 → 150 万元. No keys, codes or primary keys.

The trail stores a value as it was: the label of a choice or its code, the name of a row or its id. What it shows is
worked out here, once for all pages: from the model's fields, and for what is no field from `change_words`.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import CharField, Field, ForeignKey, JSONField, Model, Q, TextField
from django.utils import timezone

from audit.change_words import KEY_LABELS, VALUE_WORDS
from audit.models import AuditRecord

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from core.scope import ScopedUser

    type Reader = ScopedUser | AnonymousUser

MAX_TRAIL = 200
OTHER = "其他内容"
"""Label of a key that no field and no word explains; a test finds such keys before a reader does."""
HIDDEN_ROW = "（您不能查看的记录）"
NAMELESS = "（一条记录）"
"""In place of the id of a record that no foreign key explains."""
_ID = re.compile(r"[0-9a-z]{10}|\d{1,19}")
_PUBLIC_ID = re.compile(r"(?=[a-z]*\d)(?=\d*[a-z])[0-9a-z]{10}")
_SUBJECT = re.compile(r"([a-z -]+) [0-9a-z]{10}")
_CHECKSUM = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([+-]\d{2}:?\d{2}|Z)?")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_UNIT = re.compile(r"[（(]万元[）)]")

type RowNames = Mapping[tuple[type[Model], str], str]


def describe_record(entry: AuditRecord, reader: "Reader") -> list[str]:
    """`describe_records` of one record."""
    return describe_records([entry], reader)[entry.pk]


def describe_records(entries: Collection[AuditRecord], reader: "Reader") -> dict[int, list[str]]:
    """{pk of the record: a line of text for each change}. One query for each model that changed values refer to."""
    model_of = {entry.pk: _model(entry.object_type) for entry in entries}
    names = _row_names(((model_of[entry.pk], entry.changes) for entry in entries), reader)
    return {entry.pk: _lines(entry.changes, model_of[entry.pk], names) for entry in entries}


def trail_of(rows: Iterable[Model], reader: "Reader") -> list[tuple[AuditRecord, list[str]]]:
    """The records of these rows that the reader may see, the newest first, with their changes as lines of text."""
    keys = Q(pk__in=[])
    for row in rows:
        keys |= Q(object_type=row._meta.label_lower, object_id=str(row.pk))
    entries = list(AuditRecord.objects.visible_to(reader).filter(keys)[:MAX_TRAIL])
    lines = describe_records(entries, reader)
    return [(entry, lines[entry.pk]) for entry in entries]


def describe_changes(changes: Mapping[str, object], model: type[Model] | None, reader: "Reader") -> list[str]:
    """The changes of one record as lines of text: 字段：旧值 → 新值. `model`: of the object that was changed."""
    return _lines(changes, model, _row_names([(model, changes)], reader))


def object_kind(entry: AuditRecord) -> str:
    """What the record is about, for example 技术合同."""
    model = _model(entry.object_type)
    return str(model._meta.verbose_name) if model else OTHER


def change_label(key: str, model: type[Model] | None) -> str:
    """What readers call a key of `changes`; OTHER if nothing explains it."""
    if field := _field(model, key):
        return _UNIT.sub("", str(field.verbose_name))
    if related := _related_model(model, key) or _models_by_name().get(key):
        return str(related._meta.verbose_name)
    if key in KEY_LABELS:
        return KEY_LABELS[key]
    return key if _CHINESE.search(key) else OTHER


# --- Lines -------------------------------------------------------------------------------------------------------
def _lines(changes: Mapping[str, object], model: type[Model] | None, names: RowNames) -> list[str]:
    return [f"{change_label(key, model)}：{_change_text(change, model, key, names)}" for key, change in changes.items()]


def _change_text(change: object, model: type[Model] | None, key: str, names: RowNames) -> str:
    old, new = change if isinstance(change, list) and len(change) == 2 else (None, change)
    if _is_marker(model, key, new):
        return "已修改"
    new_text = _value_text(new, model, key, names)
    if not isinstance(change, list) or len(change) != 2:
        return new_text
    return f"{_value_text(old, model, key, names)} → {new_text}"


def _is_marker(model: type[Model] | None, key: str, value: object) -> bool:
    """Whether the record only says that a structured field has changed."""
    return value is True and isinstance(_field(model, key), JSONField)


def _value_text(value: object, model: type[Model] | None, key: str, names: RowNames) -> str:
    if value in (None, "", [], {}):
        return "空"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        return f"{len(value)} 项"
    if isinstance(value, list):
        return "、".join(_value_text(element, model, key, names) for element in value)
    field, text = _field(model, key), str(value)
    if isinstance(field, ForeignKey) and _ID.fullmatch(text):
        return names.get((_target(field), text), HIDDEN_ROW)
    if key.endswith("_wan"):
        return _money_text(text)
    if isinstance(value, int) and isinstance(field, TextField | CharField) and not field.flatchoices:
        return f"{value} 字"  # the trail keeps only how long it was
    return _choice_label(model, field, key, text) or _plain_text(key, text)


def _choice_label(model: type[Model] | None, field: Field | None, key: str, text: str) -> str | None:
    """The label of a code: of the field's choices, of `change_words`, or of fields with this name in the same app."""
    choices = {str(value): str(label) for value, label in field.flatchoices} if field is not None else {}
    words = VALUE_WORDS.get(key, {})
    if label := choices.get(text) or words.get(text):
        return label
    if model is None or (field is not None and not field.flatchoices):
        return None
    return _choices_in_app(model._meta.app_label, key).get(text)


def _plain_text(key: str, text: str) -> str:
    """Text of a user as it is; dates in Chinese; in place of ids and checksums what they stand for."""
    if subject := _SUBJECT.fullmatch(text):
        return VALUE_WORDS.get(key, {}).get(subject[1], NAMELESS)
    if _CHECKSUM.fullmatch(text):
        return "（校验值）"
    return NAMELESS if _PUBLIC_ID.fullmatch(text) else _time_text(text)


def _money_text(text: str) -> str:
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return text
    return f"{amount:,.2f}".rstrip("0").rstrip(".") + " 万元"


def _time_text(text: str) -> str:
    try:
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text)
            return f"{day.year}年{day.month}月{day.day}日"
        if _MOMENT.fullmatch(text):
            at = datetime.fromisoformat(text)
            at = timezone.localtime(at) if timezone.is_aware(at) else at
            return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"
    except ValueError:
        return text
    return text


# --- Rows that values refer to -----------------------------------------------------------------------------------
def _row_names(
    sources: Iterable[tuple[type[Model] | None, Mapping[str, object]]], reader: "Reader"
) -> dict[tuple[type[Model], str], str]:
    """{(model, id in the trail): name} of the related rows that the reader may see."""
    wanted: dict[type[Model], set[str]] = defaultdict(set)
    for model, changes in sources:
        for key, change in changes.items():
            if isinstance(field := _field(model, key), ForeignKey):
                values = change if isinstance(change, list) else [change]
                wanted[_target(field)] |= {str(value) for value in values if _ID.fullmatch(str(value))}
    names = {}
    for target, ids in wanted.items():
        for row_id, name in _visible_names(target, ids, reader):
            names[target, row_id] = name
    return names


def _visible_names(model: type[Model], ids: set[str], reader: "Reader") -> list[tuple[str, str]]:
    """(id, name) of the rows with these public ids or primary keys, as the trail itself names rows."""
    from audit.services import audit_label

    manager: Any = model._default_manager
    rows = manager.visible_to(reader) if hasattr(manager.all(), "visible_to") else manager.all()
    keys = {int(row_id) for row_id in ids if row_id.isdigit()}
    named = [(str(row.pk), audit_label(row)) for row in rows.filter(pk__in=keys)] if keys else []
    if any(field.name == "public_id" for field in model._meta.concrete_fields):
        named += [(row.public_id, audit_label(row)) for row in rows.filter(public_id__in=ids)]
    return named


# --- Models ------------------------------------------------------------------------------------------------------
def _model(object_type: str) -> type[Model] | None:
    """The model of an audit record; None if a later version has removed it."""
    try:
        return apps.get_model(object_type)
    except (LookupError, ValueError):
        return None


def _field(model: type[Model] | None, key: str) -> Field | None:
    fields = model._meta.concrete_fields + model._meta.many_to_many if model else ()
    return next((field for field in fields if field.name == key), None)


def _target(field: ForeignKey) -> type[Model]:
    return field.related_model  # type: ignore[return-value]  # a string only while models are loading


def _related_model(model: type[Model] | None, key: str) -> type[Model] | None:
    """The model whose rows a reverse relation of that name holds."""
    relations = model._meta.related_objects if model else ()
    return next((relation.related_model for relation in relations if relation.get_accessor_name() == key), None)


@cache
def _choices_in_app(app_label: str, key: str) -> dict[str, str]:
    """Code → label of all choices that fields of this name have in an app, for records about a row of another model."""
    fields = (_field(model, key) for model in apps.get_app_config(app_label).get_models())
    return {str(value): str(label) for field in fields if field is not None for value, label in field.flatchoices}


@cache
def _models_by_name() -> dict[str, type[Model]]:
    """Model name → model, for the rows of a form that `changes_of` records under their model's name."""
    return {model._meta.model_name: model for model in apps.get_models() if model._meta.model_name}
