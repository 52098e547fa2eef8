"""Sentences that matter: which are chosen, and where the terms stand in them."""

import pytest

from matching.engine.passages import MAX_LENGTH, choose_passages, first_passages, terms_of_relations

TEXT = (
    "本项目面向沿海养殖。采用壳聚糖涂层把水分保持在百分之八十以上，运输三天不变质；"
    "已在两家企业应用！涂层的厚度由喷雾量控制，设备可租用。\n联系方式见附件"
)


class TestChoice:
    def test_sentences_with_most_weight_in_the_order_of_the_text(self):
        passages = choose_passages(TEXT, ["涂层", "喷雾", "壳聚糖", "运输"])
        assert [passage.text[:6] for passage in passages] == ["采用壳聚糖涂", "涂层的厚度由"]
        marked = [[piece for piece, is_term in passage.pieces if is_term] for passage in passages]
        assert marked == [["壳聚糖", "涂层", "运输"], ["涂层", "喷雾"]]
        for passage in passages:
            assert "".join(piece for piece, _is_term in passage.pieces) == passage.text

    def test_a_second_sentence_needs_a_term_that_the_first_has_not(self):
        text = "涂层可以自行修复划痕。涂层的颜色是白色的。"
        assert len(choose_passages(text, ["涂层"])) == 1

    def test_the_longest_term_is_marked_and_case_is_ignored(self):
        passage = choose_passages("用于pem电解水制氢系统。", ["电解", "PEM电解水"])[0]
        assert [piece for piece, is_term in passage.pieces if is_term] == ["pem电解水"]

    @pytest.mark.parametrize("terms", [[], [""], ["涂"], ["没有这个词"]])
    def test_without_terms_nothing_is_chosen(self, terms):
        assert choose_passages(TEXT, terms) == []

    def test_text_is_returned_as_it_is_written(self):
        passage = choose_passages("<script>alert('涂层')</script>很长的一句话", ["涂层"])[0]
        assert passage.text.startswith("<script>")  # escaped by the template, see test_review_by_need

    def test_terms_are_no_patterns(self):
        assert choose_passages("强度提高了 (a+)+ 倍左右。", ["(a+)+"])[0].spans == ((6, 11),)

    def test_a_long_sentence_is_cut_around_its_terms(self):
        passage = choose_passages("前" * 500 + "壳聚糖涂层" + "后" * 500, ["壳聚糖涂层"])[0]
        assert len(passage.text) == MAX_LENGTH and passage.is_cut == (True, True)
        assert [piece for piece, is_term in passage.pieces if is_term] == ["壳聚糖涂层"]

    def test_a_hundred_thousand_characters_without_a_full_stop(self):
        passages = choose_passages("涂层" * 50_000, ["涂层", "层涂"])
        assert len(passages) == 1 and len(passages[0].text) == MAX_LENGTH


def test_first_sentences():
    assert [passage.text for passage in first_passages(TEXT, most=1)] == ["本项目面向沿海养殖"]
    assert first_passages("") == []


def test_terms_of_both_sides_of_a_relation():
    relations = ["耐蚀≈防腐", "预冷～冷库", "隔膜（锂离子电池的组成）", "目的地（的一种）"]
    assert terms_of_relations(relations) == [
        *("耐蚀", "防腐", "预冷", "冷库", "隔膜", "锂离子电池", "目的地"),
    ]
