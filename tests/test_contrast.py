"""WCAG 1.4.3 and 1.4.11 for the colours of `static/css/tokens.css`: text 4.5 : 1, borders of fields and focus 3 : 1."""

import re

import pytest
from django.conf import settings

TEXT = {
    "ink": (
        "paper",
        "bg",
        "hover",
        "grey-1",
        "grey-2",
        "grey-3",
        "grey-4",
        "rest",
        "mark",
        "focus",
        "blue-l",
        "amber-l",
    ),
    "ink-2": ("paper", "bg", "hover", "grey-1", "grey-2", "grey-3", "blue-l"),
    "ink-3": ("paper", "bg", "hover"),
    "blue": ("paper", "bg", "hover", "blue-l", "blue-l-3"),
    "blue-d": ("paper", "bg", "blue-l", "blue-l-2", "blue-l-3"),
    "green": ("paper", "bg", "green-l"),
    "green-d": ("paper", "green-l"),
    "amber": ("paper", "amber-l"),
    "red": ("paper", "bg", "red-l"),
    "violet": ("paper", "violet-l"),
    "paper": ("blue", "blue-d", "red", "green", "ink"),
    "screen-ink": ("screen",),
    "screen-warn": ("screen",),
}
"""Colour of letters → the grounds on which they stand."""
SHAPES = {"field": ("paper", "bg"), "focus": ("ink",), "ink": ("paper", "bg")}
"""Borders of fields; the two rings of the focus, of which each is seen on the other, and the dark one on the page."""


def tokens() -> dict[str, str]:
    css = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", css))


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_is_that_of_wcag():
    assert contrast("#000", "#fff") == pytest.approx(21) and contrast("#777777", "#fff") == pytest.approx(
        4.48, abs=0.01
    )


@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (SHAPES, 3.0)])
def test_colours_are_told_apart(pairs, least):
    colours = tokens()
    weak = [
        f"{name} on {ground}: {contrast(colours[name], colours[ground]):.2f}"
        for name, grounds in pairs.items()
        for ground in grounds
        if contrast(colours[name], colours[ground]) < least
    ]
    assert not weak, weak
