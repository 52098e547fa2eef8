"""Reasons that a reader found false or misleading, each as an invented pair of the same kind."""

import pytest

from matching.engine import Item, build
from matching.engine.explanation import explanation_parts, explanation_sentence
from matching.engine.facts import AchievementFacts, DemandFacts, compare_facts
from matching.engine.indicators import indicator_from_row


def row(name, comparison, value, unit="", condition="", value_to=""):
    original = f"{name} {comparison} {value}{f'–{value_to}' if value_to else ''} {unit}".strip()
    return indicator_from_row(name, comparison, value, value_to, unit, condition, original)


def compared(*, need, offer=(), need_text="", title="", text=""):
    """Return the facts of a pair by kind."""
    achievement = AchievementFacts(
        indicators=tuple(offer), title=title, texts=(("成果简介", text),) if text or title else ()
    )
    facts = compare_facts(achievement, DemandFacts(indicators=tuple(need), text=need_text))
    return {fact["kind"]: fact for fact in facts}


def only_row(**sides):
    [comparison] = compared(**sides)["indicators"]["rows"]
    return comparison


def sentence(facts, shared=(), titles=("", "")):
    return explanation_sentence(explanation_parts(list(shared), list(facts.values()), titles))


class TestConditions:
    def test_a_smaller_range_of_temperature_is_not_met_and_the_sentence_says_so(self):
        facts = compared(
            need=[row("立柱直线度", "le", "0.02", "mm", "行程6 m，5～40 ℃")],
            offer=[row("立柱直线度", "le", "0.01", "mm", "行程6 m，环境18～28 ℃")],
        )
        [result] = facts["indicators"]["rows"]
        assert result["result"] == "partial"
        assert result["note"].startswith("只在 18–28 ℃ 下测得")
        assert facts["indicators"]["verdict"] != "fits"
        assert sentence(facts) == "待核对：立柱直线度（只在 18–28 ℃ 下测得）"

    def test_a_wider_range_is_met(self):
        wide = row("立柱直线度", "le", "0.01", "mm", "环境0～45 ℃")
        assert only_row(need=[row("立柱直线度", "le", "0.02", "mm", "5～40 ℃")], offer=[wide])["result"] == "met"

    @pytest.mark.parametrize(
        ("wanted", "tested", "result"),
        [
            ("海水", "淡水", "check"),
            ("水温5 ℃", "水温12 ℃", "check"),
            ("风力8级以下", "6级风以下", "partial"),
            ("每天启停10次", "每天启停4次", "check"),
            ("9 m以内", "9.4 m", "met"),
            ("转速4000 r/min以上", "4500 r/min", "met"),
            ("单台", "三台平均", "met"),
            ("室温", "23 ℃", "met"),
            ("UT", "射线与超声", "met"),
            ("50 m³", "1 m³小试", "check"),
        ],
    )
    def test_the_kind_of_condition_decides(self, wanted, tested, result):
        need, offer = (row("处理损失率", "le", "5", "%", condition) for condition in (wanted, tested))
        comparison = only_row(need=[need], offer=[offer])
        assert comparison["result"] == result
        assert (result == "met") or (wanted in comparison["note"] and tested in comparison["note"])

    def test_a_condition_that_the_achievement_does_not_state_is_said_in_the_sentence(self):
        facts = compared(need=[row("漂移", "le", "1", "%", "水温5 ℃")], offer=[row("漂移", "le", "0.5", "%")])
        assert sentence(facts) == "对得上：漂移满足（测试条件未写明）"


