"""docs/security.md names tests that exist."""

import re

from django.conf import settings

DOCUMENT = settings.BASE_DIR / "docs" / "security.md"


def test_every_named_test_exists():
    text = DOCUMENT.read_text(encoding="utf-8")
    named = set(re.findall(r"\btest_\w+\b(?!\.py)", text))
    files = set(re.findall(r"\btests/[\w/]+\.py", text))
    defined = {
        name
        for path in (settings.BASE_DIR / "tests").rglob("*.py")
        for name in re.findall(r"^ *def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(named) > 100
    assert sorted(named - defined) == []
    assert sorted(name for name in files if not (settings.BASE_DIR / name).exists()) == []
