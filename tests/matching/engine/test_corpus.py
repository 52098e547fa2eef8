import pytest

from matching.engine import Corpus, DuplicateId, Item

A = [Item(2, "乙"), Item(10, "丙"), Item(1, "甲")]


def test_items_are_sorted_by_id():
    assert [item.id for item in Corpus.of(A, []).achievements] == [1, 2, 10]
    assert Corpus.of(A, A) == Corpus.of(A[::-1], A[::-1])


def test_a_repeated_id_is_refused():
    with pytest.raises(DuplicateId, match="编号“2”"):
        Corpus.of([*A, Item(2, "丁")], [])


def test_the_fingerprint_depends_on_the_items_and_not_on_their_order():
    fingerprint = Corpus.of(A, [Item("d", "需求", "文")]).fingerprint
    assert Corpus.of(A[::-1], [Item("d", "需求", "文")]).fingerprint == fingerprint
    others = [
        Corpus.of(A[1:], [Item("d", "需求", "文")]),
        Corpus.of(A, [Item("d", "需求", "文字")]),
        Corpus.of(A, [Item("d", "需求文", "")]),
        Corpus.of(A, [Item("e", "需求", "文")]),
        Corpus.of([], [*A, Item("d", "需求", "文")]),
        Corpus.of([*A, Item("d", "需求", "文")], []),
    ]
    assert len({fingerprint, *(other.fingerprint for other in others)}) == 7


def test_a_surrogate_has_a_fingerprint():
    assert len(Corpus.of([Item(1, "\ud800")], []).fingerprint) == 64