class TestNames:
    def test_another_name_of_the_same_count_is_to_be_checked_and_not_unstated(self):
        comparison = only_row(need=[row("达标轮次", "le", "3", "轮")], offer=[row("返修轮次", "le", "2", "轮")])
        assert comparison["result"] == "check"
        assert "名称不同（需求：达标轮次；成果：返修轮次），请核对；按数值满足" in comparison["note"]

    @pytest.mark.parametrize(
        ("need", "offer", "result"),
        [
            (("月电耗偏差", "le", "4", "%"), ("电耗误差", "le", "3", "%"), "met"),
            (("误剔", "le", "1", "%"), ("误剔率", "le", "0.5", "%"), "met"),
            (("跟踪误差", "le", "1", "mm"), ("焊枪跟踪误差", "le", "0.5", "mm"), "met"),
            (("水下附着", "ge", "3", "MPa"), ("湿面附着力", "ge", "5", "MPa"), "check"),
            (("适应温差", "ge", "25", "℃"), ("温差适应范围", "le", "25", "℃"), "check"),
            (("好果率", "ge", "95", "%"), ("坐果率", "ge", "40", "%"), "check"),
            (("镀层寿命", "ge", "5", "年"), ("电池寿命", "ge", "6", "年"), "unstated"),
            (("收率", "ge", "90", "%"), ("回收率", "ge", "95", "%"), "unstated"),
            (("高温硬度", "ge", "40", "HRC"), ("常温硬度", "ge", "50", "HRC"), "unstated"),
        ],
    )
    def test_synonyms_are_compared_and_doubtful_names_are_to_be_checked(self, need, offer, result):
        texts = {"need_text": "樱桃保鲜、涂层和轴承", "title": "樱桃保鲜", "text": "樱桃保鲜、涂层和轴承。"}
        assert only_row(need=[row(*need)], offer=[row(*offer)], **texts)["result"] == result

    def test_different_numbers_in_the_names_lead_to_no_expectation(self):
        comparison = only_row(need=[row("三个月存活", "ge", "90", "%")], offer=[row("48 h存活率", "ge", "95", "%")])
        assert (comparison["result"], comparison.get("leaning")) == ("check", None)

    def test_pieces_of_different_things_are_not_compared_by_number(self):
        need, offer = row("误报", "le", "1", "次/(年·车)"), row("误报", "le", "0.1", "次/(年·只)")
        comparison = only_row(need=[need], offer=[offer])
        assert comparison["result"] == "check"
        assert "计数单位不同" in comparison["note"]

    def test_a_qualifier_that_the_other_side_does_not_mention_makes_another_quantity(self):
        need, offer = row("水压一次合格率", "ge", "95", "%"), row("一次合格率", "ge", "97", "%", "射线")
        sides = {"need": [need], "offer": [offer]}
        without = only_row(**sides, need_text="泵壳打压", title="管道焊接", text="管道焊接后射线检测。")
        named = only_row(**sides, need_text="泵壳水压试验", title="泵壳铸造", text="泵壳铸件水压试验后一次合格。")
        assert (without["result"], named["result"]) == ("check", "met")

    def test_a_quantity_of_any_object_is_met_only_if_the_texts_have_a_subject_in_common(self):
        sides = {"need": [row("收率", "ge", "90", "%")], "offer": [row("收率", "ge", "97", "%")]}
        other = only_row(**sides, need_text="原料药结晶", title="香料加氢", text="苯乙烯加氢制香料。")
        same = only_row(**sides, need_text="香料加氢催化剂", title="香料加氢", text="钯炭催化剂使香料加氢。")
        assert (other["result"], same["result"]) == ("check", "met")

    def test_a_name_of_anything_is_not_worth_a_check_if_the_texts_have_nothing_in_common(self):
        sides = {"need": [row("单张时间", "le", "30", "s")], "offer": [row("套牌发现时间", "le", "30", "min")]}
        other = only_row(**sides, need_text="票据录入", title="船位识别", text="船位识别引擎。")
        assert (other["result"], other["offer"]) == ("unstated", "")


