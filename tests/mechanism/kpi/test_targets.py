"""Progress towards targets and the amount needed per month."""

from datetime import date
from decimal import Decimal

import pytest

from deals.models import Contract
from mechanism.kpi.counting import FigureValue, Totals
from mechanism.kpi.period import parse_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.targets import months_left, progress_text, target_progress
from mechanism.models import RateRule, Target

END_OF_SEPTEMBER = date(2025, 9, 30)


def counted(key: str, period: str = "2025", rule=None, **totals) -> FigureValue:
    scope = FigureScope(parse_period(period))
    return FigureValue(FIGURES[key], scope, Totals(**totals), scope.period.as_of, (), rule)


def target(value, *, is_over=False) -> Target:
    return Target(figure="x", year=2025, value=Decimal(value), is_over=is_over)


@pytest.mark.parametrize(
    ("year", "today", "left"),
    [
        (2025, date(2025, 12, 31), "0.0"),
        (2025, date(2025, 12, 1), "1.0"),
        (2025, date(2025, 9, 30), "3.0"),
        (2025, date(2025, 1, 1), "12.0"),
        (2026, date(2025, 9, 30), "12"),
        (2024, date(2025, 9, 30), "0"),
    ],
)
def test_months_left(year, today, left):
    assert months_left(year, today) == Decimal(left)


def test_needed_amount_per_month():
    value = counted("turnover", rows=9, total=Decimal(3_500_000))  # 350 亿元
    progress = target_progress(value, target(500, is_over=True), today=END_OF_SEPTEMBER)
    assert (progress.gap, progress.needed, progress.share) == (150, 50, 70)
    assert progress_text(progress, value) == "差 150 亿元；余下 3 个月每月需 50 亿元。"


def test_a_target_to_exceed_is_not_reached_by_equality():
    value = counted("agencies", rows=50)
    assert target_progress(value, target(50), today=END_OF_SEPTEMBER).is_reached
    assert not target_progress(value, target(50, is_over=True), today=END_OF_SEPTEMBER).is_reached


def test_needed_share_of_a_rate():
    value = counted("local_rate", rows=90, total=Decimal(900), part_rows=36, part=Decimal(360))
    progress = target_progress(value, target(45, is_over=True), today=END_OF_SEPTEMBER)
    assert progress.needed == 60  # 300 to come: 0.45 × 1,200 − 360 = 180
    assert "余下 3 个月的合同须有 60% 在连" in progress_text(progress, value)
    hopeless = target_progress(value, None, goal=Decimal(70), today=END_OF_SEPTEMBER)
    assert "全部在连也达不到" in progress_text(hopeless, value)


def test_needed_share_of_a_rate_by_number():
    rule = RateRule(basis="number")
    value = counted("local_rate", rule=rule, rows=90, total=Decimal(900), part_rows=36, part=Decimal(900))
    assert target_progress(value, target(45), today=END_OF_SEPTEMBER).needed == 60


def test_past_years_and_shorter_periods_need_nothing():
    value = counted("agencies", "2024", rows=10)
    progress = target_progress(value, target(50), today=END_OF_SEPTEMBER)
    assert progress.needed is None
    assert progress_text(progress, value) == "2024年已结束，差 40 家。"
    assert target_progress(counted("agencies", "2025Q1", rows=10), target(50)) is None
    assert target_progress(value, None) is None


@pytest.mark.django_db
def test_target_of_a_year_is_its_own_the_next_or_the_latest():
    seeded = Target.objects.for_year(2024)["turnover"]
    assert (seeded.value, seeded.year, seeded.is_over) == (500, 2025, True)
    assert "2023年8月4日" in seeded.source
    newer = Target.objects.create(figure="turnover", year=2030, value=800, source="测试", valid_from=date(2026, 1, 1))
    assert Target.objects.for_year(2026)["turnover"] == newer
    assert Target.objects.for_year(2031)["turnover"] == newer
    assert set(Target.objects.for_year(2026)) == {"turnover", "local_rate", "funds", "agencies", "items"}
    assert not Contract.objects.exists()
