"""Model fields whose label has a word of the city."""

from typing import Any

from django.db import models


class CityBooleanField(models.BooleanField):
    """A BooleanField whose label and help text migrations leave out, so that one migration fits every city."""

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _path, args, kwargs = super().deconstruct()
        kept = {key: value for key, value in kwargs.items() if key not in ("verbose_name", "help_text")}
        return name, "django.db.models.BooleanField", args, kept
