"""Index over a snapshot: the best achievements for a demand, their scores and the terms that explain them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched

import numpy as np

from matching.engine.aligned_sentences import AlignedSentences, SentenceAligner
from matching.engine.arrays import Floats, Integers, PairRows
from matching.engine.candidates import REFERENCE_RANK, ScoreProfile, score_profile
from matching.engine.corpus import Corpus, Item
from matching.engine.methods import DEFAULT_ENGINE, SCORE_THRESHOLD, load_method, to_score
from matching.engine.related_terms import related_terms
from matching.engine.shared_terms import shared_terms
from matching.engine.term_statistics import TermStatistics
from matching.engine.thesaurus import default_thesaurus

BLOCK = 64
"""Demands scored at a time: 64 × 100,000 achievements take 26 MB."""


@dataclass(frozen=True, slots=True)
class RankedAchievement:
    """An achievement in a ranking. `score` 0–100 (not a probability), `parts` each 0–1."""

    achievement_id: str | int
    score: float
    parts: dict[str, float]


@dataclass(frozen=True, slots=True)
class DemandRanking:
    """The best achievements for a demand in descending order of score, and the profile of its scores."""

    demand_id: str | int
    achievements: tuple[RankedAchievement, ...]
    profile: ScoreProfile


class Index:
    """Scores demands against a corpus. The result for a demand does not depend on the other demands of a call."""

    def __init__(self, corpus: Corpus, *, engine: str = DEFAULT_ENGINE, pairs: PairRows | None = None):
        """Fit the method `engine` to the corpus; its scales are measured over `pairs` if given.

        Raises UnknownEngine.
        """
        self.corpus = corpus
        self._statistics = TermStatistics(corpus)
        self._method = load_method(engine)(self._statistics, pairs)
        self._aligner = SentenceAligner(self._statistics)
        self._row_of = {item.id: row for row, item in enumerate(corpus.achievements)}

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

    def rank(self, demands: Sequence[Item], *, k: int = 20, minimum: float = 0.0) -> Iterator[DemandRanking]:
        """Yield the `k` best achievements with a score of at least `minimum` for each demand, in the order given.

        Ties are sorted by id. The demands need not belong to the corpus.
        """
        for block in batched(demands, BLOCK):
            # The profile reads ranks that are not returned if k is small.
            top_rows = [_top(totals, max(k, REFERENCE_RANK)) for totals in self._method.totals_matrix(block)]
            demand_rows = np.repeat(np.arange(len(block)), [len(rows) for rows in top_rows])
            scored = self._method.score_pairs(block, (np.concatenate(top_rows), demand_rows))
            scores, ends = self._to_scores(scored.totals), np.cumsum([len(rows) for rows in top_rows])
            for demand, rows, end in zip(block, top_rows, ends, strict=True):
                first = end - len(rows)
                # The matrix may be float32; the order must be that of the float64 scores that are shown.
                order = sorted(range(first, end), key=lambda n: (-scores[n], rows[n - first]))
                shown = [n for n in order[:k] if scores[n] >= minimum]
                yield DemandRanking(
                    demand.id,
                    tuple(self._ranked(rows[n - first], scores[n], scored.parts, n) for n in shown),
                    score_profile([scores[n] for n in order], len(self.corpus.achievements)),
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

    def _achievement(self, achievement_id: str | int) -> Item:
        return self.corpus.achievements[self._row_of[achievement_id]]

    def _to_scores(self, totals: Floats) -> list[float]:
        return [round(to_score(total, self._method.pass_mark), 4) for total in totals]

    def _ranked(self, row: int, score: float, parts: Mapping[str, Floats], n: int) -> RankedAchievement:
        shown = {name: round(float(values[n]), 4) for name, values in parts.items()}
        return RankedAchievement(self.corpus.achievements[row].id, score, shown)


def _top(totals: Floats, k: int) -> Integers:
    """Return the rows of the `k` greatest totals in descending order. Ties are sorted by row, also at the cut."""
    if k < len(totals):
        kth = np.partition(totals, -k)[-k]
        rows = np.flatnonzero(totals >= kth)
    else:
        rows = np.arange(len(totals))
    return rows[np.argsort(-totals[rows], kind="stable")][:k]