class TestRunningText:
    @pytest.mark.parametrize(
        ("need", "text", "quote"),
        [
            (("海水中附着力", "ge", "4", "MPa"), "试板在海水中养护，附着力测得五兆帕。", "附着力测得五兆帕"),
            (("可施工水温", "le", "6", "℃"), "工人在水温四度时也能施工。", "水温四度"),
            (("使用年限", "ge", "3", "年"), "三年前涂的闸门取样，漆膜完好。", "三年前涂的闸门"),
            (("烂叶率", "le", "10", "%"), "两个季节看下来，烂叶最多的一批也没超过半成。", "半成"),
        ],
    )
    def test_a_value_of_the_text_is_shown_with_its_place_and_is_not_unstated(self, need, text, quote):
        comparison = only_row(need=[row(*need)], title="水下漆", text=text, need_text="求水下漆")
        assert comparison["result"] in {"met", "check"}
        assert comparison["place"] == "成果简介"
        assert quote in comparison["offer"]
        assert comparison["offer"] in text

    def test_a_value_with_the_same_name_in_its_clause_is_compared(self):
        need = [row("管径", "between", "300", "mm", value_to="900")]
        met = only_row(need=need, title="焊机", text="管径150～1200 mm。")
        missed = only_row(need=need, title="焊机", text="管径50～100 mm。")
        assert (met["result"], missed["result"]) == ("met", "missed")

    @pytest.mark.parametrize(
        "text",
        [
            "传统工艺附着力只有二兆帕。",
            "国标要求附着力不低于5 MPa。",
            "下一步争取附着力达到6 MPa。",
            "水泵扬程五十米，附着力很好。",
            "这台车间吨汽电耗二百九十度。",
        ],
    )
    def test_a_value_of_others_of_a_plan_or_of_another_unit_is_not_taken(self, text):
        result = only_row(need=[row("附着力", "ge", "4", "MPa")], title="漆", text=text)["result"]
        assert result in {"unstated", "check"}

    def test_traditional_characters_are_read_and_quoted_as_written(self):
        text = "試板養護後，粘結強度達到五兆帕。"
        comparison = only_row(need=[row("粘结强度", "ge", "4", "MPa")], title="水下漆", text=text, need_text="水下漆")
        assert (comparison["result"], comparison["offer"]) == ("met", text)
        limits = compared(need=[], need_text="高鹽廢水回用", title="膜", text="高鹽廢水不適用。")["limits"]
        assert "成果写明“高鹽廢水不適用”" in limits["sentence"]

    def test_tenths_are_read_as_a_share(self):
        met = only_row(need=[row("铂利用率", "ge", "95", "%")], title="膜电极", text="铂利用率九成八。")
        missed = only_row(need=[row("铂利用率", "ge", "95", "%")], title="膜电极", text="铂利用率九成二。")
        assert (met["result"], missed["result"]) == ("met", "missed")

    def test_approximate_numerals_are_not_read_as_a_number(self):
        comparison = only_row(need=[row("接头寿命", "ge", "5", "年")], title="接头", text="接头三五年。")
        assert comparison["result"] == "unstated"


class TestLimits:
    NEED = "请教曲面缝和角焊缝怎么焊，要能一次探伤合格"

    def test_what_the_text_excludes_is_quoted_and_nothing_is_plainly_met(self):
        facts = compared(
            need=[row("一次探伤合格率", "ge", "98", "%")],
            offer=[row("一次探伤合格率", "ge", "99", "%")],
            need_text=self.NEED,
            title="厚板立焊",
            text="厚板立缝一次焊成。平缝与曲面缝不适用。",
        )
        assert facts["limits"]["verdict"] == "contradicts"
        assert facts["limits"]["sentence"] == "成果写明“平缝与曲面缝不适用”（成果简介），需求涉及“曲面缝”"
        assert facts["indicators"]["rows"][0]["result"] == "check"
        assert facts["indicators"]["verdict"] != "fits"
        assert "不适用：曲面缝（“平缝与曲面缝不适用”）" in sentence(facts)

    def test_an_exclusion_of_the_same_kind_is_to_be_checked(self):
        facts = compared(need=[], need_text="接管的角焊缝要自动焊", title="立焊", text="立焊机。横缝与曲面焊缝不适用。")
        assert facts["limits"]["verdict"] == "talk"
        assert "请核对是否属于此列" in facts["limits"]["sentence"]
        assert sentence(facts) == "待核对：角焊缝（“横缝与曲面焊缝不适用”）"

    @pytest.mark.parametrize(
        ("text", "stated"),
        [
            ("高盐废水不适用。", True),
            ("本工艺不适用于高盐废水。", True),
            ("高盐废水尚未验证。", True),
            ("仅适用于印染废水。", False),
            ("传统方法不适用于高盐废水。为此研制了新膜。", False),
            ("克服了常规膜不能用于高盐废水的问题。", False),
            ("不仅适用于高盐废水，也用于淡水。", False),
            ("含油乳液不适用。", False),
        ],
    )
    def test_only_the_achievements_own_limits_that_concern_the_demand_count(self, text, stated):
        facts = compared(need=[], need_text="园区高盐废水怎么回用", title="膜分离", text=text)
        assert ("limits" in facts and facts["limits"]["verdict"] == "contradicts") is stated

    def test_a_use_that_the_demand_does_not_mention_is_asked_for(self):
        facts = compared(need=[], need_text="隧道衬砌裂缝检测", title="检测车", text="检测车。目前只适用于沥青路面。")
        assert facts["limits"]["verdict"] == "talk"
        assert facts["limits"]["sentence"] == "成果写明“目前只适用于沥青路面”（成果简介），需求没有提到，请核对"

    def test_types_that_exclude_each_other_are_named(self):
        facts = compared(
            need=[row("电耗", "le", "4.4", "kWh")],
            offer=[row("电耗", "le", "4.2", "kWh")],
            need_text="碱性电解槽的电极衰减快，求涂层",
            title="质子交换膜电解槽双极板镀层",
            text="双极板镀层。",
        )
        assert facts["limits"]["verdict"] == "contradicts"
        assert "需求为碱性，成果为质子交换膜" in facts["limits"]["sentence"]
        assert facts["indicators"]["rows"][0]["result"] == "check"

    def test_a_type_that_is_only_implied_names_the_word_it_was_taken_from(self):
        facts = compared(need=[], need_text="电解槽的极网老化", title="PEM电解槽极板", text="极板。")
        assert "需求为碱性（据“极网”），成果为质子交换膜" in facts["limits"]["sentence"]

    def test_the_type_is_not_named_if_both_sides_mention_it(self):
        facts = compared(
            need=[], need_text="碱性和PEM电解槽都要的隔膜", title="质子交换膜电解槽", text="也可用于碱性电解槽。"
        )
        assert "limits" not in facts


