"""Print the first installed package of which a file is missing or empty. Runs inside `.venv`, standard library only.

`python -I launcher/installed.py`: exit code 0 and no output if everything is there.
"""

from __future__ import annotations

import csv
import os
import sys
import sysconfig


def damaged_package(folder: str) -> str | None:
    """Compare the files of each package with its RECORD. Compiled files are not compared: Python makes them anew."""
    for entry in sorted(os.listdir(folder)):
        if not entry.endswith(".dist-info"):
            continue
        name = entry.split("-")[0]
        try:
            with open(os.path.join(folder, entry, "RECORD"), encoding="utf-8", newline="") as record:
                rows = [row for row in csv.reader(record) if row and not row[0].endswith(".pyc")]
        except OSError:
            return name
        if any(not _is_whole(os.path.join(folder, path), size) for path, _hash, size in rows):
            return name
    return None


def _is_whole(path: str, size: str) -> bool:
    try:
        return os.stat(path).st_size > 0 or size in ("", "0")
    except OSError:
        return False


if __name__ == "__main__":
    damaged = damaged_package(sysconfig.get_path("purelib"))
    if damaged:
        print(damaged)
        sys.exit(1)
