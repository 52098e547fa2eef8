"""Where a figure of the year will end: a range that the value reaches with a probability of about 80 %.

Pure arithmetic on monthly numbers; docs/forecast.md explains the method for readers. What happened in the complete
months of the year is known; only the remaining months are estimated:

- sums, with at least two past years: in each past year, the remaining months ÷ the months so far. The range is the
  prediction interval of a further year (Student's t), so few years or unequal years make it wide. A concentration of
  contracts at the end of the year is in these ratios.
- sums without past years, and counts of what exists: the same interval from the months that have passed.
- what exists, where less than three of the last twelve months brought anything: from nothing new up to the largest
  month of the last two years.
- rates: the remaining contracts from the first method, with a rate between the lowest and the highest that the
  remaining months of past years and this year so far had.

With less data there is no range but the reason why.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev

MIN_MONTHS = 3
"""Complete months of the year before sums and rates are estimated."""
MIN_PACE_MONTHS = 6
"""Complete months before the pace of the months alone is used."""
MIN_YEARS = 2
MIN_SHARE = 0.1
"""If less than this share of past years came in the months so far, a ratio to them says nothing."""
MIN_ACTIVE_MONTHS = 3
STUDENT_T = (3.078, 1.886, 1.638, 1.533, 1.476, 1.440, 1.415, 1.397, 1.383, 1.372, 1.363, 1.356)
"""80 % of Student's t with 1, 2, … degrees of freedom lie between minus and plus this."""
Amounts = Mapping[tuple[int, int], float]
"""{(year, month): amount}; months without rows are missing."""


@dataclass(frozen=True)
class Forecast:
    """The range at the end of the year, in the unit of the numbers given; or the reason why there is none.

    low, high: None if `missing` says why. basis: what the range is computed from, a sentence without its full stop.
    """

    low: float | None = None
    high: float | None = None
    basis: str = ""
    missing: str = ""

    @property
    def is_known(self) -> bool:
        return self.low is not None


@dataclass(frozen=True)
class RateParts:
    """Numerator and denominator of a rate by month."""

    part: Amounts
    whole: Amounts


def forecast_sum(amounts: Amounts, *, year: int, month: int, value: float) -> Forecast:
    """The sum of a year. `month`: its last complete month, 0 for none; `value`: the sum until today."""
    if month >= 12:
        return Forecast(value, value, "全年各月已过")
    if month < MIN_MONTHS:
        return Forecast(missing=_too_early(month))
    rest = _rest_of_year(amounts, year, month)
    if isinstance(rest, str):
        return Forecast(missing=rest)
    low, high, basis = rest
    so_far = _sum(amounts, year, 1, month)
    return Forecast(max(value, so_far + low), max(value, so_far + high), basis)


def forecast_stock(
    begun: Sequence[float], *, months_left: int, value: float, ending: float = 0, is_count: bool = True
) -> Forecast:
    """What will exist at the end of the year.

    begun: what began in each of the last complete months, at most 24, the latest last. months_left: not complete ones.
    ending: what is known to end before.
    """
    ends = f"，年底前到期的 {_number(ending)} 已扣除" if ending else ""
    if not months_left:
        return Forecast(value - ending, value - ending, "全年各月已过" + ends)
    if len(begun) < MIN_PACE_MONTHS:
        return Forecast(missing="只有 %d 个月的记录，满 %d 个月才推算" % (len(begun), MIN_PACE_MONTHS))
    year = list(begun[-12:])
    active = sum(1 for amount in year if amount)
    if active < MIN_ACTIVE_MONTHS:
        largest = max(begun[-24:], default=0)
        base = value - ending
        if not active:
            return Forecast(base, base, "近 %d 个月没有新增%s" % (len(year), ends))
        basis = "近 %d 个月只有 %d 个月有新增；上沿按最多的一个月%s" % (len(year), active, ends)
        return Forecast(base, base + largest, basis)
    low, high = _pace(year, months_left)
    if is_count:
        low, high = math.floor(low), math.ceil(high)
    basis = "按近 %d 个月每月新增 %s 至 %s 推%s" % (len(year), _number(min(year)), _number(max(year)), ends)
    return Forecast(value - ending + low, value - ending + high, basis)


