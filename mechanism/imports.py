"""Checks sheets of funds. The columns are those of the export, so an exported sheet can be edited and imported."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import BinaryIO

from accounts.models import User
from mechanism.models import Fund
from mechanism.services.measures import require_city_staff
from sheets.cells import CellProblem
from sheets.checking import SheetReport, UniqueTogether, check_rows
from sheets.columns import Column
from sheets.dates import Day
from sheets.money import Amount
from sheets.reading import read_workbook
from sheets.values import Choice, Choices, Text
from sheets.writing import write_template
from taxonomy.models import Industry

KINDS = {"天使": "angel", "创投": "venture", "创业投资基金": "venture", "风险投资基金": "venture", "产业": "industry"}


@dataclass(frozen=True)
class ExactWan:
    """Parses a single amount, neither a range nor 面议. Returns Decimal 万元."""

    amounts: Amount = field(default_factory=Amount)
    hint = "一个数，如 5000；亿元请写明单位"

    def in_unit(self, unit: str) -> "ExactWan":
        return ExactWan(self.amounts.in_unit(unit))

    def __call__(self, value: object) -> Decimal:
        money = self.amounts(value)
        if money.negotiable or money.min is None or money.min != money.max:
            raise CellProblem("要写一个确定的数，如 5000")
        if money.min < 0:
            raise CellProblem("不能是负数")
        return money.min


def fund_columns() -> tuple[Column, ...]:
    industries = {industry.pk: industry.name for industry in Industry.objects.active()}
    return (
        Column(key="name", label="基金名称", aliases=("名称",), parse=Text(100), required=True, example="示例天使基金"),
        Column(
            key="kind",
            label="类别",
            aliases=("基金类别", "基金类型"),
            parse=Choice(dict(Fund.Kind.choices), KINDS),
            required=True,
        ),
        Column(key="manager", label="管理人", aliases=("基金管理人", "管理机构"), parse=Text(100), required=True),
        Column(
            key="subscribed_wan",
            label="认缴规模（万元）",
            aliases=("认缴规模", "认缴金额", "基金规模"),
            parse=ExactWan(),
            required=True,
        ),
        Column(
            key="paid_in_wan",
            label="实缴规模（万元）",
            aliases=("实缴规模", "实缴金额"),
            parse=ExactWan(),
            empty=Decimal(0),
        ),
        Column(key="focus", label="投资领域", aliases=("投资方向",), parse=Choices(industries), empty=()),
        Column(key="valid_from", label="设立日期", aliases=("成立日期",), parse=Day(month="first"), required=True),
        Column(key="valid_to", label="存续期至", aliases=("到期日期",), parse=Day(month="last")),
        Column(key="note", label="说明", aliases=("备注",), parse=Text(1000), empty=""),
    )


def check_funds(content: bytes | BinaryIO, filename: str, *, by: User, only_own: bool = False) -> SheetReport:
    """SheetReport every fault with row, field, value and correction; nothing is written.

    `only_own` is part of the interface of all imports and has no effect: only city staff import funds. Raises
    UnreadableSheet, PermissionDenied.
    """
    require_city_staff(by)
    sheet = read_workbook(content, fund_columns(), filename=filename)
    return check_rows(sheet, row_checks=[_money_in_order, _dates_in_order], unique=[UniqueTogether(("name",))])


def fund_template() -> bytes:
    """The .xlsx template for funds."""
    return write_template("基金", fund_columns(), notes=["红色列必填。认缴和实缴分开填写，单位万元。"])


def _money_in_order(values: dict) -> Iterator[tuple]:
    subscribed, paid_in = values["subscribed_wan"], values["paid_in_wan"]
    if subscribed is not None and paid_in is not None and paid_in > subscribed:
        yield "paid_in_wan", "超过认缴规模 %(most)s 万元，请核对单位" % {"most": subscribed}


def _dates_in_order(values: dict) -> Iterator[tuple]:
    since, until = values["valid_from"], values["valid_to"]
    if since and until and until < since:
        yield "valid_to", "早于设立日期 %(day)s，请核对" % {"day": since.isoformat()}
