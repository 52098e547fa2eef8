"""Changes of an edit as audit records store them: field → [old, new], as text for readers."""

from collections.abc import Collection, Iterable

from django.db.models import Model, QuerySet
from django.forms import BaseModelFormSet, ModelForm

from audit.services import audit_label

MAX_LENGTH = 200

type AuditValue = str | int | float | bool | list[str] | None


def changes_of(
    form: ModelForm,
    formsets: Iterable[BaseModelFormSet] = (),
    *,
    private: Collection[str] = frozenset(),
    new: bool = False,
) -> dict[str, list]:
    """Field → [old, new] of a saved model form and its inline formsets.

    `private` fields are recorded as changed, without their values. Inline rows appear under their model's name with
    their labels. `new`: the object was created, so there are no old values.
    """
    changes = {name: _change(form, name, name in private, new) for name in form.changed_data if name in form.fields}
    return changes | changes_of_rows(formsets)


def changes_of_rows(formsets: Iterable[BaseModelFormSet]) -> dict[str, list]:
    """Model name → [old, new] labels of the rows that saved formsets removed, added or altered."""
    changes: dict[str, list] = {}
    for formset in formsets:
        removed = [audit_label(row) for row in formset.deleted_objects]
        added = [audit_label(row) for row in formset.new_objects]
        altered = [audit_label(row) for row, _fields in formset.changed_objects]
        if removed or added or altered:
            changes[formset.model._meta.model_name] = [_join(removed + altered), _join(added + altered)]
    return changes


def audit_value(value: object) -> AuditValue:
    """A field's value as JSON: numbers and booleans as they are, else text of at most 200 characters."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return [str(element) for element in value] if isinstance(value, list | tuple) else str(value)[:MAX_LENGTH]


def _change(form: ModelForm, name: str, is_private: bool, new: bool) -> list:
    if is_private:
        return [None, "已填写" if new else "已修改"]
    before = None if new else _display_value(form, name, form.get_initial_for_field(form.fields[name], name))
    return [before, _display_value(form, name, form.cleaned_data.get(name))]


def _display_value(form: ModelForm, name: str, value: object) -> AuditValue:
    """A field's value as JSON: labels of choices and related rows, the beginning of a long text."""
    queryset = getattr(form.fields[name], "queryset", None)
    if queryset is not None:
        return _related_labels(queryset.model, value)
    choices = dict(getattr(form.fields[name], "flatchoices", None) or getattr(form.fields[name], "choices", None) or ())
    if isinstance(value, (list, tuple, set)):
        return _join(choices.get(element, element) for element in value)
    if value is None or isinstance(value, (bool, int)):
        return value
    return str(choices.get(value, value))[:MAX_LENGTH]


def _related_labels(model: type[Model], value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, Model):
        return str(value)[:MAX_LENGTH]
    if isinstance(value, (QuerySet, list, tuple, set)):
        rows = [row if isinstance(row, Model) else model._base_manager.get(pk=row) for row in value]
        return _join(rows)
    return str(model._base_manager.filter(pk=value).first() or value)[:MAX_LENGTH]


def _join(values: Iterable) -> str:
    return "、".join(str(value) for value in values)[:MAX_LENGTH]
