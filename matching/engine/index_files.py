"""An index in files: built once, then mapped into the memory of every process that opens it.

A folder holds the arrays (.npy), among them the texts, and `manifest.json`, which is written last: it names each file
with its size and checksum, the version of the format, and the numbers that the index has measured.
"""

import json
import platform
import tempfile
import uuid
import zlib
from array import array
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any

import numpy as np

from matching.engine.corpus import Corpus, Fingerprint, Item
from matching.engine.counted_blocks import BlocksInFile
from matching.engine.errors import EngineError
from matching.engine.methods import DEFAULT_ENGINE
from matching.engine.ranking import Index
from matching.engine.stored_items import StoredItems
from matching.engine.thesaurus import default_thesaurus

FORMAT = 3
"""Raise it with every change of the arrays or of what the methods compute."""
MANIFEST = "manifest.json"
SIDES = ("achievements", "demands")
_COPIED_BYTES = 1 << 24
_MARKER = ".compared-"


class DamagedIndex(EngineError):
    """The folder is no complete index of this version."""

    def __init__(self, folder: Path, problem: str):
        super().__init__(f"{folder}: {problem}")


class StoredCorpus(Corpus):
    """The texts of a stored index, whose fingerprint is known."""

    def __init__(self, achievements: StoredItems, demands: StoredItems, fingerprint: str):
        object.__setattr__(self, "achievements", achievements)
        object.__setattr__(self, "demands", demands)
        object.__setattr__(self, "_fingerprint", fingerprint)

    @property
    def fingerprint(self) -> str:
        return str(self.__dict__["_fingerprint"])


@cache
def index_version() -> str:
    """Return a short name of the format and of the thesaurus: an index of another version is of no use."""
    terms = default_thesaurus()
    digest = zlib.crc32(json.dumps([terms.terms, [list(c.items()) for c in terms.concepts]]).encode())
    return f"{FORMAT}-{digest:08x}"


def write_texts(folder: Path, achievements: Iterable[Item], demands: Iterable[Item]) -> StoredCorpus:
    """Write the items, which come sorted by their numbers, to an empty folder; only a few are in memory at a time."""
    fingerprint = Fingerprint()
    arrays: dict[str, Any] = {}
    for side, items in zip(SIDES, (achievements, demands), strict=True):
        arrays |= _write_side(folder, side, items, fingerprint)
    return _corpus(arrays, fingerprint.hexdigest())