class TestSharedTerms:
    FILLING = "本课题组长期从事有关工作，样机在现场运行良好。"

    @pytest.mark.parametrize(
        ("achievement", "demand"),
        [
            ("巡线车跑了十四公里，停下来才报警", "离厂十四公里，每回都是出事才报警"),
            ("返工率降到百分之三", "漏气率降到百分之五"),
            ("码头上三个泊位排队", "码头上三个桩掉漆"),
            ("手工摆放后温度均匀", "手工打磨不均匀"),
            ("每台420万元，成形后能效高", "投了420万元，冷成形能效低"),
            ("蓝色光扫描一遍就起来了", "激光扫描起来太慢"),
        ],
    )
    def test_words_that_name_no_subject_are_not_shared_terms(self, achievement, demand):
        index = build([Item(1, "甲", achievement + self.FILLING)], [Item(2, "乙", demand)])
        assert index.shared_terms(1, index.corpus.demands[0]) == []

    def test_one_common_word_is_not_called_a_fit(self):
        parts = explanation_parts(["脱硫"], [], ("烟气脱硫塔", "废油脱硫"))
        assert explanation_sentence(parts) == "仅有相同或相近的词：脱硫"

    def test_a_price_within_the_budget_alone_is_no_technical_fit(self):
        facts = [{"kind": "price", "verdict": "fits", "sentence": "不超过预算", "brief": "价格在预算内"}]
        assert explanation_sentence(explanation_parts([], facts)) == (
            "技术内容没有查到对得上的；条件相合：价格在预算内"
        )


class TestQuantityOfAnyObject:
    """A share of saved power is met only if the texts are about the same machine."""

    NEED = "冷库一年电费三百万\n制冷用螺杆压缩机和凝结水泵，变频器用了十年，夜里和白天一样开。"

    def result(self, title, text):
        saved = row("节电率", "ge", "15", "%")
        return only_row(
            need=[row("节电率", "ge", "12", "%")], offer=[saved], need_text=self.NEED, title=title, text=text
        )

    def test_three_nouns_that_stand_in_no_title_are_no_common_subject(self):
        compared = self.result("空压站群控软件", "按用气量启停螺杆压缩机，变频器与凝结水泵一起调，查漏气。")
        assert compared["result"] == "check" and "未必是同一对象" in compared["note"]

    def test_one_of_them_in_a_title_is(self):
        assert self.result("螺杆压缩机群控", "夜里按电价启停螺杆压缩机，变频器与凝结水泵一起调。")["result"] == "met"
