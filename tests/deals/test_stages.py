"""The table of steps: every pair of stages has a row here."""

import pytest

from deals.stages import FAILED, STAGE_ORDER, move_between, reachable_stages

EXPECTED = """
            intent signed registered performing landed reviewed failed
intent      -      next   skip       skip       skip   skip     fail
signed      back   -      next       skip       skip   skip     fail
registered  back   back   -          next       skip   skip     fail
performing  back   back   back       -          next   skip     fail
landed      back   back   back       back       -      next     -
reviewed    back   back   back       back       back   -        -
failed      -      -      -          -          -      -        -
"""


def cells():
    head, *lines = EXPECTED.strip().splitlines()
    for line in lines:
        source, *moves = line.split()
        yield from ((source, target, move) for target, move in zip(head.split(), moves, strict=True))


@pytest.mark.parametrize(("source", "target", "move"), list(cells()))
def test_each_pair_of_stages_has_its_move(source, target, move):
    assert (move_between(source, target) or "-") == move


def test_the_table_has_every_pair():
    assert {(source, target) for source, target, _move in cells()} == {
        (source, target) for source in (*STAGE_ORDER, FAILED) for target in (*STAGE_ORDER, FAILED)
    }


def test_the_next_stage_comes_first():
    assert reachable_stages("signed") == ["registered", "performing", "landed", "reviewed", "intent", "failed"]
    assert reachable_stages(FAILED) == []


def test_an_unknown_stage_raises_key_error():
    with pytest.raises(KeyError):
        move_between("intent", "nowhere")
