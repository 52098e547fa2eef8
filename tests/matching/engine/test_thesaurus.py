import logging

import pytest

from matching.engine import Corpus, Item, build, thesaurus
from matching.engine.concepts import Concepts
from matching.engine.thesaurus import NESTED, Thesaurus, ThesaurusProblem, read, standard

TEXT = """# 产业甲

## 电池
锂离子电池 同: 锂电 含: 隔膜 电池 测: COD
电 种: 干电池

## 防护
防腐 同: 耐蚀 用: 船
"""


@pytest.fixture
def small():
    return Thesaurus([("a.txt", TEXT)])


def found(thesaurus, text):
    return {thesaurus.terms[row]: times for row, times in thesaurus.find(text).items()}


def test_terms_are_found_whole_also_across_spaces_and_inside_longer_ones_for_less(small):
    assert found(small, "锂离子 电池的隔膜，隔膜") == {"锂离子电池": 1, "电池": NESTED, "隔膜": 2}
    assert found(small, "鋰電、cod") == {"锂电": 1, "cod": 1}
    assert found(small, "防\n腐") == {}


def test_latin_terms_are_not_found_inside_words_nor_single_characters_at_all(small):
    assert found(small, "CODE decod 船 电") == {}
    assert found(small, "测COD值") == {"cod": 1}


def test_a_term_belongs_to_its_groups_its_field_and_its_industry(small):
    row = small.terms.index("电池")
    assert small.concepts[row] == pytest.approx({0: 1.0, "## 电池": 0.5, "# 产业甲": 0.3})
    assert "电" not in small.terms and small.heads[1] == "电"


def test_kin_says_by_which_relation_two_terms_belong_together(small):
    row = small.terms.index
    assert small.kin(row("防腐"), row("耐蚀")) == ("同", row("防腐"), row("耐蚀"))
    part = ("含", row("锂离子电池"), row("隔膜"))
    assert small.kin(row("隔膜"), row("锂离子电池")) == small.kin(row("锂离子电池"), row("隔膜")) == part
    assert small.kin(row("隔膜"), row("电池")) is None
    assert small.kin(row("隔膜"), row("防腐")) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("## 甲\n防腐 耐蚀", "a.txt 第 2 行：术语组之前"),
        ("# 甲\n防腐 耐蚀", "a.txt 第 2 行：术语组之前"),
        ("# 甲\n## 乙\n防腐 似: 耐蚀", "第 3 行：没有“似:”这种关系，可用：同: 近: 种:"),
        ("# 甲 乙", "第 1 行：“#”后"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(text, said):
    with pytest.raises(ThesaurusProblem, match=said):
        Thesaurus([("a.txt", text)])


def test_texts_in_other_words_meet_in_their_concepts(small):
    corpus = Corpus.of([Item(1, "耐蚀"), Item(2, "隔膜"), Item(3, "海参")], [Item(1, "防腐")])
    concepts = Concepts(corpus, small)
    cosines = (concepts.offered @ concepts.of(["防腐"]).T).toarray().ravel()
    assert cosines[0] == pytest.approx(1) and 0 < cosines[1] < 0.1 and cosines[2] == 0
    assert concepts.of(["", "海参"]).nnz == 0


def test_another_word_for_the_same_is_ranked_above_an_unrelated_text():
    others = [Item(n, f"第{n}号{'海参桥梁软件机床'[n % 4 * 2 :][:2]}说明") for n in range(40)]
    demand = Item("d", "船体防腐")
    index = build([*others, Item("x", "耐蚀镀层")], [demand])
    assert next(index.rank([demand], k=1)).proposals[0].achievement_id == "x"


def test_the_standard_thesaurus_is_clean():
    """No term with punctuation or inner spaces, no group of one, each industry once."""
    held = standard()
    assert [term for term in held.terms if any(sign in term for sign in " :：#、，")] == []
    grouped = [sum(group in concepts for concepts in held.concepts) for group in range(len(held.heads))]
    assert [head for head, size in zip(held.heads, grouped, strict=True) if size < 2] == []
    assert len({concept for concepts in held.concepts for concept in concepts if str(concept).startswith("# ")}) == 12


@pytest.fixture
def damaged(tmp_path, monkeypatch):
    monkeypatch.setattr(thesaurus, "FOLDER", tmp_path)
    standard.cache_clear()
    yield tmp_path / "a.txt"
    standard.cache_clear()


@pytest.mark.parametrize("content", [None, b"\xff\xfe", "防腐 耐蚀".encode(), "# 甲\n## 乙\n防腐 似: 耐蚀".encode()])
def test_without_a_readable_thesaurus_words_alone_decide_and_the_run_says_so(damaged, caplog, content):
    if content is not None:
        damaged.write_bytes(content)
    with pytest.raises(ThesaurusProblem):
        read()
    demand = Item("d", "船体防腐")
    with caplog.at_level(logging.ERROR):
        index = build([Item(1, "防腐涂层"), Item(2, "海参")], [demand])
    (ranking,) = index.rank([demand])
    assert [proposal.achievement_id for proposal in ranking.proposals] == [1, 2]
    assert ranking.proposals[0].parts["concepts"] == 0 and index.relate(1, demand) == []
    assert "术语表" in index.calibration["thesaurus_problem"] and "只按文字匹配" in caplog.text
