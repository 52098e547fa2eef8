import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets.credit_code import ALPHABET, check_character, is_valid_credit_code, normalize_credit_code

KNOWN = ["91350100M000100Y43"]  # a code printed in explanations of GB 32100-2015


@pytest.mark.parametrize("code", KNOWN)
def test_known_codes_are_valid(code):
    assert is_valid_credit_code(code)


def test_letters_for_the_registering_authority_are_valid():
    """GB 32100-2015 uses Y for other authorities. python-stdnum refuses it (docs/decisions/0008)."""
    body = "Y1210200MB0000001"
    assert is_valid_credit_code(body + check_character(body))


def test_codes_are_normalized():
    assert normalize_credit_code(" ９１350100-m000100y43 ") == KNOWN[0]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("91350100M000100Y4", "现在是 17 位"),
        ("91350100M000100Y4O", "不应有“O”"),
        ("91350100M000100Y44", "校验位"),
        ("93150100M000100Y43", "校验位"),
        ("", "现在是 0 位"),
    ],
)
def test_invalid_codes_are_refused_with_a_reason(code, message):
    assert not is_valid_credit_code(code)
    with pytest.raises(ValueError, match=message):
        normalize_credit_code(code)


@given(st.text(ALPHABET, min_size=17, max_size=17), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_detected(body, place, character):
    code = body + check_character(body)
    assert is_valid_credit_code(code)
    mistyped = code[:place] + character + code[place + 1 :]
    assert is_valid_credit_code(mistyped) == (mistyped == code)
