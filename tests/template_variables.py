"""An undefined variable in a template of the project fails the test that renders it."""

import sys
from functools import cache
from pathlib import Path

from django.conf import settings


class UndefinedTemplateVariable(AssertionError):
    pass


class FailIfOurs(str):
    """Value of Django's `string_if_invalid`, which formats it with the name of each undefined variable.

    Templates of Django and unfold rely on empty undefined variables, so only templates of the project raise.
    """

    __slots__ = ()

    def __contains__(self, key: str) -> bool:
        return key == "%s"

    def __mod__(self, name: str) -> str:
        template = _rendered_template()
        if _is_ours(template):
            raise UndefinedTemplateVariable(f"{template}: {name}")
        return ""


def _rendered_template() -> str:
    """The path of the template that is rendered; empty for one without a file."""
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_name == "render_annotated":
            origin = getattr(frame.f_locals["self"], "origin", None)
            return str(origin.name or "") if origin is not None else ""
        frame = frame.f_back
    return ""


@cache
def _is_ours(template: str) -> bool:
    return bool(template) and Path(template).is_relative_to(Path(settings.BASE_DIR) / "templates")
