"""A city's names, codes and words stand in its package (`cities/`), not in Python, templates or scripts.

A new one here would be shown to the users of every other city. Take it from `settings.CITY` (in templates `city`), or
write it without the place. Comments and docstrings may give Dalian as the example.
"""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from cities import load_city
from tests.test_architecture import sources

ROOT = Path(settings.BASE_DIR)
DALIAN = load_city("dalian")
EVERYWHERE = {"高新区"}
"""Names of regions that other cities have too."""
WORDS = re.compile(
    "|".join(
        [
            *map(re.escape, {DALIAN.short_name, DALIAN.in_city, DALIAN.example_region_short}),
            *(re.escape(region.name) for region in DALIAN.regions if region.name not in EVERYWHERE),
            rf"(?<![A-Z]){DALIAN.registry_prefix}-",
            rf"(?<!\d){DALIAN.code_prefix}(?=\d\d\b|\b)",
            rf"(?<![a-z]){DALIAN.key}(?![_-]techtransfer|[a-z])",
        ]
    )
)
DATA = ("cities/dalian/", "demo_city/", "portal/demo/", "tests/", "benchmarks/")
"""The packages themselves, the demo data of Dalian with its loader, tests and measurements: no page of a city."""
ALLOWED = {
    "dalian_techtransfer/settings.py": (1, "the package that is used when none is named"),
    "launcher/demo.py": (1, "the same for the demo"),
    "cities/package.py": (1, "a message names the package that comes with the product as the example"),
    "mechanism/migrations/0001_initial.py": (11, "history: labels that 0002 replaced"),
    "accounts/migrations/0001_initial.py": (2, "history: labels that 0002 replaced"),
    "deals/migrations/0001_initial.py": (3, "history: labels that 0002 replaced"),
    "demands/migrations/0001_initial.py": (1, "history: a message that 0002 replaced"),
}
"""{file: (how many at most, why)}."""


def city_words(text: str, suffix: str) -> list[str]:
    """The words in what users can see: of Python the strings without docstrings, of templates and scripts everything
    but comments."""
    if not WORDS.search(text):  # most modules need no parsing
        return []
    if suffix == ".py":
        tree = ast.parse(text)
        documentation = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        documentation |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        strings = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
        text = "\n".join(node.value for node in strings if id(node) not in documentation)
    else:
        text = re.sub(
            r"{#.*?#}|<!--.*?-->|{% comment %}.*?{% endcomment %}|/\*.*?\*/|^\s*//.*?$", "", text, flags=re.M | re.S
        )
    return WORDS.findall(text)


@pytest.mark.parametrize(
    ("text", "suffix", "count"),
    [
        ('HELP = f"大连的写区市县，{place}"', ".py", 1),
        ('"""大连市 is an example."""\nCODE = "DL-" + year  # 大连', ".py", 1),
        ('NUMBER = "210200"\nOTHER = "1210299", "MODL-1", "dalian_techtransfer"', ".py", 1),
        ("<h1>{{ city.in_city }}转化率</h1>{# 在连 #}", ".html", 0),
        ("<h1>科技成果在连转化率</h1>", ".html", 1),
    ],
)
def test_the_law_sees_words_of_the_city(text, suffix, count):
    assert len(city_words(text, suffix)) == count


@pytest.mark.long
def test_words_of_the_city_stand_in_its_package():
    counted: Counter[str] = Counter()
    for file in sources("*.py", "templates/*", "static/js/*", "core/*.txt"):
        name = str(file.relative_to(ROOT))
        if not name.startswith(DATA):
            counted[name] += len(city_words(file.read_text(encoding="utf-8"), file.suffix))
    excess = {name: count for name, count in counted.items() if count > ALLOWED.get(name, (0, ""))[0]}
    assert excess == {}, "take these words from settings.CITY, in templates from `city`"
