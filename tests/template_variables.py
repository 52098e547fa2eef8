"""An undefined variable in one of our templates is a mistake, so it fails the test that renders it."""

import sys
from pathlib import Path

from django.conf import settings


class UndefinedTemplateVariable(AssertionError):
    pass


class FailIfOurs(str):
    """Django's `string_if_invalid`: asked with the name of each undefined variable.

    Templates of Django and unfold rely on undefined variables being empty; only ours are held to it.
    """

    __slots__ = ()

    def __contains__(self, key):
        return key == "%s"

    def __mod__(self, name):
        template = _template_being_rendered()
        if template is not None and template.is_relative_to(Path(settings.BASE_DIR) / "templates"):
            raise UndefinedTemplateVariable(f"{template}: {name}")
        return ""


def _template_being_rendered() -> Path | None:
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_name == "render_annotated":
            origin = getattr(frame.f_locals["self"], "origin", None)
            return Path(origin.name) if origin is not None and origin.name else None
        frame = frame.f_back
    return None
