"""Weights of three short texts, compared with values computed by hand."""

import math

import numpy as np
import pytest

from matching.engine import Corpus, Item
from matching.engine.term_statistics import TermStatistics
from matching.engine.weighting import bm25, lucene_idf, smooth_idf, tfidf


@pytest.fixture
def statistics():
    return TermStatistics(Corpus.of([Item(1, "a b b"), Item(2, "b")], [Item(1, "b c")]))


def test_document_frequency_counts_each_text_once(statistics):
    assert [statistics.document_frequency(term) for term in ("a", "b", "c", "d")] == [1, 3, 1, 0]
    assert statistics.document_count == 3


def test_unknown_terms_are_not_counted(statistics):
    assert statistics.count(["d b d", ""]).toarray().sum(axis=1).tolist() == [1, 0]


def test_tfidf_is_one_plus_log_tf_times_idf_scaled_to_length_one(statistics):
    idf = smooth_idf(np.array([1.0, 3.0, 1.0]), 3)
    assert idf == pytest.approx([math.log(4 / 2) + 1, 1, math.log(4 / 2) + 1])
    a, b = idf[0], (1 + math.log(2)) * 1
    row = tfidf(statistics.count(["a b b"]), idf).toarray()[0]
    assert row == pytest.approx([a / math.hypot(a, b), b / math.hypot(a, b), 0], rel=1e-6)


def test_an_empty_text_has_an_empty_row(statistics):
    assert not tfidf(statistics.count([""]), np.ones(3)).toarray().any()
    assert not bm25(statistics.count([""]), np.ones(3), 0).toarray().any()


def test_bm25_reduces_the_weight_of_repetitions_and_long_texts(statistics):
    idf = lucene_idf(np.array([0.0, 1.0, 1.0]), 1)
    assert idf == pytest.approx([math.log(1 + 1.5 / 0.5), math.log(1 + 0.5 / 1.5), math.log(1 + 0.5 / 1.5)])
    row = bm25(statistics.count(["b b c"]), idf, mean_length=2).toarray()[0]
    saturation = 1.2 * (1 - 0.75 + 0.75 * 3 / 2)
    assert row == pytest.approx([0, idf[1] * 2 / (2 + saturation), idf[2] * 1 / (1 + saturation)], rel=1e-6)
