import pytest
from hypothesis import given
from hypothesis import strategies as st

from demands.masking import (
    INDICATOR_FIELDS,
    PUBLIC_FIELDS,
    find_firm_mention,
    firm_name_core,
    firm_names,
    is_distinctive,
    mask_firm,
)
from demands.models import DemandIndicator
from tests import factories

NAME = "大连精诚泰科轴承有限公司"


@pytest.mark.parametrize(
    "name, core",
    [
        (NAME, "精诚泰科"),
        ("大连（金普）海晏新材料科技股份有限公司", "海晏"),
        ("大连鑫机械厂", "鑫机械"),
        ("大连测试企业001有限公司", "测试企业001"),
        # Nothing but a place and lines of business: the short form with the place is what people know it by.
        ("大连机床集团有限责任公司", "大连机床"),
        ("大连创新零部件制造公司", "大连创新零部件制造"),
        ("甲", "甲"),
    ],
)
def test_the_core_is_the_shortest_distinctive_form(name, core):
    assert firm_name_core(name) == core


@pytest.mark.parametrize(
    "text",
    [
        f"{NAME}需要",
        "我们大连精诚泰科轴承的主轴",
        "精诚泰科的主轴",
        "精诚 泰科",
        "精诚·泰科",
        "精诚\u200b泰科",
        "精\n诚泰科",
    ],
)
def test_a_mention_is_found_in_any_spelling(text):
    assert find_firm_mention(text, firm_names(NAME))
    assert not find_firm_mention(mask_firm(text, firm_names(NAME)), firm_names(NAME))


def test_latin_names_match_any_width_and_case_but_whole_words_only():
    names = firm_names("大连TCX科技有限公司")
    assert mask_firm("ＴＣＸ的设备，tcx 的产线", names) == "本企业的设备，本企业 的产线"
    assert find_firm_mention("TCXB 型接口", names) == ""
    assert find_firm_mention("产线 12 号", firm_names("企业1")) == ""


def test_ordinary_words_do_not_mention_the_firm():
    assert find_firm_mention("提高轴承精度，开展技术创新", firm_names("大连创新轴承有限公司")) == ""


def test_long_names_of_ordinary_words_are_checked_fast():
    assert not is_distinctive("新技术" * 33)
    assert is_distinctive("新技术" * 33 + "氵")


@given(
    brand=st.text("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥", min_size=2, max_size=4),
    place=st.sampled_from(["大连", "大连市", "大连金普新区", "瓦房店", ""]),
    trade=st.sampled_from(["科技", "轴承", "海洋工程装备", "新材料科技", ""]),
    form=st.sampled_from(["有限公司", "股份有限公司", "集团有限公司", "厂"]),
    before=st.text(max_size=8),
    after=st.text(max_size=8),
)
def test_no_mention_remains_after_masking(brand, place, trade, form, before, after):
    names = firm_names(place + brand + trade + form)
    for mention in (place + brand + trade + form, place + brand, brand):
        hidden = mask_firm(f"{before}{mention}{after}", names)
        assert brand not in hidden.replace("本企业", "，")  # what stands before and after it forms no mention


@given(st.text(max_size=200))
def test_text_without_mention_is_unchanged(text):
    names = ("绝无此名甲乙",)
    assert mask_firm(text, names) == text or find_firm_mention(text, names)


@pytest.mark.django_db
class TestDemand:
    def test_each_public_field_is_masked(self):
        firm = factories.firm(NAME)
        firm.credit_code = "91210200MADEM0001W"
        mention = f"{NAME}（91210200MADEM0001W）又称精诚泰科"
        demand = factories.demand(
            firm=firm,
            is_anonymous=True,
            public_alias="金普新区某轴承企业",
            **{field: mention for field in PUBLIC_FIELDS if field not in ("keywords", "public_alias", "period_text")},
            keywords=["精诚泰科", "轴承"],
        )
        DemandIndicator.objects.create(demand=demand, **{field: mention[:30] for field in INDICATOR_FIELDS})
        shown = " ".join(demand.public.values())
        shown += " ".join(getattr(row, field) for row in demand.public_indicators for field in INDICATOR_FIELDS)
        assert "精诚泰科" not in shown
        assert "MADEM0001W" not in shown
        assert demand.public["keywords"] == "本企业、轴承"
        assert demand.public_firm_name == "金普新区某轴承企业"

    def test_a_demand_that_is_not_anonymous_is_not_masked(self):
        demand = factories.demand(firm=factories.firm(NAME), problem=f"{NAME}的主轴")
        assert demand.public_text("problem") == f"{NAME}的主轴"
        assert demand.public_firm_name == NAME

    def test_masked_indicators_are_unsaved_copies(self):
        demand = factories.demand(firm=factories.firm(NAME), is_anonymous=True, public_alias="某企业")
        row = DemandIndicator.objects.create(demand=demand, name="精诚泰科主轴寿命", value="5000", unit="h")
        assert demand.public_indicators[0].name == "本企业主轴寿命"
        row.refresh_from_db()
        assert row.name == "精诚泰科主轴寿命"
