"""Compares the conditions of a policy with facts. No Django.

Facts: {subject: {field: text, number, flag, set of texts or None for unknown}}. The result is a hint, not a decision:
unknown facts remain to be confirmed, and only a contradiction excludes a policy.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

SUBJECTS = {"firm": "企业", "achievement": "成果", "demand": "需求", "pair": "对接"}
TEXT, SET, NUMBER, FLAG = "text", "set", "number", "flag"
FIELDS = {
    "firm": {
        "region": ("所在区市县", TEXT),
        "is_local": ("在本市", FLAG),
        "firm_type": ("企业类型", SET),
    },
    "achievement": {
        "industry": ("产业链", SET),
        "bucket": ("成熟度阶段", TEXT),
        "stage": ("所处阶段", TEXT),
        "ways": ("转化方式", SET),
        "rights": ("知识产权", SET),
        "pay_later": ("先使用后付费", FLAG),
        "is_local": ("在本市的院校", FLAG),
        "is_registered": ("已入库", FLAG),
        "funds_needed": ("所需资金（万元）", NUMBER),
    },
    "demand": {
        "industry": ("产业链", SET),
        "kind": ("需求类型", TEXT),
        "ways": ("合作方式", SET),
        "budget": ("拟投入资金（万元）", NUMBER),
        "wants_challenge": ("愿意揭榜挂帅", FLAG),
    },
    "pair": {
        "status": ("对接状态", TEXT),
        "is_agreed": ("双方愿意", FLAG),
        "stays_local": ("院校和企业都在本市", FLAG),
    },
}
"""{subject: {field: (label, kind of value)}}."""
OPERATORS = {"in": "是其中之一", "not_in": "不是", "ge": "不低于", "le": "不高于", "yes": "是", "no": "否"}
ALLOWED = {TEXT: {"in", "not_in"}, SET: {"in", "not_in"}, NUMBER: {"ge", "le"}, FLAG: {"yes", "no"}}


@dataclass(frozen=True)
class FitCondition:
    subject: str
    field: str
    operator: str
    value: str
    words: str


@dataclass(frozen=True)
class PolicyFit:
    """Texts of the conditions that are met, unknown and contradicted."""

    met: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()

    @property
    def may_apply(self) -> bool:
        """At least one condition is met and none is contradicted."""
        return bool(self.met) and not self.missed


def field_choices() -> list[tuple[str, str]]:
    """(field, label naming all subjects with this field)."""
    labels: dict[str, list[str]] = {}
    for subject, fields in FIELDS.items():
        for name, (label, _kind) in fields.items():
            labels.setdefault(name, []).append(f"{SUBJECTS[subject]}：{label}")
    return [(name, " / ".join(texts)) for name, texts in labels.items()]


def condition_error(condition: FitCondition) -> str:
    """Error message for an invalid condition; empty for a valid one."""
    field = FIELDS.get(condition.subject, {}).get(condition.field)
    if field is None:
        subject = SUBJECTS.get(condition.subject, condition.subject)
        labels = "、".join(label for label, _kind in FIELDS.get(condition.subject, {}).values())
        return f"“{subject}”没有这项内容，可选：{labels}。"
    label, kind = field
    if condition.operator not in ALLOWED[kind]:
        labels = "、".join(label for operator, label in OPERATORS.items() if operator in ALLOWED[kind])
        return f"“{label}”只能用：{labels}。"
    if kind == NUMBER and _number(condition.value) is None:
        return f"“{label}”要与一个数比较，请在“值”里填数字，如 500。"
    if kind in {TEXT, SET} and not _alternatives(condition.value):
        return f"请在“值”里写明“{label}”要与什么比较，几个都可以时用顿号分开。"
    return ""


def evaluate_fit(conditions: Iterable[FitCondition], facts: Mapping[str, Mapping]) -> PolicyFit:
    """Compare facts with conditions. All fields of a missing subject are unknown."""
    words: dict[bool | None, list[str]] = {True: [], None: [], False: []}
    for condition in conditions:
        value = facts.get(condition.subject, {}).get(condition.field)
        words[_holds(condition, value)].append(condition.words)
    return PolicyFit(tuple(words[True]), tuple(words[None]), tuple(words[False]))


def _holds(condition: FitCondition, value) -> bool | None:
    """None for an unknown value or an invalid condition."""
    if value is None or condition_error(condition):
        return None
    if condition.operator in {"yes", "no"}:
        return bool(value) == (condition.operator == "yes")
    if condition.operator in {"ge", "le"}:
        bound = _number(condition.value)
        return value >= bound if condition.operator == "ge" else value <= bound
    has = {value} if isinstance(value, str) else set(value)
    if not has - {""}:
        return None
    return bool(has & _alternatives(condition.value)) == (condition.operator == "in")


def _alternatives(value: str) -> set[str]:
    return {part.strip() for part in value.replace("，", "、").replace(",", "、").split("、") if part.strip()}


def _number(value: str) -> Decimal | None:
    try:
        number = Decimal(value.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
