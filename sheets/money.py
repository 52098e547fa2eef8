"""Parser of amounts of money, such as "约50万", "50-100", "５０～１００万元", 面议, "1.5亿", "500000元"."""

import re
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple, Self

from .cells import CellProblem, RawCell, normalize_text

_CENT = Decimal("0.01")
MAX_WAN = Decimal(10_000_000)  # 1000 亿元; a larger amount has the wrong unit
_IN_WAN = {
    "元": Decimal("0.0001"),
    "千元": Decimal("0.1"),
    "千": Decimal("0.1"),
    "万元": Decimal(1),
    "万": Decimal(1),
    "w": Decimal(1),
    "百万": Decimal(100),
    "百万元": Decimal(100),
    "千万": Decimal(1000),
    "千万元": Decimal(1000),
    "亿": Decimal(10_000),
    "亿元": Decimal(10_000),
}
_NEGOTIABLE = re.compile(
    r"价格面议|可?面议|可面谈|面谈|可?议价|可议|待议|另议|待定|未定|待商定|(?:双方)?协商(?:确定|定价)?|可商议|商议"
)
_ABOUT = re.compile(r"大约|约为|约|大概|估计|预计|左右|上下|近(?=\d)|^~")
_FOREIGN = re.compile(r"美元|美金|欧元|日元|港币|港元|英镑|\$|€|£|usd|eur|jpy|hkd", re.IGNORECASE)
_DECORATION = re.compile(r"人民币|rmb|cny|[¥￥\s,()（）\[\]【】]|整$", re.IGNORECASE)
_AT_MOST = re.compile(r"不超过|不高于|不多于|小于等于|小于|最多|最高|至多|上限|<=?|≤|以内|以下|之内|封顶|内$")
_AT_LEAST = re.compile(r"不低于|不少于|不小于|大于等于|大于|超过|最少|最低|至少|下限|>=?|≥|以上|之上|起$|\+$")
_AMOUNT = r"(-?\d{1,15}(?:\.\d{1,10})?)(百万元|千万元|千万|百万|万元|千元|亿元|亿|万|千|元|w)?"
_RANGE = re.compile(rf"{_AMOUNT}(?:--?|~|至|到|—+|–|－)(?:{_AMOUNT})", re.IGNORECASE)
_SINGLE = re.compile(_AMOUNT, re.IGNORECASE)
_HELP = "请写成“50”“50-100”“约50万元”或“面议”"


class Money(NamedTuple):
    """An amount in 万元 with 2 decimal places.

    "50万" has min = max, "100万以上" has no max, 面议 has neither and is `negotiable`.
    """

    min: Decimal | None
    max: Decimal | None
    negotiable: bool = False
    approximate: bool = False


@dataclass(frozen=True)
class Amount:
    """Parser of an amount of money. A number without a unit is in `unit`. Returns `Money`."""

    unit: str = "万元"

    @property
    def hint(self) -> str:
        return f"单位{self.unit}，可写“50”“50-100”“约50”“面议”"

    def in_unit(self, unit: str) -> Self:
        """The same parser with another default unit."""
        return replace(self, unit=unit)

    def __call__(self, value: RawCell) -> Money:
        if isinstance(value, bool):
            raise CellProblem(f"不是金额，{_HELP}")
        if isinstance(value, int | float) and value > 1e13:  # 1e13 元 = 10 000 亿元, whatever the unit
            raise CellProblem("超过 1000 亿元，请核对金额和单位")
        text = normalize_text(value).casefold()
        if not isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", text):
            raise CellProblem("被 Excel 当成了日期，请把单元格设为文本格式后重新填写，如“5-10”")
        if _FOREIGN.search(text):
            raise CellProblem("不是人民币，请折算成人民币万元后填写")
        bare, negotiable = _NEGOTIABLE.subn("", _DECORATION.sub("", text))
        bare, about = _ABOUT.subn("", bare)
        bare = bare.strip("。.、;；:：,，")
        if negotiable and not bare:
            return Money(None, None, negotiable=True)
        low, high = self._bounds(bare)
        return Money(low, high, negotiable=bool(negotiable), approximate=bool(about))

    def _bounds(self, text: str) -> tuple[Decimal | None, Decimal | None]:
        if match := _RANGE.fullmatch(text):
            first, first_unit, second, second_unit = match.groups()
            low = self._amount(first, first_unit or second_unit)
            high = self._amount(second, second_unit or first_unit)
            if low > high:
                raise CellProblem(f"前面的数大于后面的数，{_HELP}")
            return low, high
        # "不超过" contains "超过": the upper bound is removed first.
        bare, at_most = _AT_MOST.subn("", text)
        bare, at_least = _AT_LEAST.subn("", bare)
        match = _SINGLE.fullmatch(bare)
        if not match or (at_most and at_least):
            raise CellProblem(f"认不出金额，{_HELP}")
        amount = self._amount(*match.groups())
        return (None if at_most else amount), (None if at_least else amount)

    def _amount(self, digits: str, unit: str | None) -> Decimal:
        exact = Decimal(digits) * _IN_WAN[unit or self.unit]
        if exact < 0:
            raise CellProblem(f"金额不能是负数，{_HELP}")
        if exact > MAX_WAN:
            raise CellProblem(f"超过 1000 亿元，请核对单位（没有写单位时按{self.unit}计算）")
        amount = exact.quantize(_CENT, ROUND_HALF_UP)
        if exact and not amount:
            raise CellProblem("不足 100 元，请核对单位")
        return amount
