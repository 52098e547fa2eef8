"""docs/security.md and docs/accessibility-criteria.md name tests that exist."""

import re

import pytest
from django.conf import settings


@pytest.mark.parametrize(("document", "least"), [("security.md", 100), ("accessibility-criteria.md", 20)])
def test_every_named_test_exists(document, least):
    text = (settings.BASE_DIR / "docs" / document).read_text(encoding="utf-8")
    named = set(re.findall(r"\btest_\w+\b(?!\.py)", text))
    files = set(re.findall(r"\btests/[\w/]+\.py", text))
    defined = {
        name
        for path in (settings.BASE_DIR / "tests").rglob("*.py")
        for name in re.findall(r"^ *def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(named) > least
    assert sorted(named - defined) == []
    assert sorted(name for name in files if not (settings.BASE_DIR / name).exists()) == []
