import pytest

from matching.engine import Corpus, DuplicateId, Item

A = [Item(2, "乙"), Item(10, "丙"), Item(1, "甲")]


def test_items_are_in_order_of_id_however_they_were_read():
    assert [item.id for item in Corpus.of(A, []).achievements] == [1, 2, 10]
    assert Corpus.of(A, A) == Corpus.of(A[::-1], A[::-1])


def test_an_id_twice_on_one_side_is_refused_by_name():
    with pytest.raises(DuplicateId, match="编号“2”"):
        Corpus.of([*A, Item(2, "丁")], [])


def test_the_fingerprint_changes_with_any_input_and_with_nothing_else():
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


def test_the_fingerprint_of_a_broken_character_is_defined():
    assert len(Corpus.of([Item(1, "\ud800")], []).fingerprint) == 64
