"""Word documents from .docx templates with Jinja2 tags, which the office can edit and replace."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError


class WordTemplateError(ValidationError):
    """A template that cannot be rendered. The message names the file, the fault and the tag."""

    def __str__(self) -> str:
        return str(self.message)


def render_word_template(
    name: str, default_path: Path, context: dict[str, Any], *, required: Collection[str | tuple[str, ...]] = ()
) -> bytes:
    """Return the .docx that the template makes of `context` (texts, numbers, lists and dicts of these; `title` is
    also the title of the file). A file `name` in the folder WORD_TEMPLATES is used in place of `default_path`.
    `required`: fields that no template may leave out; of a tuple it needs one. Raises WordTemplateError."""
    from core.word_rendering import render  # docxtpl, python-docx and Jinja2 are 130 modules, which few processes need

    return render(name, default_path, context, required)
