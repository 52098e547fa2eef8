"""The weights against their formulas, computed by hand on three short texts."""

import math

import numpy as np
import pytest

from matching.engine import Corpus, Item
from matching.engine.lexicon import Lexicon
from matching.engine.weighting import bm25, lucene_idf, smooth_idf, tfidf


@pytest.fixture
def lexicon():
    return Lexicon(Corpus.of([Item(1, "aa bb bb"), Item(2, "bb")], [Item(1, "bb cc")]))


def test_a_term_counts_once_per_text_it_stands_in(lexicon):
    assert [lexicon.standing_in(term) for term in ("aa", "bb", "cc", "dd")] == [1, 3, 1, 0]
    assert lexicon.documents == 3


def test_unknown_terms_are_left_out_of_counts(lexicon):
    assert lexicon.count(["dd bb dd", ""]).toarray().sum(axis=1).tolist() == [1, 0]


def test_tfidf_is_one_plus_log_times_idf_over_its_length(lexicon):
    idf = smooth_idf(np.array([1.0, 3.0, 1.0]), 3)
    assert idf == pytest.approx([math.log(4 / 2) + 1, 1, math.log(4 / 2) + 1])
    aa, bb = idf[0], (1 + math.log(2)) * 1
    row = tfidf(lexicon.count(["aa bb bb"]), idf).toarray()[0]
    assert row == pytest.approx([aa / math.hypot(aa, bb), bb / math.hypot(aa, bb), 0], rel=1e-6)


def test_an_empty_text_weighs_nothing(lexicon):
    assert not tfidf(lexicon.count([""]), np.ones(3)).toarray().any()
    assert not bm25(lexicon.count([""]), np.ones(3), 0).toarray().any()


def test_bm25_dampens_repeats_and_long_texts(lexicon):
    idf = lucene_idf(np.array([0.0, 1.0, 1.0]), 1)
    assert idf == pytest.approx([math.log(1 + 1.5 / 0.5), math.log(1 + 0.5 / 1.5), math.log(1 + 0.5 / 1.5)])
    row = bm25(lexicon.count(["bb bb cc"]), idf, mean_length=2).toarray()[0]
    dampening = 1.2 * (1 - 0.75 + 0.75 * 3 / 2)
    assert row == pytest.approx([0, idf[1] * 2 / (2 + dampening), idf[2] * 1 / (1 + dampening)], rel=1e-6)
