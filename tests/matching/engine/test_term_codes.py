"""Terms of many texts at once are those of each text alone."""

from collections import Counter

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from matching.engine.normalised_texts import normalised_texts
from matching.engine.term_codes import blocks_of, code_of, count_terms
from matching.engine.thesaurus import default_thesaurus
from matching.engine.tokeniser import normalise, tokenise

# Characters that other characters change, that become several, and that begin or end a term.
TEXT = st.text(max_size=40) | st.text("锂電池隔膜〇𠀀aZ9ＰＶ①㎡℃İΣς\u0301\u1100\u1161\ud800\x00 　，.", max_size=40)
TEXTS = st.lists(TEXT, max_size=6)


@given(TEXTS)
@example(["ΣΣ", "e\u0301\u1100\u1161", "锂", "电"])
def test_texts_are_normalised_as_one_by_one(texts):
    assert normalised_texts(texts)[0] == [normalise(text) for text in texts]


@given(TEXTS)
@example(["锂电", "池", "a", "b1 b1", "aa a"])
def test_terms_are_counted_as_one_by_one(texts):
    counted = [Counter() for _text in texts]
    for row, code, count in zip(*count_terms(texts), strict=True):
        counted[row][int(code)] += int(count)
    expected = [Counter(map(code_of, tokenise(text))) for text in texts]
    assert counted == expected


@given(TEXTS)
@example(["锂离子 电池", "磷酸铁", "锂mes games"])
def test_thesaurus_terms_are_counted_as_one_by_one(texts):
    thesaurus = default_thesaurus()
    assert thesaurus.count_terms_of_texts(texts) == [thesaurus.count_terms(text) for text in texts]


def test_different_terms_have_different_codes():
    words = [*map(str, range(20_000)), *(f"mes{n}x" for n in range(20_000)), "a", "aa"]
    _rows, codes, counts = count_terms([" ".join(words)])
    assert len(codes) == len(words) and counts.max() == 1
    known = {word: code_of(word) for word in ("7", "19999", "mes0x", "a", "aa", "锂", "电", "锂电", "电锂")}
    assert len({*codes.tolist(), *known.values()}) == len(words) + 4 and min(known.values()) >= 0
    assert code_of("锂电池") == -1


def test_long_texts_make_blocks_of_their_own():
    texts = ["短"] * 3 + ["长" * 1_000_000] + ["短"] * 5000
    blocks = list(blocks_of(texts))
    assert [text for block in blocks for text in block] == texts
    assert max(map(len, blocks)) == 2048
    rows, _codes, counts = count_terms(blocks[1])
    assert counts.sum() == 1_999_999 and np.unique(rows).tolist() == [0]
