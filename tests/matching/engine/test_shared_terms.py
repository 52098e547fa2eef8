import json

import pytest
from django.conf import settings

from matching.engine import Corpus, Item
from matching.engine.noun_phrases import common_noun_phrases, noun_phrases
from matching.engine.shared_terms import shared_terms
from matching.engine.term_statistics import TermStatistics

# Other texts, so that document frequencies differ.
OTHERS = [Item(n, f"{'材料金属合成'[n % 6]}第{n}号关于技术与方法的一般说明") for n in range(100, 160)]


def terms_of(achievement_text: str, demand_text: str, **options) -> list[str]:
    achievement, demand = Item(1, "", achievement_text), Item(2, "", demand_text)
    return shared_terms(achievement, demand, TermStatistics(Corpus.of([achievement, *OTHERS], [demand])), **options)


def test_the_longest_common_words_are_returned_without_their_parts():
    words = terms_of("锂离子电池硅碳负极的循环寿命", "要求锂离子电池容量高，采用硅碳负极，电池安全")
    assert words == ["锂离子电池", "硅碳负极"]


@pytest.mark.parametrize("stop_word", ["技术", "研究方法", "一种系统", "进行应用", "的"])
def test_stop_words_are_not_returned(stop_word):
    assert terms_of(f"甲{stop_word}乙", f"丙{stop_word}丁") == []


def test_stop_words_are_removed_from_the_ends():
    assert terms_of("溶解氧检测方法", "溶解氧检测方法") == ["溶解氧检测"]


def test_a_thesaurus_term_is_not_split_even_if_its_characters_are_weakly_associated():
    others = [Item(n, f"{'开端的子项'[n % 4 :]}端面、子模块{n}") for n in range(100, 500)]
    achievement, demand = Item(1, "线束端子压接机"), Item(2, "汽车线束端子，压坏")
    assert (
        shared_terms(achievement, demand, TermStatistics(Corpus.of([achievement, *others], [demand])))[0] == "线束端子"
    )


def test_latin_words_keep_the_spelling_of_the_demand_and_numbers_are_not_returned():
    assert terms_of("pvdf 膜 2024", "ＰＶＤＦ薄层 2024") == ["PVDF"]


def test_the_number_of_words_is_limited():
    words = ["轴承", "齿轮", "螺栓", "弹簧", "阀门", "叶轮", "电机", "海参", "扇贝", "碳纤维"]
    assert len(terms_of("，".join(words), "。".join(words))) == 8
    assert len(terms_of("，".join(words), "。".join(words), limit=3)) == 3


def test_texts_without_common_words_give_none():
    assert terms_of("海参育苗", "数控机床") == []
    assert terms_of("", "") == []


def test_common_phrases_are_those_of_both_texts_though_only_some_clauses_are_divided():
    lines = (settings.BASE_DIR / "demo_city" / "demands.jsonl").read_text().splitlines()
    texts = [row["title"] + "\n" + row["problem"] for row in map(json.loads, lines)]
    pairs = [(text, other) for text in texts for other in texts[:10]]
    assert sum(len(noun_phrases(text) & noun_phrases(other)) for text, other in pairs) > 500
    for text, other in pairs:
        assert common_noun_phrases(text, noun_phrases(other)) == noun_phrases(text) & noun_phrases(other)
