"""The input of the engine: items and the snapshot that all statistics are computed from."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from matching.engine.errors import DuplicateId


@dataclass(frozen=True, slots=True)
class Item:
    """The text of an achievement or a demand. The caller chooses `id`."""

    id: str | int
    title: str
    text: str = ""

    @property
    def full_text(self) -> str:
        """Title and text, separated by a line break."""
        return f"{self.title}\n{self.text}"


@dataclass(frozen=True, slots=True)
class Corpus:
    """The achievements on offer and the demands of a run, each sorted by id. Create it with `Corpus.of`, or open an
    index."""

    achievements: Sequence[Item]
    demands: Sequence[Item]

    @classmethod
    def of(cls, achievements: Iterable[Item], demands: Iterable[Item]) -> "Corpus":
        """Sort both sides by id, so that results do not depend on the order of the rows.

        Raises DuplicateId if two items of one side have the same id.
        """
        return cls(_sorted_by_id(achievements), _sorted_by_id(demands))

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of all ids, titles and texts."""
        fingerprint = Fingerprint()
        for side in (self.achievements, self.demands):
            for item in side:
                fingerprint.add(item)
            fingerprint.end_side()
        return fingerprint.hexdigest()


class Fingerprint:
    """Computes the fingerprint of a corpus item by item: first all achievements, then all demands."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, item: Item) -> None:
        self._digest.update(json.dumps([item.id, item.title, item.text]).encode())

    def end_side(self) -> None:
        self._digest.update(b"|")

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def _sorted_by_id(items: Iterable[Item]) -> tuple[Item, ...]:
    ordered = tuple(sorted(items, key=lambda item: (isinstance(item.id, str), item.id)))
    for item, following in pairwise(ordered):
        if item.id == following.id:
            raise DuplicateId(item.id)
    return ordered
