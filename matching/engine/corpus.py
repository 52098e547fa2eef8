"""What the engine reads: plain items, and the snapshot of both sides from which all statistics come."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from matching.engine.errors import DuplicateId


@dataclass(frozen=True, slots=True)
class Item:
    """An achievement or a need as the engine sees it. `id` is the caller's (a string or a whole number)."""

    id: str | int
    title: str
    text: str = ""

    @property
    def full(self) -> str:
        return f"{self.title}\n{self.text}"


@dataclass(frozen=True, slots=True)
class Corpus:
    """The registry's items on offer and the needs of a run, each in order of id. Use `Corpus.of`."""

    achievements: tuple[Item, ...]
    demands: tuple[Item, ...]

    @classmethod
    def of(cls, achievements: Iterable[Item], demands: Iterable[Item]) -> "Corpus":
        """Put both sides in order, so that nothing depends on the order in which the rows were read.

        Raises DuplicateId when two items of one side share an id.
        """
        return cls(_in_order(achievements), _in_order(demands))

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of every id, title and text: equal if and only if the engine would see the same input."""
        digest = hashlib.sha256()
        for side in (self.achievements, self.demands):
            for item in side:
                digest.update(json.dumps([item.id, item.title, item.text]).encode())
            digest.update(b"|")
        return digest.hexdigest()


def _in_order(items: Iterable[Item]) -> tuple[Item, ...]:
    ordered = tuple(sorted(items, key=lambda item: (isinstance(item.id, str), item.id)))
    for one, next_one in pairwise(ordered):
        if one.id == next_one.id:
            raise DuplicateId(one.id)
    return ordered
