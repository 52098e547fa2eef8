"""Forms and fields that the pages of several apps share."""

from django import forms
from django.core.exceptions import ValidationError

from sheets.cells import clean_text


class SavedForm(forms.Form):
    """`save()` once it is valid; what the service refuses becomes a fault of the form."""

    def save(self) -> bool:
        try:
            self._save(self.cleaned_data)
        except ValidationError as error:
            self.add_error(None, error)
            return False
        return True

    def _save(self, values: dict) -> None:
        raise NotImplementedError


class PlainField(forms.CharField):
    """A line of text; of nothing that can be seen, it is empty."""

    def to_python(self, value):
        return clean_text(super().to_python(value)).strip()


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")
