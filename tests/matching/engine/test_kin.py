from matching.engine import Corpus, Item
from matching.engine.kin import related_terms
from matching.engine.lexicon import Lexicon
from matching.engine.thesaurus import Thesaurus

THESAURUS = Thesaurus(
    [("a", "# 甲\n## 乙\n防腐 同: 耐蚀 缓蚀 测: 盐雾\n锂离子电池 含: 隔膜 电解液 种: 动力电池\n锅炉 近: 燃烧器")]
)


def related(offered, needed, **options):
    achievement, demand = Item(1, offered), Item(2, needed)
    return related_terms(achievement, demand, Lexicon(Corpus.of([achievement], [demand])), THESAURUS, **options)


def test_another_word_for_the_same_is_named_with_the_achievements_first():
    assert related("耐蚀钢", "船体防腐") == ["耐蚀≈防腐"]
    assert related("船体防腐", "耐蚀钢") == ["防腐≈耐蚀"]


def test_other_relations_say_which_belongs_to_which_from_either_side():
    assert related("隔膜", "锂离子电池") == related("锂离子电池", "隔膜") == ["隔膜（锂离子电池的组成）"]
    assert related("盐雾试验", "防腐") == ["盐雾（防腐的指标）"]


def test_the_same_comes_first_and_each_term_once():
    assert related("锂离子电池，耐蚀、缓蚀", "隔膜，防腐") == ["缓蚀≈防腐", "隔膜（锂离子电池的组成）"]
    assert related("锂离子电池，耐蚀", "隔膜，防腐", limit=1) == ["耐蚀≈防腐"]


def test_what_is_only_close_comes_last_and_is_said_to_be_close():
    assert related("燃烧器、隔膜", "锂离子电池，锅炉") == ["隔膜（锂离子电池的组成）", "燃烧器～锅炉"]


def test_what_both_say_and_what_only_share_a_head_is_no_reason():
    assert related("防腐、耐蚀", "防腐、耐蚀") == []
    assert related("隔膜", "电解液") == []
    assert related("", "防腐") == []
