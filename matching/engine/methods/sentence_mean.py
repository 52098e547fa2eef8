"""Method p3: p2 for the whole demand and for each of its sentences, averaged."""

from collections.abc import Sequence
from itertools import batched

import numpy as np

from matching.engine.arrays import Floats, Integers, PairRows
from matching.engine.corpus import Item
from matching.engine.methods import PairScores
from matching.engine.methods.conceptual import ConceptualMethod
from matching.engine.sentences import split_sentences
from matching.engine.term_statistics import TermStatistics

BLOCK = 64
"""Queries scored at a time: 64 × 100,000 achievements take 51 MB as float64."""
PAIR_BLOCK = 4096
"""Pairs scored at a time. Each is scored once for each query of its demand."""


class SentenceMeanMethod(ConceptualMethod):
    """total = mean of the totals of p2 over the demand, its title and its sentences.

    A need lists several problems, and a firm's text also says what every project says. Each sentence is a query with a
    mean and a standard deviation of its own, so a sentence in common words adds the same to every achievement, and an
    achievement that answers one of the problems is found although the rest of the text is about something else.
    """

    name = "p3"
    pass_mark = 3.8
    title_share = 0.3

    def __init__(self, statistics: TermStatistics, pairs: PairRows | None = None):
        super().__init__(statistics, pairs)
        # The queries of the demands of the last call; `score_pairs` reuses them after `totals_matrix`.
        self._last_queries: tuple[Sequence[Item], list[Item], Integers] | None = None

    def totals_matrix(self, demands: Sequence[Item]) -> Floats:
        queries, starts = self._queries(demands)
        owners = np.repeat(np.arange(len(demands)), np.diff(starts))
        sums = np.zeros((len(demands), self._registry.shape[1]))
        backgrounds: list[Floats] = [np.zeros((2, 2, 0))]
        for block, block_owners in zip(batched(queries, BLOCK), batched(owners, BLOCK), strict=True):
            totals = super().totals_matrix(block)
            np.add.at(sums, np.array(block_owners), totals)
            backgrounds.append(self._backgrounds(block))
        self._last_backgrounds = queries, np.concatenate(backgrounds, axis=2)
        means: Floats = sums / np.diff(starts)[:, None]
        return means

    def score_pairs(self, demands: Sequence[Item], rows: PairRows) -> PairScores:
        """Score single pairs. The parts are those of p2 over the demand's whole text."""
        queries, starts = self._queries(demands)
        achievement_rows, demand_rows = rows
        totals = np.zeros(len(demand_rows))
        for start in range(0, len(demand_rows), PAIR_BLOCK):
            chunk = slice(start, start + PAIR_BLOCK)
            counts = np.diff(starts)[demand_rows[chunk]]
            ends = np.cumsum(counts)
            query_rows = np.arange(ends[-1]) - np.repeat(ends - counts - starts[demand_rows[chunk]], counts)
            scored = super().score_pairs(queries, (np.repeat(achievement_rows[chunk], counts), query_rows))
            totals[chunk] = np.add.reduceat(scored.totals, ends - counts) / counts
        return PairScores(totals, self._parts(*self._pair_sides(demands, rows)))

    def _queries(self, demands: Sequence[Item]) -> tuple[list[Item], Integers]:
        """Return the queries of all demands, and where those of each demand start and the last end (demands + 1,).

        The queries of a demand are the demand itself, its title and its sentences.
        """
        last = self._last_queries
        if last is None or last[0] is not demands:
            queries = [
                [demand, *(Item(0, text) for text in (demand.title, *split_sentences(demand.text)) if text.strip())]
                for demand in demands
            ]
            starts = np.cumsum([0, *map(len, queries)])
            last = demands, [query for of_demand in queries for query in of_demand], starts
            self._last_queries = last  # through a local name: another thread may ask with the same index
        return last[1:]
