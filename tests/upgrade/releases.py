"""What a kept release holds, read from its dump."""

import lzma
import re
import subprocess
from pathlib import Path

from tests.upgrade.make_dump import FOLDER, pg_dump

RELEASES = sorted(path.name.removesuffix(".dump.xz") for path in FOLDER.glob("*.dump.xz"))
ENTRY = re.compile(r"^\d+; \d+ \d+ (.*) \S*$", re.MULTILINE)
OF_ROWS = ("TABLE DATA ", "SEQUENCE SET ")


def unpacked(release: str, folder: Path) -> Path:
    dump = folder / f"{release}.dump"
    dump.write_bytes(lzma.decompress((FOLDER / f"{release}.dump.xz").read_bytes()))
    return dump


def migrations(dump: Path) -> list[tuple[str, str]]:
    """(app, name) of each migration that its database had, in the order of the apps and names."""
    rows = restored(dump, "--data-only", "--table=django_migrations")
    return sorted(re.findall(r"^\d+\t(\w+)\t(\w+)\t", rows, re.MULTILINE))


def objects(dump: Path) -> set[str]:
    """Kind and name of each table, index, constraint, function, trigger and extension."""
    return {entry for entry in ENTRY.findall(restored(dump, "--list")) if not entry.startswith(OF_ROWS)}


def definitions(dump: Path) -> set[str]:
    """The statements that make each object, without the lines that differ in each dump."""
    text = re.sub(r"^\\(un)?restrict .*$", "", restored(dump, "--schema-only"), flags=re.MULTILINE)
    return set(re.split(r"^--\n-- Name: ", text, flags=re.MULTILINE)[1:])


def restored(dump: Path, *options: str) -> str:
    command = [pg_dump().with_name("pg_restore"), "--no-owner", "--file=-", *options, dump]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
