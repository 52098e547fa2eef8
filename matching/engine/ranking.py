"""Index over a snapshot: the best achievements for a demand, their scores and the terms that explain them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import batched
from typing import Any

import numpy as np

from matching.engine.aligned_sentences import AlignedSentences, SentenceAligner
from matching.engine.arrays import Booleans, Floats, Integers, PairRows
from matching.engine.candidates import REFERENCE_RANK, ScoreProfile, score_profile
from matching.engine.corpus import Corpus, Item
from matching.engine.counted_blocks import CountedBlocks
from matching.engine.methods import DEFAULT_ENGINE, SCORE_THRESHOLD, ScoringMethod, load_method, to_score, to_total
from matching.engine.related_terms import prepare_terms, related_terms
from matching.engine.row_arrays import Allocate, in_memory
from matching.engine.shared_terms import shared_terms
from matching.engine.stored_items import StoredItems
from matching.engine.term_statistics import TermStatistics
from matching.engine.thesaurus import default_thesaurus

BLOCK, MAX_ENTRIES = 64, 1_000_000
"""Demands scored at a time, and demands × achievements: 4 MB, whatever the size of the registry."""
MARGIN = 8
"""Achievements that are scored exactly beyond those asked for: the approximate totals are float32."""
FLOOR_MARGIN = 0.01
"""For the same reason an approximate total may be this much below the total of a floor."""


@dataclass(frozen=True, slots=True)
class RankedAchievement:
    """An achievement in a ranking. `score` 0–100 (not a probability), `parts` each 0–1."""

    achievement_id: str | int
    score: float
    parts: dict[str, float]


@dataclass(frozen=True, slots=True)
class DemandRanking:
    """The best achievements for a demand in descending order of score, and the profile of its scores.

    `background`: what the method has measured of the demand over the registry; None if it measures nothing.
    """

    demand_id: str | int
    achievements: tuple[RankedAchievement, ...]
    profile: ScoreProfile
    background: Floats | None = field(default=None, compare=False, repr=False)


class Index:
    """Scores demands against a corpus. The result for a demand does not depend on the other demands of a call."""

    def __init__(
        self,
        corpus: Corpus,
        *,
        engine: str = DEFAULT_ENGINE,
        pairs: PairRows | None = None,
        allocate: Allocate = in_memory,
        counted: CountedBlocks | None = None,
    ):
        """Fit the method `engine` to the corpus; its scales are measured over `pairs` if given.

        `allocate` provides the large arrays and `counted` keeps counts meanwhile, both in memory by default. Raises
        UnknownEngine.
        """
        statistics = TermStatistics(corpus, counted)
        self._set(corpus, statistics, load_method(engine)(statistics, pairs, allocate=allocate))

    @classmethod
    def stored(cls, corpus: Corpus, engine: str, arrays: Mapping[str, Any], numbers: Mapping[str, float]) -> "Index":
        """Return the index that `arrays` and `numbers` of another one hold, without computing anything again."""
        statistics = TermStatistics.stored(corpus, arrays, numbers["mean_demand_length"])
        index = cls.__new__(cls)
        index._set(corpus, statistics, load_method(engine).stored(statistics, arrays, numbers))
        return index

    def over(self, achievements: Sequence[Item]) -> "Index":
        """Return an index of other achievements that are scored as if they belonged to this one.

        All that is measured of a corpus (rarity of terms, means and spreads) stays that of this index.
        """
        corpus = Corpus.of(achievements, ())
        index = type(self).__new__(type(self))
        index._set(corpus, self._statistics, self._method.over(corpus.achievements))
        return index

    def _set(self, corpus: Corpus, statistics: TermStatistics, method: ScoringMethod) -> None:
        self.corpus, self._statistics, self._method = corpus, statistics, method
        self._aligner = SentenceAligner(statistics)

    @property
    def arrays(self) -> dict[str, Any]:
        """The arrays from which `stored` makes an equal index."""
        return {**self._statistics.arrays, **self._method.arrays}

    @property
    def numbers(self) -> dict[str, float]:
        """The numbers from which `stored` makes an equal index."""
        fitted = self._method.fitted_parameters
        names = self._method.NUMBERS
        return {
            "mean_demand_length": self._statistics.mean_demand_length,
            **{name: float(fitted[name]) for name in names},
        }

    @property
    def fitted_parameters(self) -> dict[str, float | str]:
        """Engine, sizes, fingerprint of the input and the numbers measured by the method, fit for JSON."""
        return {
            "engine": self._method.name,
            "achievements": len(self.corpus.achievements),
            "demands": len(self.corpus.demands),
            "fingerprint": self.corpus.fingerprint,
            **self._method.fitted_parameters,
        }

    def rank(
        self,
        demands: Sequence[Item],
        *,
        k: int = 20,
        minimum: float = 0.0,
        without: Booleans | None = None,
        backgrounds: Sequence[Floats | None] | None = None,
        floors: Sequence[float] | None = None,
    ) -> Iterator[DemandRanking]:
        """Yield the `k` best achievements with a score of at least `minimum` for each demand, in the order given.

        Ties are sorted by id. The demands need not belong to the corpus. `without` marks rows (achievements,) that are
        left out. `backgrounds`: those of earlier rankings of the same demands by the same method, which then are not
        measured again. `floors`: of each demand a score below which achievements may be left out.
        """
        size = len(self.corpus.achievements)
        left = size if without is None else size - int(without.sum())
        # The profile reads ranks that are not returned if k is small.
        count = max(k, REFERENCE_RANK) + MARGIN
        at_once = max(1, min(BLOCK, MAX_ENTRIES // max(size, 1)))
        known = batched(backgrounds if backgrounds is not None else [None] * len(demands), at_once)
        least = batched(map(self._least_total, floors if floors is not None else [0.0] * len(demands)), at_once)
        for block, of_block, least_of_block in zip(batched(demands, at_once), known, least, strict=True):
            self._method.use_backgrounds(block, of_block)
            matrix = zip(self._method.totals_matrix(block), least_of_block, strict=True)
            top_rows = [_top(_masked(totals, without), min(count, left), at_least) for totals, at_least in matrix]
            measured = self._method.backgrounds(block)
            demand_rows = np.repeat(np.arange(len(block)), [len(rows) for rows in top_rows])
            scored = self._method.score_pairs(block, (np.concatenate(top_rows), demand_rows))
            scores, ends = self._to_scores(scored.totals), np.cumsum([len(rows) for rows in top_rows])
            for demand, rows, end, background in zip(block, top_rows, ends, measured, strict=True):
                first = end - len(rows)
                # The matrix is float32; the order must be that of the float64 scores that are shown.
                order = sorted(range(first, end), key=lambda n: (-scores[n], rows[n - first]))
                shown = [n for n in order[:k] if scores[n] >= minimum]
                yield DemandRanking(
                    demand.id,
                    tuple(self._ranked(rows[n - first], scores[n], scored.parts, n) for n in shown),
                    score_profile([scores[n] for n in order], left),
                    background,
                )

    def all_scores(self, demands: Sequence[Item]) -> Floats:
        """Return the scores 0–100 (demands × achievements of the corpus, in the order of its ids) without their parts.

        They equal those of `rank` up to the rounding of float32, in a third of its time. For few demands: the result is
        dense.
        """
        totals: Floats = np.maximum(self._method.totals_matrix(demands), 0.0)
        scores: Floats = -100.0 * np.expm1(np.log1p(-SCORE_THRESHOLD / 100) * totals / self._method.pass_mark)
        return scores

    def scores(self, rows: PairRows) -> list[float]:
        """Return scores 0–100 (pairs,) of pairs of the corpus."""
        return self._to_scores(self._method.score_pairs(self.corpus.demands, rows).totals)

    def prepare_terms(self, pairs: Iterable[tuple[str | int, Item]]) -> None:
        """Read pairs (id of the achievement, demand) that `related_terms` will explain, all at once."""
        items = (item for achievement_id, demand in pairs for item in (self._achievement(achievement_id), demand))
        prepare_terms(items, default_thesaurus())

    def prepare_sentences(self, pairs: Iterable[tuple[Item, Item]]) -> None:
        """Read pairs (achievement, demand) that `aligned_sentences` will compare, all at once."""
        self._aligner.prepare(pairs)

    def shared_terms(self, achievement_id: str | int, demand: Item) -> list[str]:
        """Return at most eight words that occur in both texts, by descending weight."""
        return shared_terms(self._achievement(achievement_id), demand, self._statistics)

    def related_terms(self, achievement_id: str | int, demand: Item) -> list[str]:
        """Return at most four relations between terms of both texts, such as 耐蚀≈防腐."""
        return related_terms(self._achievement(achievement_id), demand, self._statistics, default_thesaurus())

    def aligned_sentences(self, achievement: Item, demand: Item) -> AlignedSentences | None:
        """Return the sentence of the demand that the achievement answers best, and with which sentence.

        The items need not belong to the corpus: pass them without keywords, which are no sentences.
        """
        return self._aligner.align(achievement, demand)

    def row_of(self, achievement_id: str | int) -> int | None:
        """Return the row of an achievement, None if it is not in the corpus."""
        if isinstance(self.corpus.achievements, StoredItems):
            return self.corpus.achievements.row_of(achievement_id)
        return self._rows_by_id.get(achievement_id)

    @cached_property
    def _rows_by_id(self) -> dict[str | int, int]:
        return {item.id: row for row, item in enumerate(self.corpus.achievements)}

    def demands(self, demand_ids: Iterable[int]) -> list[Item]:
        """Return the demands of the corpus with these numbers, sorted by them."""
        wanted, demands = sorted(set(demand_ids)), self.corpus.demands
        if isinstance(demands, StoredItems):
            return [demands[row] for number in wanted if (row := demands.row_of(number)) is not None]
        return [item for item in demands if item.id in set(wanted)]

    def _achievement(self, achievement_id: str | int) -> Item:
        row = self.row_of(achievement_id)
        if row is None:
            raise KeyError(achievement_id)
        return self.corpus.achievements[row]

    def _least_total(self, floor: float) -> float:
        """Return the least approximate total of an achievement whose score, which is rounded, may reach the floor."""
        return to_total(max(floor - 0.0001, 0.0), self._method.pass_mark) - FLOOR_MARGIN

    def _to_scores(self, totals: Floats) -> list[float]:
        return [round(to_score(total, self._method.pass_mark), 4) for total in totals]

    def _ranked(self, row: int, score: float, parts: Mapping[str, Floats], n: int) -> RankedAchievement:
        shown = {name: round(float(values[n]), 4) for name, values in parts.items()}
        items = self.corpus.achievements
        achievement_id = items.id_at(row) if isinstance(items, StoredItems) else items[row].id
        return RankedAchievement(achievement_id, score, shown)


def _masked(totals: Floats, without: Booleans | None) -> Floats:
    return totals if without is None else np.where(without, np.float32(-1), totals)


def _top(totals: Floats, k: int, at_least: float) -> Integers:
    """Return the rows of the `k` greatest totals of at least `at_least` in descending order. Ties are sorted by row,
    also at the cut."""
    if k < len(totals):
        at_least = max(at_least, np.partition(totals, -k)[-k])
    rows = np.flatnonzero(totals >= at_least)
    return rows[np.argsort(-totals[rows], kind="stable")][:k]
