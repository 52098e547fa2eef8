"""Compile each gettext catalogue (`.po`) that is newer than its compiled file (`.mo`).

The admin is in Chinese only with the compiled files. `polib` comes from pip; Debian's gettext is not required.
"""

from __future__ import annotations

import polib

from launcher.console import LauncherError
from launcher.paths import CHECKOUT


def compile_all() -> None:
    """Compile the outdated catalogues. LauncherError for a malformed one."""
    for source in sorted((CHECKOUT / "locale").rglob("*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        try:
            polib.pofile(str(source)).save_as_mofile(str(target))
        except (OSError, ValueError) as error:
            raise LauncherError(f"翻译文件有误：\n{error}") from error


if __name__ == "__main__":
    compile_all()
