"""Stored indexes of the installation: each is built once, whoever asks first, and shared by all processes.

They lie in INDEX_FOLDER under a name made of their content, so that equal content is never built twice, and nothing
that a process has open changes. An unused one is removed after a week; a missing or damaged one is built again. The
texts in them are not public: only the user of the process may read the folder.

If STORAGES has an entry `indexes` (INDEX_STORAGE), a finished index is also copied there, and a host that lacks it
fetches it. What has lain there for a month is removed: who still needs it has a copy or builds it again.
"""

import contextlib
import fcntl
import logging
import os
import shutil
import threading
import time
import uuid
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files import File
from django.core.files.storage import storages
from django.utils import timezone

from matching.engine import Item
from matching.engine.errors import EngineError

if TYPE_CHECKING:
    from matching.engine.ranking import Index

log = logging.getLogger(__name__)

UNUSED_AFTER, ABANDONED_AFTER, PUBLISHED_FOR = timedelta(days=7), timedelta(hours=6), timedelta(days=30)
RUNS = "runs"
"""The kind of the indexes of matching runs."""
OPEN_OF_A_KIND = {RUNS: 2}
"""How many indexes of a kind stay open in a process: of a batch and of the batch before it; of other kinds one."""
STORAGE = "indexes"
_BUILDING = ".building-"
_open: "dict[str, OrderedDict[str, Index]]" = defaultdict(OrderedDict)
"""By kind and folder, the one used last at the end."""
_lock = threading.Lock()

type Items = Callable[[], Iterable[Item]]
"""Reads the items of one side, sorted by their numbers."""


def index_name(fingerprint: str, engine: str) -> str:
    """Return the name of the folder of an index."""
    from matching.engine.index_files import index_version  # imports NumPy and SciPy

    return f"{fingerprint}-{engine}-{index_version()}"


def open_index(fingerprint: str, engine: str, kind: str = RUNS) -> "Index | None":
    """Return a stored index, None if there is none or a damaged one.

    The last ones of each kind stay open in the process: that of the search does not close those of the runs.
    """
    name = index_name(fingerprint, engine)
    folder = Path(settings.INDEX_FOLDER) / name
    if not folder.exists() and not _fetch(name):
        _forget_open(str(folder))
        return None
    try:
        index = _opened(str(folder), kind)
    except EngineError as problem:
        log.warning("a stored index cannot be used and is built again: %s", problem)
        shutil.rmtree(folder, ignore_errors=True)
        return None
    with contextlib.suppress(OSError):
        os.utime(folder)  # it is in use
    return index


def build_index(achievements: Items, demands: Items, engine: str, kind: str = RUNS) -> "Index":
    """Return the index of what the functions read now: a stored one if its content is equal, else a new one."""
    from matching.engine.index_files import write_index, write_texts  # imports NumPy and SciPy

    root = _root()
    building = root / f"{_BUILDING}{uuid.uuid4().hex}"
    building.mkdir(mode=0o700)
    try:
        corpus = write_texts(building, achievements(), demands())
        fingerprint = corpus.fingerprint
        with _only_one(f"{fingerprint}-{engine}"):
            stored = open_index(fingerprint, engine, kind)
            if stored is not None:
                return stored
            write_index(building, corpus, engine=engine)
            folder = root / index_name(fingerprint, engine)
            building.rename(folder)
        _publish(folder)
        index = open_index(fingerprint, engine, kind)
        if index is None:  # removed in the same moment, or a disk that loses what is written
            raise OSError(f"the index {folder} cannot be read after it was written")
        return index
    finally:
        shutil.rmtree(building, ignore_errors=True)


def forget_unused_indexes() -> int:
    """Remove the indexes that nobody has opened for a week, and what killed processes have left; returns how many."""
    removed = _forget_published()
    for folder in _root().iterdir():
        limit = ABANDONED_AFTER if folder.name.startswith(".") else UNUSED_AFTER
        if time.time() - folder.stat().st_mtime > limit.total_seconds():
            if folder.is_dir():
                shutil.rmtree(folder, ignore_errors=True)
            else:
                folder.unlink(missing_ok=True)
            removed += 1
    return removed


def _opened(folder: str, kind: str) -> "Index":
    from matching.engine.index_files import read_index

    with _lock:
        index = _open[kind].get(folder)
    if index is None:
        index = read_index(Path(folder))  # seconds, in which others may open theirs
    with _lock:
        _open[kind][folder] = index
        _open[kind].move_to_end(folder)
        if len(_open[kind]) > OPEN_OF_A_KIND.get(kind, 1):
            _open[kind].popitem(last=False)
    return index


def _forget_open(folder: str) -> None:
    """What is open of an index that is no longer stored; the others stay open."""
    with _lock:
        for indexes in _open.values():
            indexes.pop(folder, None)


def _root() -> Path:
    root = Path(settings.INDEX_FOLDER)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return root


@contextlib.contextmanager
def lock_of(name: str) -> Iterator[bool]:
    """Try to be the only process of this host that does something; the value says whether it is."""
    with (_root() / f".{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextlib.contextmanager
def _only_one(name: str) -> Iterator[None]:
    """Wait until no other process of this host builds the same. The system releases the lock of a killed one."""
    with (_root() / f".{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _publish(folder: Path) -> None:
    """Copy a finished index to the storage of all hosts; the manifest last, which makes it complete."""
    if STORAGE not in settings.STORAGES:
        return
    from matching.engine.index_files import MANIFEST

    storage = storages[STORAGE]
    if storage.exists(f"{folder.name}/{MANIFEST}"):
        return
    files = (file for file in folder.iterdir() if not file.name.startswith("."))  # not what says something of this host
    for file in sorted(files, key=lambda file: (file.name == MANIFEST, file.name)):
        with file.open("rb") as content:
            storage.save(f"{folder.name}/{file.name}", File(content))


def _forget_published() -> int:
    """Remove old indexes from the storage of all hosts; the manifest first, without which nobody fetches the rest."""
    if STORAGE not in settings.STORAGES:
        return 0
    from matching.engine.index_files import MANIFEST

    storage, removed = storages[STORAGE], 0
    for folder in storage.listdir("")[0]:
        files = [f"{folder}/{file}" for file in storage.listdir(folder)[1]]
        if files and max(map(storage.get_modified_time, files)) < timezone.now() - PUBLISHED_FOR:
            for file in sorted(files, key=lambda file: not file.endswith(f"/{MANIFEST}")):
                storage.delete(file)
            removed += 1
    return removed


def _fetch(name: str) -> bool:
    """Copy an index from the storage of all hosts to this one; returns whether it is there."""
    if STORAGE not in settings.STORAGES:
        return False
    from matching.engine.index_files import MANIFEST, read_manifest

    storage, root = storages[STORAGE], _root()
    if not storage.exists(f"{name}/{MANIFEST}"):
        return False
    fetching = root / f"{_BUILDING}{uuid.uuid4().hex}"
    fetching.mkdir(mode=0o700)
    try:
        _copy(f"{name}/{MANIFEST}", fetching / MANIFEST)
        for file in read_manifest(fetching)["files"]:
            _copy(f"{name}/{Path(file).name}", fetching / Path(file).name)
        with contextlib.suppress(OSError):  # another process was faster
            fetching.rename(root / name)
    except EngineError as problem:
        log.warning("the stored index %s cannot be fetched: %s", name, problem)
        return False
    finally:
        shutil.rmtree(fetching, ignore_errors=True)
    return (root / name).exists()


def _copy(source: str, target: Path) -> None:
    with storages[STORAGE].open(source) as content, target.open("wb") as file:
        shutil.copyfileobj(content, file)
