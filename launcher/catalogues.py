"""Translations: each `.po` that is newer than its `.mo` is compiled. The admin speaks Chinese only with them, so this
asks for nothing that pip does not bring (Debian's gettext would be the usual way)."""

from __future__ import annotations

import polib

from launcher.places import CHECKOUT, Refusal


def compile_all() -> None:
    """Compile what is out of date. Refusal for a broken catalogue."""
    for source in sorted((CHECKOUT / "locale").rglob("*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        try:
            polib.pofile(str(source)).save_as_mofile(str(target))
        except (OSError, ValueError) as error:
            raise Refusal(f"翻译文件有误：\n{error}") from error


if __name__ == "__main__":
    compile_all()
