import logging

import pytest

from matching.engine import Corpus, Item, build, thesaurus
from matching.engine.concept_vectors import ConceptVectors
from matching.engine.thesaurus import NESTED_COUNT, Thesaurus, ThesaurusError, default_thesaurus, read_thesaurus

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


def term_counts(thesaurus, text):
    return {thesaurus.terms[row]: count for row, count in thesaurus.count_terms(text).items()}


def test_terms_are_found_across_spaces_and_count_less_inside_longer_terms(small):
    assert term_counts(small, "锂离子 电池的隔膜，隔膜") == {"锂离子电池": 1, "电池": NESTED_COUNT, "隔膜": 2}
    assert term_counts(small, "鋰電、cod") == {"锂电": 1, "cod": 1}
    assert term_counts(small, "防\n腐") == {}


def test_a_term_at_the_end_of_a_text_counts_once_though_a_longer_term_begins_like_it():
    thesaurus = Thesaurus([("a.txt", "# 产业\n## 领域\n预冷 近: 预冷机组\n")])
    assert term_counts(thesaurus, "采用预冷") == {"预冷": 1}
    assert thesaurus.count_terms_of_texts(["采用预冷"]) == [thesaurus.count_terms("采用预冷")]


def test_latin_terms_inside_words_and_single_characters_are_not_found(small):
    assert term_counts(small, "CODE decod 船 电") == {}
    assert term_counts(small, "测COD值") == {"cod": 1}


def test_a_term_has_its_groups_its_field_and_its_industry_as_concepts(small):
    row = small.terms.index("电池")
    assert small.concepts[row] == pytest.approx({0: 1.0, "## 电池": 0.5, "# 产业甲": 0.3})
    assert "电" not in small.terms and small.heads[1] == "电"


def test_the_relation_between_two_terms(small):
    row = small.terms.index
    assert small.relation_between(row("防腐"), row("耐蚀")) == ("同", row("防腐"), row("耐蚀"))
    part = ("含", row("锂离子电池"), row("隔膜"))
    assert (
        small.relation_between(row("隔膜"), row("锂离子电池"))
        == small.relation_between(row("锂离子电池"), row("隔膜"))
        == part
    )
    assert small.relation_between(row("隔膜"), row("电池")) is None
    assert small.relation_between(row("隔膜"), row("防腐")) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("## 甲\n防腐 耐蚀", "a.txt 第 2 行：术语组之前"),
        ("# 甲\n防腐 耐蚀", "a.txt 第 2 行：术语组之前"),
        ("# 甲\n## 乙\n防腐 似: 耐蚀", "第 3 行：没有“似:”这种关系，可用：同: 近: 种:"),
        ("# 甲 乙", "第 1 行：“#”后"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(text, message):
    with pytest.raises(ThesaurusError, match=message):
        Thesaurus([("a.txt", text)])


def test_texts_with_synonyms_have_similar_concepts(small):
    corpus = Corpus.of([Item(1, "耐蚀"), Item(2, "隔膜"), Item(3, "海参")], [Item(1, "防腐")])
    concepts = ConceptVectors(corpus, small, title_share=0.5)
    cosines = (concepts.achievements @ concepts.vectors(["防腐"]).T).toarray().ravel()
    assert cosines[0] == pytest.approx(1) and 0 < cosines[1] < 0.1 and cosines[2] == 0
    assert concepts.vectors(["", "海参"]).nnz == 0


def test_a_synonym_is_ranked_above_an_unrelated_text():
    others = [Item(n, f"第{n}号{'海参桥梁软件机床'[n % 4 * 2 :][:2]}说明") for n in range(40)]
    demand = Item("d", "船体防腐")
    index = build([*others, Item("x", "耐蚀镀层")], [demand])
    assert next(index.rank([demand], k=1)).achievements[0].achievement_id == "x"


def test_the_default_thesaurus_is_valid():
    """No term has punctuation or spaces, no group has one term, and each industry occurs once."""
    terms = default_thesaurus()
    assert [term for term in terms.terms if any(sign in term for sign in " :：#、，")] == []
    grouped = [sum(group in concepts for concepts in terms.concepts) for group in range(len(terms.heads))]
    assert [head for head, size in zip(terms.heads, grouped, strict=True) if size < 2] == []
    assert len({concept for concepts in terms.concepts for concept in concepts if str(concept).startswith("# ")}) == 12


@pytest.fixture
def damaged(tmp_path, monkeypatch):
    monkeypatch.setattr(thesaurus, "FOLDER", tmp_path)
    default_thesaurus.cache_clear()
    yield tmp_path / "a.txt"
    default_thesaurus.cache_clear()


@pytest.mark.parametrize("content", [None, b"\xff\xfe", "防腐 耐蚀".encode(), "# 甲\n## 乙\n防腐 似: 耐蚀".encode()])
def test_without_a_readable_thesaurus_pairs_are_ranked_by_words_and_the_problem_is_reported(damaged, caplog, content):
    if content is not None:
        damaged.write_bytes(content)
    with pytest.raises(ThesaurusError):
        read_thesaurus()
    demand = Item("d", "船体防腐")
    with caplog.at_level(logging.ERROR):
        index = build([Item(1, "防腐涂层"), Item(2, "海参")], [demand])
    (ranking,) = index.rank([demand])
    assert [ranked.achievement_id for ranked in ranking.achievements] == [1, 2]
    assert ranking.achievements[0].parts["concepts"] == 0 and index.related_terms(1, demand) == []
    assert "术语表" in index.fitted_parameters["thesaurus_problem"] and "只按文字匹配" in caplog.text
