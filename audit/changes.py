"""What an edit changed, as the audit trail keeps it: field → [old, new], in words a person reads."""

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

LONGEST = 200


def changes_of(form, formsets=(), *, private=frozenset(), new: bool = False) -> dict[str, list]:
    """Field → [old, new] of a saved model form and its inline formsets. Private fields tell only that they changed.

    Inline rows appear under their model's name as a count and their labels.
    """
    changes = {name: _change(form, name, name in private, new) for name in form.changed_data if name in form.fields}
    for formset in formsets:
        removed = [str(row) for row in formset.deleted_objects]
        added = [str(row) for row in formset.new_objects]
        altered = [str(row) for row, _fields in formset.changed_objects]
        if removed or added or altered:
            changes[formset.model._meta.model_name] = [_join(removed + altered), _join(added + altered)]
    return changes


def kept(value):
    """A field's value as the trail keeps it: plain JSON, the start of a long text, of another record its name."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return [str(one) for one in value] if isinstance(value, list | tuple) else str(value)[:LONGEST]


def told(changes: dict) -> list[str]:
    """The changes of an audit record as lines to read: 字段：旧值 → 新值."""
    return [f"{field}：{_arrow(change)}" for field, change in changes.items()]


def _arrow(change):
    values = change if isinstance(change, list) and len(change) == 2 else [change]
    return " → ".join(_word(value) for value in values)


def _word(value):
    if value in (None, "", []):
        return _("空")
    if isinstance(value, list):
        return _join(value)
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return str(value)


def _change(form, name, is_private, new):
    if is_private:
        return [None, _("已填写") if new else _("已修改")]
    before = None if new else _said(form, name, form.get_initial_for_field(form.fields[name], name))
    return [before, _said(form, name, form.cleaned_data.get(name))]


def _said(form, name, value):
    """A JSON value for what a field held: labels for choices and related rows, the start of a long text."""
    queryset = getattr(form.fields[name], "queryset", None)
    if queryset is not None:
        return _related(queryset.model, value)
    choices = dict(getattr(form.fields[name], "flatchoices", None) or getattr(form.fields[name], "choices", None) or ())
    if isinstance(value, (list, tuple, set)):
        return _join(choices.get(one, one) for one in value)
    if value is None or isinstance(value, (bool, int)):
        return value
    return str(choices.get(value, value))[:LONGEST]


def _related(model, value):
    if value is None or value == "":
        return None
    if isinstance(value, Model):
        return str(value)[:LONGEST]
    if isinstance(value, (QuerySet, list, tuple, set)):
        rows = [row if isinstance(row, Model) else model._base_manager.get(pk=row) for row in value]
        return _join(rows)
    return str(model._base_manager.filter(pk=value).first() or value)[:LONGEST]


def _join(values):
    return "、".join(str(value) for value in values)[:LONGEST]
