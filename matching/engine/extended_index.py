"""An index and what was added, changed or removed since: ranked without building the index again.

All that is measured of a registry (rarity of terms, means and spreads) stays that of the index, so the score of a pair
does not change, and the best of a demand are the best of those that are known and of those that were added.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching.engine.aligned_sentences import AlignedSentences
from matching.engine.arrays import Floats
from matching.engine.candidates import REFERENCE_RANK, score_profile
from matching.engine.corpus import Item
from matching.engine.ranking import DemandRanking, Index, RankedAchievement


@dataclass(frozen=True, slots=True)
class KnownRanking:
    """The best achievements of a demand among those of the index, in order, and the background of its queries.

    `is_whole`: there are no others.
    """

    achievements: Sequence[RankedAchievement]
    background: Floats
    is_whole: bool


class ExtendedIndex:
    """Ranks over the achievements of an index without `removed`, and over `added`; changed ones are in both.

    `demands`: those that are not in the index, or have another text there.
    """

    def __init__(self, base: Index, added: Sequence[Item], removed: Collection[int], demands: Iterable[Item] = ()):
        self.base = base
        self.added = base.over(added)
        self._demands = {item.id: item for item in demands}
        self._removed = frozenset(removed)
        self._without = np.zeros(len(base.corpus.achievements), bool)
        self._without[[row for number in removed if (row := base.row_of(number)) is not None]] = True
        self._size = len(self._without) - int(self._without.sum()) + len(added)

    def demands(self, demand_ids: Iterable[int]) -> list[Item]:
        """Return the demands with these numbers, sorted by them."""
        wanted = set(demand_ids)
        items = [self._demands[number] for number in wanted & self._demands.keys()]
        return sorted([*items, *self.base.demands(wanted - self._demands.keys())], key=lambda item: item.id)

    def rank(self, demands: Sequence[Item], *, k: int = 20) -> Iterator[DemandRanking]:
        """Yield the `k` best achievements of each demand, in the order given."""
        count = max(k, REFERENCE_RANK)  # the profile reads it
        known = list(self.base.rank(demands, k=count, without=self._without))
        backgrounds = [ranking.background for ranking in known]
        new = self.added.rank(demands, k=count, backgrounds=backgrounds)
        for ranking, added in zip(known, new, strict=True):
            yield self._merged(ranking, added, k)

    def rank_known(
        self, demands: Sequence[Item], known: Sequence[KnownRanking | None], *, k: int = 20
    ) -> Iterator[DemandRanking]:
        """Yield what `rank` does. Of a demand with a known ranking only the added achievements are scored, unless so
        many of the known ones were removed that others would follow."""
        count = max(k, REFERENCE_RANK)
        left = [self._left(ranking, count) for ranking in known]
        unknown = [demand for demand, ranking in zip(demands, left, strict=True) if ranking is None]
        ranked = self.rank(unknown, k=k)
        enough = [(demand, ranking) for demand, ranking in zip(demands, left, strict=True) if ranking is not None]
        added = self.added.rank(
            [demand for demand, _ranking in enough],
            k=count,
            backgrounds=[ranking.background for _demand, ranking in enough],
            floors=[_floor(ranking, count) for _demand, ranking in enough],
        )
        for demand, ranking in zip(demands, left, strict=True):
            if ranking is None:
                yield next(ranked)
            else:
                of_base = DemandRanking(demand.id, tuple(ranking.achievements), score_profile([], 0))
                yield self._merged(of_base, next(added), k)

    def prepare_terms(self, pairs: Iterable[tuple[int, Item]]) -> None:
        pairs = list(pairs)
        for index in (self.base, self.added):
            index.prepare_terms(pair for pair in pairs if self._index_of(pair[0]) is index)

    def prepare_sentences(self, pairs: Iterable[tuple[Item, Item]]) -> None:
        self.base.prepare_sentences(pairs)

    def shared_terms(self, achievement_id: int, demand: Item) -> list[str]:
        return self._index_of(achievement_id).shared_terms(achievement_id, demand)

    def related_terms(self, achievement_id: int, demand: Item) -> list[str]:
        return self._index_of(achievement_id).related_terms(achievement_id, demand)

    def aligned_sentences(self, achievement: Item, demand: Item) -> AlignedSentences | None:
        return self.base.aligned_sentences(achievement, demand)

    def _index_of(self, achievement_id: int) -> Index:
        return self.base if self.added.row_of(achievement_id) is None else self.added

    def _left(self, ranking: KnownRanking | None, k: int) -> KnownRanking | None:
        """Return a known ranking without what was removed; None if it says too little."""
        if ranking is None:
            return None
        left = [ranked for ranked in ranking.achievements if ranked.achievement_id not in self._removed]
        return replace(ranking, achievements=left) if ranking.is_whole or len(left) >= k else None

    def _merged(self, ranking: DemandRanking, added: DemandRanking, k: int) -> DemandRanking:
        both = sorted(
            (*ranking.achievements, *added.achievements), key=lambda ranked: (-ranked.score, ranked.achievement_id)
        )
        profile = score_profile([ranked.score for ranked in both], self._size)
        return DemandRanking(ranking.demand_id, tuple(both[:k]), profile, ranking.background)


def _floor(ranking: KnownRanking, k: int) -> float:
    """Return the score that an added achievement needs to be among the best `k`."""
    return ranking.achievements[k - 1].score if len(ranking.achievements) >= k else 0.0
