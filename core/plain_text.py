"""Remove invisible characters from model texts, whether they come from a sheet, a form or the admin."""

from collections.abc import Collection

from django.db import models

from sheets.cells import clean_text


class PlainText:
    """Model mixin: `clean_fields` strips control and direction characters, so that invisible text counts as blank."""

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        for field in self._meta.concrete_fields:
            is_text = isinstance(field, models.CharField | models.TextField) and field.editable and not field.choices
            value = getattr(self, field.attname)
            if is_text and isinstance(value, str) and field.name not in (exclude or ()):
                setattr(self, field.attname, clean_text(value, multiline=isinstance(field, models.TextField)))
        super().clean_fields(exclude)