def write_index(folder: Path, corpus: StoredCorpus, *, engine: str = DEFAULT_ENGINE) -> Index:
    """Compute the index of the texts of a folder beside them. The folder is complete when this has returned."""

    def allocate(name: str, shape: tuple[int, ...], dtype: Any) -> Any:
        return np.lib.format.open_memmap(folder / f"{name}.npy", mode="w+", dtype=dtype, shape=shape)

    with tempfile.TemporaryFile(dir=folder) as file:
        index = Index(corpus, engine=engine, allocate=allocate, counted=BlocksInFile(file))
    for name, values in index.arrays.items():
        if isinstance(values, np.memmap):
            values.flush()
        else:
            np.save(folder / f"{name}.npy", values, allow_pickle=False)
    files = {file.name: [file.stat().st_size, _checksum(file)] for file in sorted(folder.glob("*.npy"))}
    manifest = {
        "version": index_version(),
        "engine": engine,
        "fingerprint": corpus.fingerprint,
        "numbers": index.numbers,
        "files": files,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return index


def read_index(folder: Path) -> Index:
    """Open an index: its arrays are mapped, and read when they are used. Raises DamagedIndex.

    The first process of a host compares the checksums of all files, which also brings them into the memory of the
    system; the others do so only if a file is not as it was then.
    """
    manifest = read_manifest(folder)
    state = _state(folder, [MANIFEST, *manifest["files"]])
    is_compared = _is_compared(folder, state)
    arrays: dict[str, Any] = {}
    for name, (size, checksum) in manifest["files"].items():
        file = folder / name
        try:
            is_intact = state[name][0] == size and (is_compared or _checksum(file) == checksum)
            mapped = np.load(file, mmap_mode="r" if size > 1 << 12 else None, allow_pickle=False)
            arrays[file.stem] = np.asarray(mapped)  # np.memmap makes each of many small reads slow
        except (OSError, ValueError) as problem:
            raise DamagedIndex(folder, f"{name}: {problem}") from problem
        if not is_intact:
            raise DamagedIndex(folder, f"{name} differs from what was written")
    try:
        corpus = _corpus(arrays, manifest["fingerprint"])
        index = Index.stored(corpus, manifest["engine"], arrays, manifest["numbers"])
    except (KeyError, ValueError, TypeError, IndexError) as problem:
        raise DamagedIndex(folder, f"incomplete: {problem!r}") from problem
    if not is_compared:
        _note_compared(folder, state)
    return index


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a folder. Raises DamagedIndex, also if the version is another one."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        version = manifest["version"]
        is_complete = {"engine", "fingerprint", "numbers", "files"} <= manifest.keys()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise DamagedIndex(folder, f"{MANIFEST}: {problem!r}") from problem
    if version != index_version() or not is_complete:
        raise DamagedIndex(folder, f"version {version} instead of {index_version()}, or {MANIFEST} is incomplete")
    return manifest


def _state(folder: Path, names: Iterable[str]) -> dict[str, list[int]]:
    """{file: size, times of change and number on its disk}: different after whatever has written to a file."""
    state = {}
    for name in names:
        try:
            file = (folder / name).stat()
        except OSError as problem:
            raise DamagedIndex(folder, f"{name}: {problem}") from problem
        state[name] = [file.st_size, file.st_mtime_ns, file.st_ctime_ns, file.st_ino]
    return state


def _is_compared(folder: Path, state: dict[str, list[int]]) -> bool:
    """Whether a process of this host has compared the checksums of the files as they are."""
    try:
        compared: object = json.loads((folder / _marker()).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # nobody has, or the marker itself is damaged
        return False
    return compared == state


def _note_compared(folder: Path, state: dict[str, list[int]]) -> None:
    """Say so beside the files. Without the right to write there, each process compares."""
    new = folder / f"{_marker()}-{uuid.uuid4().hex}"
    with suppress(OSError):
        new.write_text(json.dumps(state), encoding="utf-8")
        new.replace(folder / _marker())


@cache
def _marker() -> str:
    """The name of the marker of this host since its start: what was written before a power failure may be lost."""
    try:
        start = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:  # not Linux
        start = platform.node()
    return f"{_MARKER}{start}"


def _corpus(arrays: Mapping[str, Any], fingerprint: str) -> StoredCorpus:
    achievements, demands = (StoredItems(side, arrays) for side in SIDES)
    return StoredCorpus(achievements, demands, fingerprint)


def _write_side(folder: Path, side: str, items: Iterable[Item], fingerprint: Fingerprint) -> dict[str, Any]:
    ids, title_ends, ends = array("q"), array("q"), array("q")
    spool = folder / f"{side}.texts"
    with spool.open("wb") as file:
        for item in items:
            ids.append(int(item.id))
            file.write(item.title.encode("utf-8", "surrogatepass"))
            title_ends.append(file.tell())
            file.write(item.text.encode("utf-8", "surrogatepass"))
            ends.append(file.tell())
            fingerprint.add(item)
        length = file.tell()
    fingerprint.end_side()
    columns = (("ids", ids), ("title_ends", title_ends), ("ends", ends))
    arrays: dict[str, Any] = {f"{side}_{name}": np.array(values, np.int64) for name, values in columns}
    for name, values_of_side in arrays.items():
        np.save(folder / f"{name}.npy", values_of_side)
    with spool.open("rb") as file:
        arrays[f"{side}_bytes"] = _copied(file, folder / f"{side}_bytes.npy", length)
    spool.unlink()
    return arrays


def _copied(source: IO[bytes], target: Path, length: int) -> Any:
    """Copy bytes to an array file and map it."""
    with target.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": (length,)})
        while piece := source.read(_COPIED_BYTES):
            file.write(piece)
    return np.asarray(np.load(target, mmap_mode="r")) if length else np.zeros(0, np.uint8)


def _checksum(file: Path) -> int:
    checksum = 0
    with file.open("rb") as content:
        while piece := content.read(_COPIED_BYTES):
            checksum = zlib.crc32(piece, checksum)
    return checksum
