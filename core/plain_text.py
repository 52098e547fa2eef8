"""Texts hold only what can be seen, however they came in: by a sheet, a form or the admin."""

from django.db import models

from sheets.cells import clean_text


class PlainText:
    """A model whose texts lose control and direction characters when it is validated; a blank title is then blank."""

    def clean_fields(self, exclude=None):
        for field in self._meta.concrete_fields:
            is_text = isinstance(field, models.CharField | models.TextField) and field.editable and not field.choices
            value = getattr(self, field.attname)
            if is_text and isinstance(value, str) and field.name not in (exclude or ()):
                setattr(self, field.attname, clean_text(value, multiline=isinstance(field, models.TextField)))
        super().clean_fields(exclude)
