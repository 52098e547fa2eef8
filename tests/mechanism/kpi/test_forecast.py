"""The range at the end of the year, on series whose end is known, and the light that follows from it."""

from random import Random

import pytest

from mechanism.kpi.forecast import Forecast, RateParts, forecast_rate, forecast_stock, forecast_sum
from mechanism.kpi.formatting import format_ends
from mechanism.kpi.lights import LightState, light_of, light_of_part

SEASON = (4, 3, 7, 6, 6, 8, 5, 5, 8, 7, 9, 32)
"""Percent of a year: a third of the contracts are registered in December."""


def year_of(year: int, total: float, season=SEASON, noise: Random | None = None, spread: float = 0.2) -> dict:
    shares = [share * (noise.lognormvariate(0, spread) if noise else 1) for share in season]
    return {(year, month): total * share / sum(shares) for month, share in enumerate(shares, 1)}


def known_until(amounts: dict, year: int, month: int) -> dict:
    return {at: amount for at, amount in amounts.items() if at[0] < year or (at[0] == year and at[1] <= month)}


def test_contracts_at_the_end_of_the_year_are_expected():
    """Equal years: the range is one number, the true end, long before December; the pace alone would give half."""
    amounts = {**year_of(2023, 300), **year_of(2024, 400), **year_of(2025, 350), **year_of(2026, 500)}
    past = known_until(amounts, 2026, 9)
    so_far = sum(past[2026, month] for month in range(1, 10))
    forecast = forecast_sum(past, year=2026, month=9, value=so_far)
    assert forecast.low == pytest.approx(500)
    assert forecast.high == pytest.approx(500)
    assert "前 3 年" in forecast.basis
    assert "10 月至 12 月占全年的 48%" in forecast.basis
    alone = forecast_sum({at: n for at, n in past.items() if at[0] == 2026}, year=2026, month=9, value=so_far)
    assert alone.high < 500
    assert "没有计入年末集中登记" in alone.basis


@pytest.mark.parametrize("past_years", [2, 3, 4])
def test_the_range_holds_about_four_of_five_unequal_years(past_years):
    noise, hits, cities = Random(2026), 0, 400
    for _city in range(cities):
        amounts: dict = {}
        for year in range(2026 - past_years, 2027):
            amounts |= year_of(year, 400 * noise.lognormvariate(0, 0.2), noise=noise)
        end = sum(amount for (year, _month), amount in amounts.items() if year == 2026)
        past = known_until(amounts, 2026, 8)
        so_far = sum(amount for (year, _month), amount in past.items() if year == 2026)
        forecast = forecast_sum(past, year=2026, month=8, value=so_far)
        hits += forecast.low <= end <= forecast.high
    assert 0.74 <= hits / cities <= 0.88


def test_few_years_make_a_wide_range():
    unequal = {**year_of(2024, 300), **year_of(2025, 300, season=(*SEASON[:11], 16)), **year_of(2026, 300)}
    past = known_until(unequal, 2026, 6)
    so_far = sum(amount for (year, _month), amount in past.items() if year == 2026)
    two = forecast_sum(past, year=2026, month=6, value=so_far)
    more = past | year_of(2022, 300) | year_of(2023, 300, season=(*SEASON[:11], 16))
    four = forecast_sum(more, year=2026, month=6, value=so_far)
    assert two.high - two.low > 1.5 * (four.high - four.low)


@pytest.mark.parametrize(
    ("month", "years", "reason"),
    [
        (0, (2024, 2025), "今年还没有满一个月"),
        (2, (2024, 2025), "今年只过了 2 个整月，满 3 个月才推算"),
        (4, (), "没有两个完整的往年可比，今年满 6 个月才按各月推算"),
        (4, (2025,), "没有两个完整的往年可比"),
    ],
)
def test_little_data_gives_a_reason_instead_of_a_number(month, years, reason):
    amounts = known_until({at: n for year in (*years, 2026) for at, n in year_of(year, 300).items()}, 2026, month)
    forecast = forecast_sum(amounts, year=2026, month=month, value=30)
    assert not forecast.is_known
    assert reason in forecast.missing


def test_a_tenth_of_past_years_says_nothing_about_the_rest():
    late = (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 89)
    amounts = {**year_of(2024, 300, late), **year_of(2025, 300, late), (2026, 3): 10.0}
    assert "只完成全年的 5%" in forecast_sum(amounts, year=2026, month=5, value=10).missing


