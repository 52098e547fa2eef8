"""The texts of one side of a stored index. An item is decoded when it is asked for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

import numpy as np

from matching.engine.corpus import Item


class StoredItems(Sequence[Item]):
    """Items sorted by their numbers, in arrays: `ids`, the ends of titles and texts, and the bytes of both."""

    ARRAYS = ("ids", "title_ends", "ends", "bytes")

    def __init__(self, side: str, arrays: Mapping[str, Any]):
        self.ids, self._title_ends, self._ends, self._bytes = (arrays[f"{side}_{name}"] for name in self.ARRAYS)

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, row: int) -> Item: ...

    @overload
    def __getitem__(self, row: slice) -> list[Item]: ...

    def __getitem__(self, row: int | slice) -> Item | list[Item]:
        if isinstance(row, slice):
            return [self._item(number) for number in range(len(self))[row]]
        return self._item(range(len(self))[row])

    def __iter__(self) -> Iterator[Item]:
        return map(self._item, range(len(self)))

    def id_at(self, row: int) -> int:
        return int(self.ids[row])

    def row_of(self, item_id: str | int) -> int | None:
        """Return the row of an item, None if there is none with this number."""
        row = int(np.searchsorted(self.ids, item_id))
        return row if row < len(self.ids) and self.ids[row] == item_id else None

    def _item(self, row: int) -> Item:
        first = int(self._ends[row - 1]) if row else 0
        middle, last = int(self._title_ends[row]), int(self._ends[row])
        title = self._bytes[first:middle].tobytes().decode("utf-8", "surrogatepass")
        return Item(int(self.ids[row]), title, self._bytes[middle:last].tobytes().decode("utf-8", "surrogatepass"))
