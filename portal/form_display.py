"""Display of a long form with formsets: an extra blank row, the list of errors with links, a comparison of versions.

Such a form has `.sections`, each with a title, its fields, an optional formset and fields under 更多 (`more`).
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.forms import BoundField, CheckboxInput, Form
from django.forms.formsets import BaseFormSet
from django.http import QueryDict


class FormError(NamedTuple):
    text: str
    anchor: str = ""
    """HTML id of the control; empty for errors of the whole form, formset or row."""


class FieldDifference(NamedTuple):
    label: str
    stored: str
    typed: str


def with_extra_row(data: QueryDict, prefix: str) -> QueryDict:
    """The posted data with one more blank row in the formset of that prefix; unchanged for an unknown prefix."""
    data, name = data.copy(), f"{prefix}-TOTAL_FORMS"
    if data.get(name, "").isdecimal():
        data[name] = str(int(data[name][:4]) + 1)
    return data


def set_bound_value(form: Form, name: str, value: str) -> None:
    """Replace the value of one field of a bound form, for the next time it is shown."""
    data: dict[str, Any] | QueryDict = form.data.copy() if isinstance(form.data, QueryDict) else dict(form.data)
    data[form.add_prefix(name)] = value
    form.data = data


def without_errors(form: Form) -> Form:
    """The bound form with its values but without errors: a user who adds a row has not finished the form.

    The form is validated first, which for a ModelForm also writes the values to its instance (unsaved).
    """
    form.errors.clear()
    for formset in _formsets(form):
        formset.non_form_errors().clear()
        for row in formset.forms:
            row.errors.clear()
    return form


def form_errors(form: Form) -> list[FormError]:
    """All errors of a bound form in the order of the page, errors of the whole form first."""
    messages = [*form.non_field_errors(), *(message for field in form.hidden_fields() for message in field.errors)]
    return [FormError(message) for message in messages] + list(_section_errors(form))


def _section_errors(form: Form) -> Iterator[FormError]:
    for section in form.sections:
        for field in fields_of(section):
            yield from _field_errors(field, str(field.label))
        if section.formset is None:
            continue
        title = section.formset.title
        yield from (FormError(f"{title}：{message}") for message in section.formset.non_form_errors())
        for number, row in enumerate(section.formset.forms, start=1):
            place = f"{title}第 {number} 行"
            yield from (FormError(f"{place}：{message}") for message in row.non_field_errors())
            for field in row:
                yield from _field_errors(field, f"{place}“{field.label}”")


def fields_of(section: Any) -> list[BoundField]:
    """All fields of a section, with those under 更多."""
    return [*section.fields, *getattr(section, "more", ())]


def _field_errors(field: BoundField, place: str) -> Iterator[FormError]:
    anchor = field.id_for_label or field.auto_id
    return (FormError(f"{place}：{message}", anchor) for message in field.errors)


def differences(typed: Form, stored: Form) -> list[FieldDifference]:
    """Compare a form as typed with a form of the stored record. Contact fields are masked, so they are left out."""
    differing = []
    for typed_section, stored_section in zip(typed.sections, stored.sections, strict=True):
        pairs = zip(fields_of(typed_section), fields_of(stored_section), strict=True)
        differing += [
            FieldDifference(str(stored_field.label), display_value(stored_field), display_value(typed_field))
            for typed_field, stored_field in pairs
            if not stored_field.name.startswith("contact") and display_value(stored_field) != display_value(typed_field)
        ]
        if stored_section.formset is not None:
            stored_rows, typed_rows = _rows_text(stored_section.formset), _rows_text(typed_section.formset)
            if stored_rows != typed_rows:
                differing.append(FieldDifference(str(stored_section.formset.title), stored_rows, typed_rows))
    return differing


def display_value(field: BoundField) -> str:
    """A field's value as text: labels instead of keys, several values joined by 、."""
    value = field.value()
    if isinstance(field.field.widget, CheckboxInput):
        return "是" if value else "否"
    labels = {str(key): str(label) for key, label in getattr(field.field, "choices", ()) if key}
    values = value if isinstance(value, list | tuple) else [value]
    texts = [labels.get(str(element), str(element)) for element in values if element not in (None, "")]
    return "、".join(texts).replace("\r\n", "\n")


def _rows_text(formset: BaseFormSet) -> str:
    """The filled rows, one per line, without rows marked for deletion."""
    lines = [_row_text(row) for row in formset.forms if not row["DELETE"].value()]
    blank = _row_text(formset.empty_form)
    return "\n".join(line for line in lines if line != blank)


def _row_text(row: Form) -> str:
    return " ".join(text for field in row if field.name != "DELETE" and (text := display_value(field)))


def _formsets(form: Form) -> list[BaseFormSet]:
    return [section.formset for section in form.sections if section.formset is not None]
