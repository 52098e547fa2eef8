from dataclasses import replace
from datetime import date, datetime

import pytest

from rounds.checklist import ITEMS, STEPS, RoundFacts, checklist, refusals, warnings

READY = RoundFacts(
    status="gathering",
    today=date(2026, 12, 16),
    starts_on=date(2026, 12, 16),
    is_over=False,
    place="会展中心",
    hosts=("市科技局",),
    undertakers=("某中心",),
    themes="新材料",
    halls=2,
    tables=40,
    slots=8,
    agenda=5,
    featured=50,
    parties=30,
    published_version=2,
    meetings=100,
    is_report_released=True,
    documents=1,
    now=datetime(2026, 12, 16, 16, 30),
    begins_from=datetime(2026, 12, 16, 7),
    ends_at=datetime(2026, 12, 16, 17),
    closes_from=datetime(2026, 12, 16, 16, 20),
)


@pytest.mark.parametrize("step", ITEMS)
def test_complete_facts_give_no_message(step):
    assert refusals(step, READY) == warnings(step, READY) == []
    assert all(item.is_done and item.words for item in checklist(step, READY))


@pytest.mark.parametrize(
    ("step", "missing", "words"),
    [
        ("announce", {"place": ""}, "还没有地点"),
        ("announce", {"hosts": ()}, "还没有主办单位"),
        ("announce", {"halls": 0, "tables": 0}, "还没有场地"),
        ("announce", {"tables": 0}, "场地都没有洽谈桌"),
        ("announce", {"is_over": True}, "结束时间已过"),
        ("schedule", {"published_version": None}, "还没有发布的洽谈日程"),
        ("schedule", {"slots": 0}, "还没有洽谈时段"),
        ("schedule", {"slots_outside": 2}, "有 2 个时段在活动时间之外"),
        ("schedule", {"clashes": ("甲乙同厅。",)}, "议程有冲突：甲乙同厅。"),
        ("schedule", {"overlaps": ("甲公司应到开场。",)}, "冲突：甲公司应到开场。"),
        ("begin", {"now": datetime(2026, 12, 1)}, "2026-12-16 07:00 起才能开始"),
        ("begin", {"is_over": True}, "结束时间已过"),
        ("close", {"closes_from": datetime(2026, 12, 16, 17)}, "2026-12-16 17:00 起才能结束并匹配"),
        ("archive", {"is_matching": True}, "会后匹配还在进行"),
    ],
)
def test_unmet_hard_items_refuse_the_step(step, missing, words):
    (reason,) = refusals(step, replace(READY, **missing))
    assert words in reason


@pytest.mark.parametrize(
    ("step", "missing", "words"),
    [
        ("announce", {"holiday": "2027-01-01 是元旦。"}, "元旦"),
        ("schedule", {"agenda": 0}, "还没有议程"),
        ("schedule", {"waiting": 3}, "还有 3 个受邀单位没有答复"),
        ("begin", {"published_version": None}, "还没有发布的洽谈日程"),
        ("close", {"without_outcome": 4}, "还有 4 场洽谈没有记录结果"),
        ("close", {"not_begun": 5}, "还有 5 场排定的洽谈没有记录是否举行"),
        ("archive", {"not_begun": 5, "without_outcome": 1}, "没有记录是否举行"),
        ("close", {"unfinished": 2}, "还有 2 场洽谈记录了开始，没有记录结束"),
        ("archive", {"is_report_released": False}, "活动总结还没有发布"),
        ("archive", {"open_matches": 9}, "还有 9 条"),
    ],
)
def test_unmet_soft_items_only_warn(step, missing, words):
    facts = replace(READY, **missing)
    assert refusals(step, facts) == []
    assert words in "".join(warnings(step, facts))


def test_first_conflicts_are_listed_and_all_are_counted():
    (reason,) = refusals("schedule", replace(READY, clashes=tuple(f"冲突{number}" for number in range(5))))
    assert "冲突2" in reason and "冲突3" not in reason and "共 5 处" in reason


def test_every_status_but_the_last_has_a_step():
    assert list(STEPS.values()) == list(ITEMS)
