from hypothesis import given
from hypothesis import strategies as st

from matching.engine.tokeniser import normalise, tokenise


def test_han_runs_give_characters_and_bigrams_and_latin_runs_stay_whole():
    assert tokenise("锂电池PVDF-30%") == ["锂", "电", "池", "锂电", "电池", "pvdf", "30"]


def test_bigrams_do_not_cross_separators():
    assert tokenise("碳，纤🧵维") == ["碳", "纤", "维"]


def test_full_width_and_compatibility_forms_are_normalised():
    assert tokenise("ＰＶＤＦ１０㎡①") == ["pvdf10m21"]
    assert normalise("Ⅲ型") == "iii型"


def test_traditional_characters_are_simplified():
    assert tokenise("鋰電池") == tokenise("锂电池")
    assert normalise("乾燥設備") == "干燥设备"


def test_a_text_without_terms_has_none():
    assert [tokenise(text) for text in ("", "\x00\x1b\u202e", "😀🎉", "，。！", "\ud800")] == [[]] * 5


def test_a_very_long_text_is_read_whole():
    assert len(tokenise("锂" * 100_000)) == 199_999


@given(st.text(max_size=300))
def test_every_token_is_one_or_two_han_characters_or_a_latin_run(text):
    for token in tokenise(text):
        assert token
        if token.isascii():
            assert token.isalnum() and token == token.lower()
        else:
            assert len(token) <= 2
