import itertools
from datetime import date, timedelta

import pytest

from rounds.busy_days import BusyPeriod
from rounds.round_dates import (
    avoidance_reasons,
    holidays_between,
    is_holiday_plan_known,
    months_after,
    non_workday_reason,
    propose_dates,
)

LAST = date(2026, 3, 11)  # a Wednesday
TODAY = date(2026, 3, 20)


def test_next_round_is_two_to_three_months_later_on_another_weekday():
    (days,) = propose_dates(TODAY, [LAST, date(2025, 12, 3)], count=1)
    assert days
    for choice in days:
        assert date(2026, 5, 11) <= choice.day <= date(2026, 6, 11)
        assert choice.day.weekday() in (1, 3) and not choice.cautions
        assert f"距上一场（2026年3月11日）{(choice.day - LAST).days} 天" in choice.reasons
        assert "与上一场不在同一个星期几（上一场星期三）" in choice.reasons


def test_every_round_follows_the_best_day_of_the_previous_one():
    choices = propose_dates(TODAY, [LAST], count=5)
    best = [LAST, *(days[0].day for days in choices)]
    for first, other in itertools.pairwise(best):
        assert months_after(first, 2) <= other <= months_after(first, 3)
        assert other.weekday() != first.weekday()
        assert not non_workday_reason(other)


def test_days_near_holidays_are_avoided():
    """The window of 2026-10-01 … 11-01 begins with eight free days."""
    (days,) = propose_dates(date(2026, 8, 5), [date(2026, 8, 1)], count=1, each=9)
    assert date(2026, 10, 1) <= min(choice.day for choice in days)
    assert all(not non_workday_reason(choice.day) for choice in days)
    assert all("人容易不齐" not in caution for choice in days[:3] for caution in choice.cautions)


@pytest.mark.parametrize("round_days", [[], [date(2024, 1, 9)]])
def test_without_a_recent_round_the_notice_period_decides(round_days):
    (days,) = propose_dates(TODAY, round_days, count=1)
    assert all(TODAY + timedelta(days=28) <= choice.day <= TODAY + timedelta(days=58) for choice in days)


def test_planned_round_counts_as_the_last():
    (days,) = propose_dates(TODAY, [LAST, date(2026, 6, 2)], count=1)
    assert all(choice.day >= date(2026, 8, 2) for choice in days)


def test_years_without_a_holiday_plan_get_a_caution():
    assert is_holiday_plan_known(2026) and not is_holiday_plan_known(2099)
    (days,) = propose_dates(date(2098, 11, 1), [date(2098, 10, 20)], count=1)
    assert all(any("安排还没有收录" in caution for caution in choice.cautions) for choice in days)


def test_compensation_workday_is_never_proposed():
    worked = date(2026, 1, 4)
    assert non_workday_reason(worked) == ""
    assert non_workday_reason(date(2026, 1, 11)) == "2026-01-11 是星期日。"
    assert non_workday_reason(date(2026, 2, 17)) == "2026-02-17 是春节。"
    (days,) = propose_dates(date(2025, 12, 1), [date(2025, 11, 3)], count=1, each=40)
    assert worked not in [choice.day for choice in days]


def test_months_after_is_clamped_to_the_month_end():
    assert months_after(date(2026, 12, 31), 2) == date(2027, 2, 28)
    assert months_after(date(2026, 1, 31), -2) == date(2025, 11, 30)


def test_holiday_names_omit_compensation_days():
    days = holidays_between(date(2026, 1, 1), date(2026, 1, 31))
    assert days == {date(2026, 1, 1): "元旦", date(2026, 1, 2): "调休休息日"}


def test_sessions_exams_and_the_citys_own_days_are_avoided_and_named():
    """4 and 9 March were proposed, in the middle of 全国两会."""
    fair = BusyPeriod("博览会", date(2026, 2, 24), date(2026, 3, 3))
    (days,) = propose_dates(date(2026, 1, 1), [date(2025, 12, 20)], count=1, each=20, own=[fair])
    chosen = {choice.day for choice in days}
    assert date(2026, 3, 13) <= min(day for day in chosen if day > date(2026, 2, 23))
    assert days[0].avoided == ("博览会（2月24日至3月3日）", "全国两会（3月4日至12日）")
    (days,) = propose_dates(date(2026, 4, 1), [date(2026, 4, 1)], count=1, each=20)
    assert not {date(2026, 6, day) for day in (7, 8, 9)} & {choice.day for choice in days}


def test_sessions_of_an_unknown_year_are_avoided_as_usual_and_said_to_be_a_guess():
    (reason,) = avoidance_reasons(date(2031, 3, 5))
    assert "全国两会" in reason and "会期没有收录" in reason and "请核对" in reason
    assert avoidance_reasons(date(2026, 5, 9)) == ["2026-05-09 是调休上班的星期六。"]
    assert avoidance_reasons(date(2026, 3, 18)) == []
