"""What a page needs of a long form with rows: one blank row more, every fault with its place, what others changed.

A form here has `.sections`, each with a title, its fields and perhaps a formset.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.forms import BoundField, CheckboxInput, Form
from django.forms.formsets import BaseFormSet
from django.forms.utils import ErrorDict, ErrorList
from django.http import QueryDict


class Fault(NamedTuple):
    text: str
    anchor: str = ""
    """Id of the control on the page; empty for what concerns the whole."""


class Difference(NamedTuple):
    label: str
    theirs: str
    yours: str


def with_one_row_more(data: QueryDict, prefix: str) -> QueryDict:
    """The posted data with one blank row more in the formset of that prefix; as it was for an unknown prefix."""
    data, name = data.copy(), f"{prefix}-TOTAL_FORMS"
    if data.get(name, "").isdecimal():
        data[name] = str(int(data[name][:4]) + 1)
    return data


def replace(form: Form, name: str, value: str) -> None:
    """Give a bound form another value for one field, for when it is shown again."""
    form.data = form.data.copy()
    form.data[form.add_prefix(name)] = value


def unjudged(form: Form) -> Form:
    """The form with what was typed but without faults: whoever only asks for a row more has not finished.

    Django has no public way to show a bound form without validating it.
    """
    form._errors = ErrorDict()
    for formset in _formsets(form):
        formset._errors, formset._non_form_errors = [], ErrorList()
        for row in formset.forms:
            row._errors = ErrorDict()
    return form


def faults(form: Form) -> list[Fault]:
    """All faults of a bound form in the order of the page, those of the whole first."""
    whole = [*form.non_field_errors(), *(message for bound in form.hidden_fields() for message in bound.errors)]
    return [Fault(message) for message in whole] + list(_faults_in_place(form))


def _faults_in_place(form: Form) -> Iterator[Fault]:
    for section in form.sections:
        for bound in section.fields:
            yield from _faults_of(bound, str(bound.label))
        if section.formset is None:
            continue
        title = section.formset.title
        yield from (Fault(f"{title}：{message}") for message in section.formset.non_form_errors())
        for number, row in enumerate(section.formset.forms, start=1):
            place = f"{title}第 {number} 行"
            yield from (Fault(f"{place}：{message}") for message in row.non_field_errors())
            for bound in row:
                yield from _faults_of(bound, f"{place}“{bound.label}”")


def _faults_of(bound: BoundField, place: str) -> Iterator[Fault]:
    anchor = bound.id_for_label or bound.auto_id
    return (Fault(f"{place}：{message}", anchor) for message in bound.errors)


def differences(typed: Form, fresh: Form) -> list[Difference]:
    """Where a form as typed and one of the item as stored do not say the same. Contacts, being masked, are left out."""
    found = []
    for own, stored in zip(typed.sections, fresh.sections, strict=True):
        pairs = zip(own.fields, stored.fields, strict=True)
        found += [
            Difference(str(theirs.label), shown(theirs), shown(yours))
            for yours, theirs in pairs
            if not theirs.name.startswith("contact") and shown(theirs) != shown(yours)
        ]
        if stored.formset is not None and (theirs := _rows(stored.formset)) != (yours := _rows(own.formset)):
            found.append(Difference(str(stored.formset.title), theirs, yours))
    return found


def shown(bound: BoundField) -> str:
    """A field's value as a person reads it: words instead of keys, several joined by 、."""
    value = bound.value()
    if isinstance(bound.field.widget, CheckboxInput):
        return "是" if value else "否"
    words = {str(key): str(label) for key, label in getattr(bound.field, "choices", ()) if key}
    values = value if isinstance(value, list | tuple) else [value]
    texts = [words.get(str(one), str(one)) for one in values if one not in (None, "")]
    return "、".join(texts).replace("\r\n", "\n")


def _rows(formset: BaseFormSet) -> str:
    """The filled rows, a line each, without those ticked for removal."""
    lines = [_line(row) for row in formset.forms if not row["DELETE"].value()]
    blank = _line(formset.empty_form)
    return "\n".join(line for line in lines if line != blank)


def _line(row: Form) -> str:
    return " ".join(text for bound in row if bound.name != "DELETE" and (text := shown(bound)))


def _formsets(form: Form) -> list[BaseFormSet]:
    return [section.formset for section in form.sections if section.formset is not None]