def forecast_rate(parts: RateParts, *, year: int, month: int, part: float, whole: float) -> Forecast:
    """The rate of a year in percent. `part` and `whole`: until today."""
    if not whole:
        return Forecast(missing="今年还没有登记的合同")
    now = part * 100 / whole
    if month >= 12:
        return Forecast(now, now, "全年各月已过")
    if month < MIN_MONTHS:
        return Forecast(missing=_too_early(month))
    rest = _rest_of_year(parts.whole, year, month)
    if isinstance(rest, str):
        return Forecast(missing=rest)
    least, most, _basis = rest
    rates = [now / 100]
    for past in _past_years(parts.whole, year, month):
        if later := _sum(parts.whole, past, month + 1, 12):
            rates.append(_sum(parts.part, past, month + 1, 12) / later)
    ends = [
        (part + rate * amount) * 100 / (whole + amount) for rate in (min(rates), max(rates)) for amount in (least, most)
    ]
    lowest, highest = _number(min(rates) * 100), _number(max(rates) * 100)
    if lowest == highest:
        return Forecast(min(ends), max(ends), "按余下合同的比率也是 %s%% 推" % lowest)
    return Forecast(min(ends), max(ends), "按余下合同的比率在 %s%% 到 %s%% 之间推" % (lowest, highest))


def _rest_of_year(amounts: Amounts, year: int, month: int) -> tuple[float, float, str] | str:
    """(low, high, basis) of the months after `month`, or the reason why they cannot be estimated."""
    so_far = _sum(amounts, year, 1, month)
    past = _past_years(amounts, year, month)
    if len(past) >= MIN_YEARS:
        ratios, shares = [], []
        for other in past:
            before, after = _sum(amounts, other, 1, month), _sum(amounts, other, month + 1, 12)
            ratios.append(after / before)
            shares.append(after * 100 / (before + after))
        if 100 - max(shares) < MIN_SHARE * 100:
            return "往年到这个月只完成全年的 %s%%，现在推全年没有意义" % _number(100 - max(shares))
        low, high = _interval(ratios)
        months = f"{month + 1} 月至 12 月" if month < 11 else "12 月"
        basis = "按前 %d 年 %s占全年的 %s 推" % (len(past), months, _span(min(shares), max(shares)))
        return so_far * max(low, 0), so_far * high, basis
    if month < MIN_PACE_MONTHS:
        return "没有两个完整的往年可比，今年满 %d 个月才按各月推算" % MIN_PACE_MONTHS
    passed = [amounts.get((year, number), 0.0) for number in range(1, month + 1)]
    low, high = _pace(passed, 12 - month)
    return low, high, "没有两个完整的往年可比，只按今年 %d 个月推，没有计入年末集中登记" % month


def _past_years(amounts: Amounts, year: int, month: int) -> list[int]:
    """Earlier years with something in the months until `month`, whose first month shows that records were complete."""
    first = min(amounts, default=(year, 1))
    years = range(first[0] if first[1] <= MIN_MONTHS else first[0] + 1, year)
    return [past for past in years if _sum(amounts, past, 1, month)]


def _pace(months: Sequence[float], left: int) -> tuple[float, float]:
    """Interval of the sum of `left` further months, not below zero."""
    number = len(months)
    middle, spread = mean(months) * left, stdev(months) * math.sqrt(left + left * left / number)
    margin = _t(number - 1) * spread
    return max(middle - margin, 0), max(middle + margin, 0)


def _interval(values: Sequence[float]) -> tuple[float, float]:
    """Prediction interval of one further value."""
    margin = _t(len(values) - 1) * stdev(values) * math.sqrt(1 + 1 / len(values))
    return mean(values) - margin, mean(values) + margin


def _t(freedom: int) -> float:
    return STUDENT_T[min(freedom, len(STUDENT_T)) - 1]


def _sum(amounts: Amounts, year: int, first: int, last: int) -> float:
    return sum(amounts.get((year, month), 0.0) for month in range(first, last + 1))


def _too_early(month: int) -> str:
    passed = "今年还没有满一个月" if not month else "今年只过了 %d 个整月" % month
    return "%s，满 %d 个月才推算" % (passed, MIN_MONTHS)


def _span(low: float, high: float) -> str:
    low_text, high_text = _number(low), _number(high)
    return f"{low_text}%" if low_text == high_text else f"{low_text}–{high_text}%"


def _number(value: float) -> str:
    places = 0 if abs(value) >= 100 or value == int(value) else 1
    text = f"{value:,.{places}f}"
    return text.removesuffix(".0")
