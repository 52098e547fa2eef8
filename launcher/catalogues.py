"""Translations: each `.po` that is newer than its `.mo` is compiled, where gettext is installed."""

from __future__ import annotations

import shutil
import subprocess

from launcher.places import CHECKOUT, Refusal


def compile_all() -> bool:
    """Compile what is out of date. False when gettext is missing and something would have been compiled: the product
    then speaks Chinese only, its first language. Refusal for a broken catalogue."""
    msgfmt = shutil.which("msgfmt")
    for source in sorted((CHECKOUT / "locale").rglob("*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        if not msgfmt:
            return False
        made = subprocess.run(
            [msgfmt, "--check-format", "-o", target, source], capture_output=True, text=True, check=False
        )
        if made.returncode:
            raise Refusal(f"翻译文件有误：\n{made.stderr.strip()}")
    return True


if __name__ == "__main__":
    compile_all()
