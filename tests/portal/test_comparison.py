"""Comparison of achievements: which are shown, how their indicators are aligned, bad addresses."""

from decimal import Decimal

import pytest
from django.urls import reverse

from achievements.models import Achievement, IntellectualProperty
from portal.comparison import indicator_rows
from tests import factories as make

pytestmark = pytest.mark.django_db


def offer(title, *indicators, **fields):
    """indicators: (name, comparison, value, unit, condition)."""
    achievement = make.achievement(title=title, **fields)
    for order, (name, comparison, value, unit, *condition) in enumerate(indicators):
        achievement.indicators.create(
            name=name,
            comparison=comparison,
            value=value,
            unit=unit,
            condition=condition[0] if condition else "",
            order=order,
        )
    return achievement


def compare(client, *achievements, **params):
    return client.get(reverse("comparison"), {"id": [row.public_id for row in achievements]} | params)


def table(*achievements):
    return {row.label: [(cell.text, cell.note) for cell in row.cells] for row in indicator_rows(achievements)}


def test_the_same_quantity_stands_in_one_row_with_the_best_value_marked():
    first = offer("甲", ("循环寿命", "ge", "2000", "次"), ("检测时间", "le", "2", "min"), ("厚度", "eq", "5", "μm"))
    second = offer("乙", ("检测时间", "le", "90", "s"), ("循环寿命", "ge", "1800", "次"))
    rows = table(first, second)
    assert rows["循环寿命"] == [("≥ 2000 次", "数值最优"), ("≥ 1800 次", "")]
    assert rows["检测时间"] == [("≤ 2 min", ""), ("≤ 90 s", "数值最优")]  # by the value, not by the number
    assert rows["厚度"] == [("= 5 μm", ""), ("没有写", "")]
    assert list(rows)[-1] == "厚度"  # what all state comes first


def test_nothing_is_called_best_that_cannot_be_compared():
    same = ("循环寿命", "ge", "2000", "次")
    for other in (
        ("循环寿命", "ge", "3000", "次", "60 ℃"),  # another condition
        ("循环寿命", "ge", "5", "年"),  # another unit
        ("循环寿命", "ge", "2000", "次"),  # a draw
        ("循环寿命", "words", "很长", ""),  # no number
    ):
        rows = table(offer(f"甲{other}", same), offer(f"乙{other}", other))
        assert not any("数值最优" in note for cells in rows.values() for _text, note in cells)


def test_different_quantities_and_units_stay_apart():
    rows = table(offer("甲", ("径向跳动", "le", "2", "μm")), offer("乙", ("轴向跳动", "le", "3", "μm")))
    assert set(rows) == {"径向跳动", "轴向跳动"}


def test_the_page_shows_what_is_public_and_what_is_missing(client):
    first = offer("甲项", ("循环寿命", "ge", "2000", "次"), price_min_wan=Decimal(80), price_max_wan=Decimal(80))
    second = make.achievement(title="<b>乙项</b>", pay_later=True)
    IntellectualProperty.objects.create(achievement=first, kind="invention")
    draft = make.achievement(title="草稿不给看", registered=False)
    withdrawn = make.achievement(title="下架不给看", status="withdrawn", status_reason="撤")
    page = compare(client, first, second, draft, withdrawn).content.decode()
    for text in (
        "甲项",
        "&lt;b&gt;乙项",
        "80 万元",
        "可先使用后付费",
        "发明专利 1 项",
        "还没有写的",
        "意向价格",
        "有 2 项成果已不再公开",
    ):
        assert text in page
    assert "不给看" not in page
    first.status, first.status_reason = "paused", "停"
    first.save()
    assert "再选一项就能对比" in compare(client, first, second).content.decode()


def test_limits_stand_in_a_row_registered_or_quoted(client):
    registered = make.achievement(title="甲", limits="固含超过 3% 的体系做不了。")
    quoted = make.achievement(title="乙", summary="膜不堵。不适用于含油废水。")
    silent = make.achievement(title="丙", summary="膜不堵。")
    response = compare(client, registered, quoted, silent)
    (row,) = [row for row in response.context["facts"] if row.label == "适用边界"]
    assert [cell.text for cell in row.cells] == ["固含超过 3% 的体系做不了。", "不适用于含油废水。", "没有填写"]
    assert [cell.note for cell in row.cells] == ["", "摘自单位写的简介", ""]
    missing = response.context["missing"].cells
    assert ["适用边界" in cell.text for cell in missing] == [False, False, True]


def test_hostile_and_odd_addresses(client):
    first, *others = (make.achievement(title=f"第{number}项") for number in range(5))
    for query in (
        "",
        "?id=",
        "?id='--",
        "?id=%00",
        f"?id={first.public_id}&id={first.public_id}",
        "?q=%00",
        f"?q={'长' * 999}",
    ):
        assert client.get(reverse("comparison") + query).status_code == 200
    response = compare(client, first, *others)
    assert len(response.context["achievements"]) == 4  # the first four
    added = compare(client, first, q="第3项").context["candidates"]
    assert [row["row"].title for row in added] == ["第3项"]


def test_four_items_take_as_many_queries_as_two(client, django_assert_max_num_queries):
    rows = [offer(str(number), ("循环寿命", "ge", "1", "次")) for number in range(4)]
    counts = []
    for some in (rows[:2], rows):
        with django_assert_max_num_queries(12) as queries:
            compare(client, *some)
        counts.append(len(queries))
    assert counts[1] <= counts[0]
    assert Achievement.objects.count() == 4
