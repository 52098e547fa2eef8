"""The search index of a process: collections of all kinds and the vocabulary.

It is kept as the engine's indexes are (`matching.registry_indexes`): each process notices changes by itself. A large
registry is indexed in the background; until its first index is ready, a search answers with literal hits only.
"""

import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from operator import attrgetter

from django.conf import settings
from django.db.models import BigIntegerField, Count, Func, Max, Sum, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from achievements.models import Achievement
from demands.models import Demand
from matching.engine import Item, build
from matching.registry_indexes import MAX_ROWS_AT_ONCE, CachedIndex
from matching.shared_indexes import build_index
from mechanism.models import Base, Policy
from portal.public_copies.changes import ReadBefore, is_current, read_snapshot
from portal.public_copies.reading import note_read_before, remember
from portal.search import documents
from portal.search.collection import Collection
from portal.search.documents import Document
from portal.search.folding import fold
from portal.search.vocabulary import Vocabulary

CHECK_SECONDS = 2.0
"""How long the index of a large registry is used before it is checked for changes again."""
COUNT_SECONDS = 600.0
"""How long no rows are counted while nothing is written. Much less than changes are recorded (`RECORDED_FOR`)."""
FIRST_WAIT_SECONDS = 1.5
"""How long a request waits for the first index of a large registry."""


class SearchIndex:
    """Read-only once built. `achievements` and `demands` have an engine, the small kinds only words."""

    read_before: ReadBefore

    def __init__(self) -> None:
        offers, needs = list(documents.achievement_documents()), list(documents.demand_documents())
        open_needs = [_item(document) for document in needs if document.is_available]
        self.achievements = Collection(offers, _engine(map(_item, offers), open_needs))
        self.demands = _with_engine(needs)
        self.institutions = Collection(documents.institution_documents())
        self.bases = _with_engine(documents.base_documents())
        self.policies = _with_engine(documents.policy_documents())
        self.people = documents.people_of(self.achievements.documents)
        self.institution_names = _institution_names(self.institutions.documents)
        self.vocabulary = Vocabulary(
            (word for document in self._with_keywords() for word in document.keywords),
            (*self.institution_names, *(name for name, _count in self.people)),
            self.achievements.stored_pieces | self.demands.stored_pieces,
        )

    @cached_property
    def size(self) -> int:
        return len(self.achievements) + len(self.demands)

    def _with_keywords(self) -> Iterator[Document]:
        yield from self.achievements.documents
        yield from self.demands.documents


def read_index() -> SearchIndex:
    index, read_before = remember(SearchIndex)
    index.read_before = read_before
    return index


NOTHING_YET = ReadBefore("", frozenset())
"""A page without an index is not kept: the next one has better answers."""


@dataclass(frozen=True)
class Counted:
    """An index that was equal to the rows at this snapshot; `at` by the monotonic clock."""

    index: SearchIndex | None
    snapshot: str
    at: float
    day: date | None


NOTHING_COUNTED = Counted(None, "", 0.0, None)


class SearchIndexCache(CachedIndex):
    """The index of the present public records."""

    def __init__(self) -> None:
        super().__init__("search", lambda: [Achievement.objects.published(), Demand.objects.published()], read_index)
        self._checked_at = 0.0
        self._counted = NOTHING_COUNTED

    def current_or_none(self) -> SearchIndex | None:
        """The index, or None if a large registry has none yet and it does not become ready within a short time.

        The page that asks shows what the index has read before.
        """
        index = self._ready_index()
        note_read_before(index.read_before if index else NOTHING_YET)
        return index

    def _ready_index(self) -> SearchIndex | None:
        built = self._built
        if built and built.rows > MAX_ROWS_AT_ONCE and (self._is_checked() or self._is_unwritten(built.index)):
            ready: SearchIndex = built.index
            return ready
        self._checked_at = time.monotonic()
        snapshot = read_snapshot()
        version = self._version()
        if built is None and sum(state[0] for state in version[2:4]) > MAX_ROWS_AT_ONCE:
            return self._built_soon(version)
        index: SearchIndex = self._of(version)
        if self._built and self._built.version == version:
            self._counted = Counted(index, snapshot, time.monotonic(), version[1])
        return index

    def _is_checked(self) -> bool:
        return self._checked_at > time.monotonic() - CHECK_SECONDS

    def _is_unwritten(self, index: SearchIndex) -> bool:
        """Whether none of its tables was written since the rows were counted: one small query instead of counting."""
        counted, are_watched = self._counted, bool(index.read_before.snapshot)
        is_recent = counted.at > time.monotonic() - COUNT_SECONDS and counted.day == timezone.localdate()
        if not (counted.index is index and is_recent and are_watched and counted.snapshot):
            return False
        if not is_current(ReadBefore(counted.snapshot, index.read_before.tables)):
            return False
        self._checked_at = time.monotonic()
        return True

    def _built_soon(self, version: tuple) -> SearchIndex | None:
        if self._building.acquire(blocking=False):
            threading.Thread(target=self._build_in_background, args=(version,), daemon=True, name=self.name).start()
        end = time.monotonic() + FIRST_WAIT_SECONDS
        while self._built is None and time.monotonic() < end:
            time.sleep(0.02)
        return self._built.index if self._built else None

    def _version(self) -> tuple:
        small = [
            tuple(rows.aggregate(n=Count("pk"), a=Max("updated_at")).values())
            for rows in (Base.objects.listed(), Policy.objects.published())
        ]
        return (*super()._version(), *((0, *state) for state in (*small, (_hidden_names(),))))


SEARCH_INDEX = SearchIndexCache()


def _hidden_names() -> int | None:
    """A sum over the names that are masked in anonymous demands: a firm that takes another name is noticed."""
    names = Concat(
        "firm__name", Value("|"), "firm__short_name", Value("|"), Cast("firm__former_names", TextField()),
        output_field=TextField(),
    )  # fmt: skip
    hashed = Cast(Func(names, function="hashtext"), BigIntegerField())
    total: int | None = (
        Demand.objects.published().filter(is_anonymous=True).order_by().aggregate(total=Sum(hashed))["total"]
    )
    return total


def _engine(offers: Iterable[Item], needs: Iterable[Item]):
    """Of a large registry an index in files, which is built once and shared by all processes of the host."""
    items, others = list(offers), list(needs)
    if not items:
        return None
    if len(items) > MAX_ROWS_AT_ONCE:
        number = attrgetter("id")
        sides = (lambda: sorted(items, key=number), lambda: sorted(others, key=number))
        return build_index(*sides, settings.MATCH_ENGINE, "search")
    return build(items, others, engine=settings.MATCH_ENGINE)


def _item(document: Document) -> Item:
    return Item(document.pk, document.title, "\n".join((document.text, " ".join(document.keywords))))


def _with_engine(rows: Iterable[Document]) -> Collection:
    listed = list(rows)
    items = [_item(document) for document in listed]
    return Collection(listed, _engine(items, items))


def _institution_names(institutions: Iterable[Document]) -> dict[str, int]:
    """Each full and short name of an institution, folded → its primary key. Of a name of two the first keeps it."""
    names: dict[str, int] = {}
    for institution in institutions:
        for name in (institution.title, *institution.keywords):
            names.setdefault(fold(name), institution.pk)
    return names
