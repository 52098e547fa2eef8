"""Clean texts that people write: no invisible characters, and required texts neither blank nor too long."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models

from sheets.cells import clean_text

if TYPE_CHECKING:

    class _Model(models.Model):
        class Meta:
            abstract = True

else:
    _Model = object  # the mixin is no model: each model lists it before models.Model

REASON_LENGTH = 300
"""Characters of `status_reason`, the reason that achievements and demands keep of their last change of status."""


class PlainText(_Model):
    """Model mixin: `clean_fields` strips control and direction characters, so that invisible text counts as blank."""

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        for field in self._meta.concrete_fields:
            is_text = isinstance(field, models.CharField | models.TextField) and field.editable and not field.choices
            if not is_text or field.name in (exclude or ()):
                continue
            if isinstance(value := getattr(self, field.attname), str):
                setattr(self, field.attname, clean_text(value, multiline=isinstance(field, models.TextField)))
        super().clean_fields(exclude)


def clean_required_text(text: str, prompt: str, longest: int, name: str = "") -> str:
    """The text without invisible characters. Raises ValidationError if it is blank (`prompt`) or too long."""
    text = clean_text(text, multiline=True)
    if not text:
        raise ValidationError(prompt)
    if len(text) > longest:
        raise ValidationError(
            "%(name)s有 %(length)d 个字，最多 %(longest)d 个字，请精简。"
            % {"name": name, "length": len(text), "longest": longest}
        )
    return text


def clean_reason(reason: str, example: str, longest: int = REASON_LENGTH) -> str:
    """`clean_required_text` for the reason of a change of state."""
    return clean_required_text(reason, f"请写明原因，例如“{example}”。", longest, name="原因")
