"""Copies of public pages that the processes of one web server share, so that a page is rendered once for all of them.

They are files in a folder that the server's start makes for its processes alone and its end removes: no copy outlives
the database or the software that it was made with. Without a folder, as in a test or a command, nothing is shared.
"""

import fcntl
import json
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Hashable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from portal.public_copies.changes import ReadBefore
from portal.public_copies.copies import PublicCopy

log = logging.getLogger(__name__)
PREFIX = "techtransfer-pages-"
SWEPT_AFTER = 16
"""A process looks at the size of the folder whenever it has written this part of what may lie there."""
KEPT_SHARE = 0.8
"""How much of it remains when it was too full."""
BLOCK = 4096
"""A file takes whole blocks of this size."""


class SharedCopies:
    """`open` before the processes are forked, `close` at the end. A disk that is full or gone only means more work."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self._written = 0
        self._lock = threading.Lock()

    def open(self) -> None:
        try:
            remove_abandoned()
            self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        except OSError as problem:  # no folder for temporary files can be written to
            log.warning("copies of public pages are not shared: %s", problem)

    def close(self) -> None:
        folder, self.folder = self.folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def get(self, key: Hashable) -> PublicCopy | None:
        if self.folder is None:
            return None
        file = self._file(self.folder, key)
        try:
            text = file.read_bytes()
            os.utime(file)  # the one unused for longest goes first
        except OSError:
            return None
        return _unpacked(text, key)

    def keep(self, key: Hashable, copy: PublicCopy, *, most_bytes: int) -> None:
        if self.folder is None or not most_bytes:
            return
        content = _packed(key, copy)
        unfinished = self.folder / f".{os.getpid()}-{threading.get_ident()}"
        try:
            unfinished.write_bytes(content)
            unfinished.replace(self._file(self.folder, key))
        except OSError as problem:
            log.warning("a copy of a public page cannot be shared: %s", problem.strerror)
            with suppress(OSError):
                unfinished.unlink()
            return
        with self._lock:
            self._written += _size_on_disk(len(content))
            is_much = self._written > most_bytes // SWEPT_AFTER
            if is_much:
                self._written = 0
        if is_much:
            self._sweep(most_bytes)

    def remove(self, key: Hashable) -> None:
        if self.folder is not None:
            with suppress(OSError):
                self._file(self.folder, key).unlink()

    @staticmethod
    def _file(folder: Path, key: Hashable) -> Path:
        return folder / sha256(repr(key).encode()).hexdigest()[:40]

    def _sweep(self, most_bytes: int) -> None:
        """Remove the files that were not used for longest if all together are too many; one process at a time."""
        folder = self.folder
        if folder is None:
            return
        with suppress(OSError), (folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            files = []
            for entry in os.scandir(folder):
                with suppress(FileNotFoundError):
                    state = entry.stat()
                    files.append((state.st_mtime_ns, _size_on_disk(state.st_size), entry))
            size = sum(bytes_taken for _used, bytes_taken, _entry in files)
            if size <= most_bytes:
                return
            for _used, bytes_taken, entry in sorted(files, key=lambda row: row[0]):
                if entry.name.startswith("."):
                    continue
                with suppress(FileNotFoundError):
                    os.unlink(entry)
                size -= bytes_taken
                if size <= most_bytes * KEPT_SHARE:
                    return


def remove_abandoned() -> None:
    """Remove the folders of servers of this user that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        with suppress(OSError):
            is_ours = folder.lstat().st_uid == os.geteuid() and not folder.is_symlink()
            if is_ours and pid.isdecimal() and not _is_running(int(pid)):
                shutil.rmtree(folder, ignore_errors=True)


def _is_running(pid: int) -> bool:
    """Whether another process has this number; our own number was that of an earlier one, as in each container."""
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _packed(key: Hashable, copy: PublicCopy) -> bytes:
    head: dict[str, Any] = {
        "key": repr(key),
        "headers": copy.headers,
        "is_compressed": copy.is_compressed,
        "since": [[part.snapshot, sorted(part.tables)] for part in copy.since],
        "ends_at": copy.ends_at,
        "visited": copy.visited,
    }
    return json.dumps(head).encode() + b"\n" + copy.body


def _unpacked(content: bytes, key: Hashable) -> PublicCopy | None:
    head, _line_end, body = content.partition(b"\n")
    words = json.loads(head)
    if words["key"] != repr(key):
        return None
    since = tuple(ReadBefore(snapshot, frozenset(tables)) for snapshot, tables in words["since"])
    return PublicCopy(body, words["is_compressed"], words["headers"], since, words["ends_at"], words["visited"])


def _size_on_disk(number: int) -> int:
    return -(-number // BLOCK) * BLOCK


SHARED = SharedCopies()