def test_a_year_whose_records_begin_in_autumn_is_no_past_year():
    amounts = {(2024, 10): 50.0, (2024, 12): 80.0, **year_of(2025, 300), **known_until(year_of(2026, 300), 2026, 5)}
    assert not forecast_sum(amounts, year=2026, month=5, value=80).is_known


def test_what_exists_grows_by_its_pace_and_loses_what_ends():
    steady = forecast_stock([2] * 12, months_left=3, value=50, ending=4)
    assert (steady.low, steady.high) == (52, 52)
    assert "年底前到期的 4 已扣除" in steady.basis
    uneven = forecast_stock([0, 4, 1, 3, 2, 2, 5, 0, 1, 3, 2, 1], months_left=3, value=50)
    assert uneven.low >= 50
    assert uneven.low < 56 < uneven.high
    assert not forecast_stock([1] * 5, months_left=3, value=5).is_known


def test_funds_that_come_rarely_are_not_averaged():
    quiet = forecast_stock([0.0] * 12, months_left=2, value=239, is_count=False)
    assert (quiet.low, quiet.high, quiet.basis) == (239, 239, "近 12 个月没有新增")
    once = forecast_stock([30.0, *[0.0] * 12, 20.0, *[0.0] * 5], months_left=2, value=239, is_count=False)
    assert (once.low, once.high) == (239, 269)


def test_a_rate_stays_between_what_the_remaining_months_had():
    whole = {**year_of(2024, 100), **year_of(2025, 100), **known_until(year_of(2026, 100), 2026, 9)}
    part = {at: amount * (0.2 if at[0] == 2024 else 0.8) for at, amount in whole.items()}
    so_far = sum(amount for (year, _month), amount in whole.items() if year == 2026)
    forecast = forecast_rate(RateParts(part, whole), year=2026, month=9, part=so_far * 0.5, whole=so_far)
    assert forecast.low == pytest.approx(52 * 0.5 + 48 * 0.2)
    assert forecast.high == pytest.approx(52 * 0.5 + 48 * 0.8)
    assert not forecast_rate(RateParts({}, {}), year=2026, month=9, part=0, whole=0).is_known


@pytest.mark.parametrize(
    ("value", "low", "high", "state"),
    [
        (510, 510, 530, LightState.REACHED),
        (510, 480, 530, LightState.AT_RISK),
        (450, 505, 530, LightState.ON_TRACK),
        (450, 480, 530, LightState.AT_RISK),
        (450, 460, 499, LightState.UNLIKELY),
        (500, 500, 500, LightState.UNLIKELY),
    ],
)
def test_lights(value, low, high, state):
    light = light_of(goal=500, must_exceed=True, value=value, forecast=Forecast(low, high, "推"))
    assert light.state is state
    assert "推" in light.reason


def test_a_light_without_a_range_gives_the_reason_and_a_past_year_is_judged_by_its_value():
    unknown = light_of(goal=500, must_exceed=False, value=10, forecast=Forecast(missing="今年还没有满一个月"))
    assert (unknown.state, unknown.reason) == (LightState.UNKNOWN, "今年还没有满一个月")
    over = light_of(goal=500, must_exceed=False, value=499, forecast=Forecast(missing="x"), is_over=True)
    assert over.state is LightState.MISSED


def test_few_contracts_are_not_judged():
    forecast = Forecast(3, 4, "推")
    few = light_of_part(rows=3, goal=20, value=2, forecast=forecast, is_over=False)
    assert (few.state, few.reason) == (LightState.UNKNOWN, "只有 3 份合同，一份就能改变结果")
    assert light_of_part(rows=30, goal=20, value=2, forecast=forecast, is_over=False).state is LightState.UNLIKELY
    assert light_of_part(rows=3, goal=2, value=2, forecast=forecast, is_over=False).state is LightState.REACHED


def test_ranges_are_rounded_outwards():
    assert [format_ends(*ends) for ends in ((486.2, 507.7), (54.33, 57.05), (239, 239), (50, 56), (1.1, 1.101))] == [
        *("486–508", "54.3–57.1", "239", "50–56", "1.1–1.11")
    ]
