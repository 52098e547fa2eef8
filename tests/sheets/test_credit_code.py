import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets.credit_code import ALPHABET, check_character, is_valid_credit_code, normalize_credit_code

KNOWN = ["91350100M000100Y43"]  # a code printed in explanations of GB 32100-2015


@pytest.mark.parametrize("code", KNOWN)
def test_known_codes(code):
    assert is_valid_credit_code(code)


def test_normal_form():
    assert normalize_credit_code(" ９１350100-m000100y43 ") == KNOWN[0]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("91350100M000100Y4", "现在是 17 位"),
        ("91350100M000100Y4O", "不应有“O”"),
        ("91350100M000100Y44", "校验位"),
        ("93150100M000100Y43", "校验位"),
        ("", "现在是 0 位"),
    ],
)
def test_faults(code, said):
    assert not is_valid_credit_code(code)
    with pytest.raises(ValueError, match=said):
        normalize_credit_code(code)


@given(st.text(ALPHABET, min_size=17, max_size=17), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_every_single_slip_is_seen(body, place, character):
    code = body + check_character(body)
    assert is_valid_credit_code(code)
    slipped = code[:place] + character + code[place + 1 :]
    assert is_valid_credit_code(slipped) == (slipped == code)
