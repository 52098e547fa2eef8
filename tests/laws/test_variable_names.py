"""Law: a variable, parameter or function says what it holds: none is called found, one, told or said.

A column of the database keeps the name that it was created with.
"""

import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.test_architecture import sources

ROOT = Path(settings.BASE_DIR)
WORD = r"(?P<word>found|one|told|said)\b"
BARE = rf"(?<![\w.$]){WORD}(?!=[^=]| = models\.)|\.{WORD.replace('word', 'attribute')}(?= \W?= |: )"
"""A name that is no attribute of something, no keyword argument and no column; or an attribute that is written."""
TEXTS_OF_PYTHON = r'"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"' + r"|'(?:\\.|[^'\\\n])*'|#[^\n]*"
TEXTS_OF_SCRIPTS = r"/\*[\s\S]*?\*/|//[^\n]*|" + r'"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`'
IN_CODE = {
    ".py": re.compile(f"{TEXTS_OF_PYTHON}|{BARE}"),
    ".js": re.compile(f"{TEXTS_OF_SCRIPTS}|{BARE}"),
    ".html": re.compile(r'\{#.*?#\}|"[^"{}]*"|' + rf"\{{[%{{][^%{{}}]*?(?<![\w.\"'-]){WORD}(?![-\"'])"),
}


def vague_names(text: str, suffix: str) -> list[str]:
    names = []
    for match in IN_CODE[suffix].finditer(text):
        groups = match.groupdict()
        if word := groups["word"] or groups.get("attribute"):
            names.append(f"{text.count(chr(10), 0, match.end()) + 1}: {word}")
    return names


@pytest.mark.long
def test_names_say_what_they_hold():
    files = [*sources("*.py"), *sources("templates/*.html"), *sources("static/*.js")]
    assert len(files) > 2000
    vague = {
        str(path.relative_to(ROOT)): names
        for path in files
        if "vendor" not in path.parts and (names := vague_names(path.read_text(encoding="utf-8"), path.suffix))
    }
    assert vague == {}


@pytest.mark.parametrize(
    ("suffix", "line"),
    [
        (".py", "found = []"),
        (".py", "total += sum(one.size for one in rows)"),
        (".py", "def told(user): ..."),
        (".py", "def step(self, said): ..."),
        (".py", "self.said = {}"),
        (".py", "    told: list[str]"),
        (".py", "with open(path) as one:"),
        (".py", 'text = f"{found}" if (found := match) else ""'),
        (".js", "const said = new Map();"),
        (".html", "{% with found=exposure.exposure %}"),
        (".html", "{% for one in rows %}{{ one }}{% endfor %}"),
    ],
)
def test_a_vague_name_is_seen(suffix, line):
    assert vague_names(line, suffix)


@pytest.mark.parametrize(
    ("suffix", "line"),
    [
        (".py", "one = models.ForeignKey(Organisation, models.PROTECT)"),
        (".py", "RelatedParties.objects.create(one=buyer, other=seller)"),
        (".py", "reasons = related.one  # one of the two, as they said"),
        (".py", 'message = "one was found"'),
        (".js", 'byId("found").textContent = ""; // found'),
        (".html", '<button name="one">{{ row.one }}</button>{# what was said #}'),
    ],
)
def test_prose_keywords_and_columns_may_have_the_words(suffix, line):
    assert vague_names(line, suffix) == []
