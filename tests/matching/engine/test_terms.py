import pytest

from matching.engine import Corpus, Item
from matching.engine.lexicon import Lexicon
from matching.engine.terms import shared_terms

# Enough other texts for rare and common to mean something.
OTHERS = [Item(n, f"{'材料金属合成'[n % 6]}第{n}号关于技术与方法的一般说明") for n in range(100, 160)]


def explained(offered: str, needed: str, **options) -> list[str]:
    achievement, demand = Item(1, "", offered), Item(2, "", needed)
    return shared_terms(achievement, demand, Lexicon(Corpus.of([achievement, *OTHERS], [demand])), **options)


def test_the_longest_common_words_are_named_and_no_word_inside_another():
    words = explained("锂离子电池硅碳负极的循环寿命", "要求锂离子电池容量高，采用硅碳负极，电池安全")
    assert words == ["锂离子电池", "硅碳负极"]


@pytest.mark.parametrize("empty", ["技术", "研究方法", "一种系统", "进行应用", "的"])
def test_words_that_say_nothing_are_not_reasons(empty):
    assert explained(f"甲{empty}乙", f"丙{empty}丁") == []


def test_empty_words_are_cut_off_the_ends():
    assert explained("溶解氧检测方法", "溶解氧检测方法") == ["溶解氧检测"]


def test_a_word_of_the_thesaurus_is_not_cut_where_its_characters_are_more_often_apart():
    others = [Item(n, f"{'开端的子项'[n % 4 :]}端面、子模块{n}") for n in range(100, 500)]
    achievement, demand = Item(1, "线束端子压接机"), Item(2, "汽车线束端子，压坏")
    assert shared_terms(achievement, demand, Lexicon(Corpus.of([achievement, *others], [demand])))[0] == "线束端子"


def test_latin_words_keep_the_spelling_of_the_need_and_bare_numbers_are_no_reason():
    assert explained("pvdf 膜 2024", "ＰＶＤＦ薄层 2024") == ["PVDF"]


def test_at_most_the_limit():
    words = [f"{first}{second}" for first, second in zip("甲丙戊庚壬子寅辰午申", "乙丁己辛癸丑卯巳未酉", strict=True)]
    assert len(explained("，".join(words), "。".join(words))) == 8
    assert len(explained("，".join(words), "。".join(words), limit=3)) == 3


def test_nothing_in_common_gives_no_words():
    assert explained("海参育苗", "数控机床") == []
    assert explained("", "") == []
