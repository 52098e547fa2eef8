"""Forms and fields shared by the pages of several apps."""

from django import forms
from django.core.exceptions import ValidationError

from sheets.cells import clean_text


class ServiceForm(forms.Form):
    """A form whose `save()` calls a service; a ValidationError of the service becomes a form error: of its fields, or
    of the whole form where it names other ones.
    """

    def save(self) -> bool:
        """Whether the service accepted the values. Call only on a valid form."""
        try:
            self._save(self.cleaned_data)
        except ValidationError as error:
            elsewhere = set(getattr(error, "error_dict", ())) - set(self.fields)
            self.add_error(None, error.messages if elsewhere else error)
            return False
        return True

    def _save(self, values: dict) -> None:
        raise NotImplementedError


class PlainField(forms.CharField):
    """A line of text without invisible characters: text of only such characters is empty."""

    def to_python(self, value: object) -> str:
        return clean_text(super().to_python(value) or "").strip()


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def form_messages(form: forms.BaseForm) -> list[str]:
    """All errors of a bound form as sentences, for pages that show them as messages after a redirect."""
    return [str(message) for errors in form.errors.values() for message in errors]


def typed_texts(form: forms.BaseForm) -> list[tuple[str, str]]:
    """(label, text) of what somebody has written, for a page on which the form is not offered any more."""
    fields = [bound for bound in form if type(bound.field) is forms.CharField]
    return [(str(bound.label), text) for bound in fields if (text := bound.value())]


def model_choice(form: forms.BaseForm, name: str) -> forms.ModelChoiceField:
    """A field of the form that offers rows, to set which rows it offers."""
    field = form.fields[name]
    if not isinstance(field, forms.ModelChoiceField):
        raise TypeError(f"{name} is not a field that offers rows")
    return field


def fixed_choice(form: forms.BaseForm, name: str) -> forms.ChoiceField:
    """A field of the form with a fixed list, to set the list."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} is not a field with a list")
    return field
