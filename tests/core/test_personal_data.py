"""Finds of contacts and personal numbers: what must be found in any disguise, what technical texts must not trigger."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.personal_data import (
    REACHABLE,
    Kind,
    find_personal_data,
    is_bank_card,
    is_identity_number,
    mask_identity_numbers,
    replace_finds,
)
from matching.reader.masking import mask_contacts

HERE = Path(__file__).parent
DISGUISED = [
    line.split("|", 1)
    for line in HERE.joinpath("disguised_contacts.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
TECHNICAL = HERE.joinpath("technical_texts.txt").read_text(encoding="utf-8").splitlines()


def test_every_disguise_is_found():
    """172 forms; the list is the measure of recall in docs/decisions/0014-measured-anonymity.md."""
    assert len(DISGUISED) >= 150
    missed = [
        (kind, text)
        for kind, text in DISGUISED
        if kind not in {find.kind for find in find_personal_data(text, REACHABLE)}
    ]
    assert missed == []


def test_technical_texts_hold_no_contacts():
    assert [(line, find) for line in TECHNICAL for find in find_personal_data(line, REACHABLE)] == []


@pytest.mark.parametrize("code, valid", [("11010519491231002X", True), ("110105194912310021", False)])
def test_check_character_of_an_identity_number(code, valid):
    assert is_identity_number(code) is valid
    assert bool(find_personal_data(f"编号{code}号")) is valid
    assert ("*" in mask_identity_numbers(f"编号{code}号")) is valid


def test_an_impossible_birthday_is_no_identity_number():
    assert not is_identity_number("110105194902310025")


def test_a_card_needs_prefix_and_check_digit():
    assert is_bank_card("6222021001116245702")
    assert not is_bank_card("6222021001116245703") and not is_bank_card("1111111111111117")


@given(st.lists(st.sampled_from([text for _kind, text in DISGUISED] + TECHNICAL), max_size=4), st.text(max_size=20))
def test_replaced_texts_hold_no_secret_and_finds_do_not_overlap(parts, noise):
    text = noise.join(parts)
    finds = find_personal_data(text, REACHABLE)
    assert all(text[find.start : find.end] == find.excerpt for find in finds)
    assert all(left.end <= right.start for left, right in pairwise(finds))
    after = replace_finds(text, finds)
    assert len(after) <= len(text) + 3 * len(finds)


@pytest.mark.long
@pytest.mark.parametrize("piece", ["区", "路1", "1-", "a@", "点com", "位于区", "大厦a", "1 3 8 "])
def test_repetitive_texts_do_not_make_the_patterns_backtrack(piece):
    """It would not end."""
    text = (piece * 5000)[:5000]
    assert isinstance(find_personal_data(text, REACHABLE), list) and len(mask_contacts(text)) <= 2 * len(text)


@given(st.text())
def test_any_text_is_accepted(text):
    assert isinstance(find_personal_data(text, set(Kind)), list)
    assert len(mask_identity_numbers(text)) == len(text)
