"""Traffic lights: whether a target will be reached, from its range at the end of the year, with a reason."""

from dataclasses import dataclass
from enum import Enum

from mechanism.kpi.forecast import Forecast

MIN_ROWS = 10
"""Below this number of contracts one of them decides, so that a light would show chance."""


class LightState(Enum):
    """`shape` is the CSS class: circle, triangle, square, ring."""

    REACHED = ("已达到", "g")
    ON_TRACK = ("能达到", "g")
    AT_RISK = ("有风险", "a")
    UNLIKELY = ("难达到", "r")
    MISSED = ("没有达到", "r")
    UNKNOWN = ("说不准", "n")
    NO_TARGET = ("没有目标", "n")

    def __init__(self, word: str, shape: str):
        self.word, self.shape = word, shape


@dataclass(frozen=True)
class Light:
    """`reason` is a sentence without its full stop."""

    state: LightState
    reason: str = ""

    @property
    def word(self) -> str:
        return self.state.word

    @property
    def shape(self) -> str:
        return self.state.shape


def light_of(
    *, goal: float | None, must_exceed: bool, value: float | None, forecast: Forecast, is_over: bool = False
) -> Light:
    """`goal`, `value` and the forecast in one unit. `is_over`: the year has ended."""
    if goal is None:
        return Light(LightState.NO_TARGET, "还没有目标")
    now = _reaches(value, goal, must_exceed)
    if is_over:
        return Light(LightState.REACHED) if now else Light(LightState.MISSED, "这一年已经结束")
    if not forecast.is_known:
        state = LightState.REACHED if now else LightState.UNKNOWN
        return Light(state, forecast.missing)
    lower, upper = (_reaches(end, goal, must_exceed) for end in (forecast.low, forecast.high))
    if now and lower:
        return Light(LightState.REACHED, forecast.basis)
    if now:
        return Light(LightState.AT_RISK, "现在达到，年底可能掉下来；%s" % forecast.basis)
    if lower:
        return Light(LightState.ON_TRACK, forecast.basis)
    if upper:
        return Light(LightState.AT_RISK, "区间上沿才够得着；%s" % forecast.basis)
    return Light(LightState.UNLIKELY, "区间上沿也够不着；%s" % forecast.basis)


def light_of_part(*, rows: int, goal: float | None, value: float | None, forecast: Forecast, is_over: bool) -> Light:
    """The light of a district or an institution. With few rows it says so instead of judging."""
    if goal is not None and rows < MIN_ROWS and not is_over and not _reaches(value, goal, False):
        return Light(LightState.UNKNOWN, "只有 %d 份合同，一份就能改变结果" % rows)
    return light_of(goal=goal, must_exceed=False, value=value, forecast=forecast, is_over=is_over)


def _reaches(value: float | None, goal: float, must_exceed: bool) -> bool:
    if value is None:
        return False
    return value > goal if must_exceed else value >= goal
