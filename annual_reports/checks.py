"""System check: the forms of the annual report can be read and name only what exists."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from annual_reports.layouts import LayoutError, layouts


@register
def check_layouts(**kwargs: Any) -> list[CheckMessage]:
    try:
        layouts()
    except LayoutError as problem:
        return [Error(str(problem), hint="写法见 docs/annual-reports.md。", id="annual_reports.E001")]
    return []
