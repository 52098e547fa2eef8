"""A snapshot ready to be asked: which achievements fit a need best, how well, and by which words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import batched

import numpy as np

from matching.engine.corpus import Corpus, Item
from matching.engine.kin import related_terms
from matching.engine.lexicon import Lexicon
from matching.engine.methods import DEFAULT, load, to_score
from matching.engine.silence import CROWD, Standing
from matching.engine.terms import shared_terms
from matching.engine.thesaurus import standard

# Needs scored at a time: 64 × 100,000 achievements are 26 MB.
BLOCK = 64


@dataclass(frozen=True, slots=True)
class Proposal:
    """One achievement proposed for a need. `score` 0–100 (not a probability), `parts` each 0–1."""

    achievement_id: str | int
    score: float
    parts: dict[str, float]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The proposals for one need, best first, and how the first stands out from the registry (see `silence`)."""

    demand_id: str | int
    proposals: tuple[Proposal, ...]
    standing: Standing


class Index:
    """The answer for a need is the same whether it is asked alone, in a chunk or with all others."""

    def __init__(self, corpus: Corpus, *, engine: str = DEFAULT, pairs: tuple[np.ndarray, np.ndarray] | None = None):
        self.corpus = corpus
        self._lexicon = Lexicon(corpus)
        self._method = load(engine)(self._lexicon, pairs)
        self._row_of = {item.id: row for row, item in enumerate(corpus.achievements)}

    @property
    def calibration(self) -> dict:
        """What a run should keep (fit for JSON): engine, sizes, fingerprint of the input, measured numbers."""
        return {
            "engine": self._method.name,
            "achievements": len(self.corpus.achievements),
            "demands": len(self.corpus.demands),
            "fingerprint": self.corpus.fingerprint,
            **self._method.calibration,
        }

    def rank(self, demands: Sequence[Item], *, k: int = 20, minimum: float = 0.0) -> Iterator[Ranking]:
        """The best `k` achievements for each need, in the order given; equal ones by id; none below `minimum`.

        Needs usually belong to the snapshot but need not. With `minimum` 0 every need gets min(k, registry) of them.
        """
        for block in batched(demands, BLOCK):
            tops = [_top(totals, k) for totals in self._method.matrix(block)]
            standings = [_standing(totals) for totals in self._method.literal(block)]
            places = np.repeat(np.arange(len(block)), [len(top) for top in tops])
            scored = self._method.pairs(block, (np.concatenate(tops), places))
            scores, ends = self._to_scores(scored.totals), np.cumsum([len(top) for top in tops])
            for demand, standing, top, end in zip(block, standings, tops, ends, strict=True):
                first = end - len(top)
                # The matrix is coarser (float32) than the score that is shown, by which the order must hold.
                order = sorted(range(first, end), key=lambda n: (-scores[n], top[n - first]))
                shown = [n for n in order if scores[n] >= minimum]
                yield Ranking(
                    demand.id,
                    tuple(self._proposal(top[n - first], scores[n], scored.parts, n) for n in shown),
                    standing,
                )

    def scores(self, rows: tuple[np.ndarray, np.ndarray]) -> list[float]:
        """Scores 0–100 of pairs of the snapshot, given as rows of achievements and rows of needs."""
        return self._to_scores(self._method.pairs(self.corpus.demands, rows).totals)

    def explain(self, achievement_id: str | int, demand: Item) -> list[str]:
        """Up to eight words that stand in both texts, weightiest first."""
        return shared_terms(self.corpus.achievements[self._row_of[achievement_id]], demand, self._lexicon)

    def relate(self, achievement_id: str | int, demand: Item) -> list[str]:
        """Up to four pairs of terms that mean the same or belong together, one from each text."""
        achievement = self.corpus.achievements[self._row_of[achievement_id]]
        return related_terms(achievement, demand, self._lexicon, standard())

    def _to_scores(self, totals: np.ndarray) -> list[float]:
        return [round(to_score(total, self._method.pass_mark), 4) for total in totals]

    def _proposal(self, row: int, score: float, parts: dict[str, np.ndarray], n: int) -> Proposal:
        shown = {name: round(float(values[n]), 4) for name, values in parts.items()}
        return Proposal(self.corpus.achievements[row].id, score, shown)


def _top(totals: np.ndarray, k: int) -> np.ndarray:
    """Rows of the k greatest, greatest first, equal ones by row; the cut at k does not depend on a sort's whims."""
    if k < len(totals):
        kth = np.partition(totals, -k)[-k]
        rows = np.flatnonzero(totals >= kth)
    else:
        rows = np.arange(len(totals))
    return rows[np.argsort(-totals[rows], kind="stable")][:k]


def _standing(totals: np.ndarray) -> Standing:
    """Of one need, from its literal totals over the whole registry."""
    if not len(totals):
        return Standing(best=0.0, ahead=1.0, registry=0)
    crowd = min(CROWD, len(totals))
    first = np.partition(totals, len(totals) - crowd)[-crowd:].astype(np.float64)
    best, tenth = float(first.max()), float(first.min())
    return Standing(best=best, ahead=best / max(tenth, 1e-6) if best > 0 else 1.0, registry=len(totals))
