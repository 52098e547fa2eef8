"""Build the documentation site from docs/ with MkDocs; a warning is an error. This file is also its MkDocs hook.

`python -m launcher.documentation` builds it into a temporary folder, to check it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from launcher.paths import CHECKOUT, PYTHON

SITE = CHECKOUT / "site"


def build(folder: Path) -> int:
    """Build the site into `folder`. MkDocs' exit code."""
    command = (str(PYTHON), "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder))
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}  # an announcement of the theme, not about this site
    return subprocess.run(command, check=False, cwd=CHECKOUT, env=environment).returncode


def on_config(config: Any) -> Any:
    """MkDocs hook: expand the folders in `nav`, so that a new page needs no change of mkdocs.yml."""
    config["nav"] = expand(config["nav"], Path(config["docs_dir"]))
    return config


def expand(navigation: list[Any], docs: Path) -> list[Any]:
    """`navigation` with each path that ends in "/" replaced by the pages of that folder, in order of file names."""
    return [
        {title: _expand_entry(entry, docs) for title, entry in item.items()} if isinstance(item, dict) else item
        for item in navigation
    ]


def _expand_entry(entry: str | list[Any], docs: Path) -> str | list[Any]:
    if isinstance(entry, list):
        return expand(entry, docs)
    if entry.endswith("/"):
        return [str(page.relative_to(docs)) for page in sorted((docs / entry).glob("*.md"))]
    return entry


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        sys.exit(build(Path(temporary)))
