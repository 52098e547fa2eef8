"""No page sends `Referrer-Policy: no-referrer`.

With it browsers post a page's own form with `Origin: null`, which the CSRF check refuses. The default, same-origin,
sends no URL to another site either.
"""

from pathlib import Path

from django.conf import settings


def test_no_page_hides_its_origin_from_itself():
    assert settings.SECURE_REFERRER_POLICY == "same-origin"
    root = Path(settings.BASE_DIR)
    folders = [path for path in root.iterdir() if (path / "apps.py").exists()]
    sources = [path for folder in folders for path in folder.rglob("*.py")]
    sources += (root / "templates").rglob("*.html")
    assert len(sources) > 500
    assert not [str(path) for path in sources if "no-referrer" in path.read_text()]
