from matching.engine import Corpus, Item
from matching.engine.related_terms import related_terms
from matching.engine.term_statistics import TermStatistics
from matching.engine.thesaurus import Thesaurus

THESAURUS = Thesaurus(
    [("a", "# 甲\n## 乙\n防腐 同: 耐蚀 缓蚀 测: 盐雾\n锂离子电池 含: 隔膜 电解液 种: 动力电池\n锅炉 近: 燃烧器")]
)


def related(achievement_title, demand_title, **options):
    achievement, demand = Item(1, achievement_title), Item(2, demand_title)
    return related_terms(achievement, demand, TermStatistics(Corpus.of([achievement], [demand])), THESAURUS, **options)


def test_of_synonyms_the_achievements_term_comes_first():
    assert related("耐蚀钢", "船体防腐") == ["耐蚀≈防腐"]
    assert related("船体防腐", "耐蚀钢") == ["防腐≈耐蚀"]


def test_other_relations_do_not_depend_on_the_side():
    assert related("隔膜", "锂离子电池") == related("锂离子电池", "隔膜") == ["隔膜（锂离子电池的组成）"]
    assert related("盐雾试验", "防腐") == ["盐雾（防腐的指标）"]


def test_synonyms_come_first_and_each_term_once():
    assert related("锂离子电池，耐蚀、缓蚀", "隔膜，防腐") == ["缓蚀≈防腐", "隔膜（锂离子电池的组成）"]
    assert related("锂离子电池，耐蚀", "隔膜，防腐", limit=1) == ["耐蚀≈防腐"]


def test_close_terms_come_last_with_their_own_sign():
    assert related("燃烧器、隔膜", "锂离子电池，锅炉") == ["隔膜（锂离子电池的组成）", "燃烧器～锅炉"]


def test_terms_in_both_texts_and_terms_with_a_common_head_are_not_returned():
    assert related("防腐、耐蚀", "防腐、耐蚀") == []
    assert related("隔膜", "电解液") == []
    assert related("", "防腐") == []
