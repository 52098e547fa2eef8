"""The columns of the registration office's list of contracts, with the names that the office uses for them."""

from dataclasses import dataclass, replace
from decimal import Decimal

from django.conf import settings

from deals.models import Contract
from deals.registration.numbers import clean_number
from sheets.cells import CellProblem
from sheets.columns import Column
from sheets.dates import Day
from sheets.money import Amount
from sheets.values import Choice, Code, CreditCode, Text
from taxonomy.models import Industry

KINDS = {
    "开发": "development",
    "委托开发": "development",
    "合作开发": "development",
    "技术开发合同": "development",
    "转让": "transfer",
    "专利权转让": "transfer",
    "技术转让合同": "transfer",
    "许可": "licence",
    "专利实施许可": "licence",
    "技术许可合同": "licence",
    "咨询": "consulting",
    "技术咨询合同": "consulting",
    "服务": "service",
    "技术培训": "service",
    "技术中介": "service",
    "技术服务合同": "service",
}


@dataclass(frozen=True)
class RegistrationNumber:
    """Parses a number as text, in the one way in which numbers are stored. Raises CellProblem."""

    hint: str = "16 位数字"

    def __call__(self, value: object) -> str:
        return clean_number(Code(30)(value))[:20]


@dataclass(frozen=True)
class ExactAmount:
    """Parses one amount, without ranges or 面议. Returns 万元 as Decimal with 2 places. Raises CellProblem."""

    unit: str = "万元"

    @property
    def hint(self) -> str:
        return f"一个数，单位{self.unit}"

    def in_unit(self, unit: str) -> "ExactAmount":
        return replace(self, unit=unit)

    def __call__(self, value: object) -> Decimal:
        amount = Amount(self.unit)(value)
        if amount.negotiable or amount.approximate or amount.min is None or amount.min != amount.max:
            raise CellProblem("登记的金额应是一个确定的数，请写成“120”或“120.5 万元”")
        return amount.min


def contract_columns() -> tuple[Column, ...]:
    """The columns, with the active industries as choices. One query."""
    industries = list(Industry.objects.active())
    aliases = {alias: row.pk for row in industries for alias in row.aliases.split("、") if alias}
    return (
        Column(
            key="number",
            label="登记编号",
            aliases=("合同登记编号", "合同编号", "认定登记编号", "合同登记号"),
            parse=RegistrationNumber(),
            required=True,
            example=settings.CITY.example_number,
            help="16 位，照登记证明填写",
        ),
        Column(
            key="name",
            label="合同名称",
            aliases=("项目名称", "技术合同名称"),
            parse=Text(150),
            required=True,
            example="高镍正极材料表面包覆技术开发",
        ),
        Column(
            key="kind",
            label="合同类别",
            aliases=("合同类型", "技术合同类别"),
            parse=Choice(dict(Contract.Kind.choices), KINDS),
            empty="",
        ),
        *_party_columns("seller", "卖方", ("技术转让方", "让与方", "转让方", "出让方")),
        *_party_columns("buyer", "买方", ("技术受让方", "受让方", "委托方")),
        *_amount_and_date_columns(),
        Column(
            key="industry",
            label="产业链",
            aliases=("所属产业链", "产业"),
            parse=Choice({row.pk: row.name for row in industries}, aliases),
        ),
    )


def _amount_and_date_columns() -> tuple[Column, ...]:
    return (
        Column(
            key="amount_wan",
            label="合同成交额（万元）",
            aliases=("合同成交金额", "成交金额", "合同金额", "合同额", "成交额"),
            parse=ExactAmount(),
            required=True,
            example="120",
        ),
        Column(
            key="tech_amount_wan",
            label="技术交易额（万元）",
            aliases=("核定技术交易额", "技术交易金额"),
            parse=ExactAmount(),
        ),
        Column(key="signed_on", label="签订日期", aliases=("签订时间", "合同签订日期", "签约日期"), parse=Day()),
        Column(
            key="registered_on",
            label="登记日期",
            aliases=("认定登记日期", "认定日期", "登记时间"),
            parse=Day(),
            required=True,
        ),
    )


def _party_columns(key: str, label: str, others: tuple[str, ...]) -> tuple[Column, ...]:
    return (
        Column(
            key=key,
            label=f"{label}名称",
            aliases=(label, *others, *(f"{other}名称" for other in others)),
            parse=Text(100),
            required=True,
        ),
        Column(
            key=f"{key}_code",
            label=f"{label}统一社会信用代码",
            aliases=(f"{label}信用代码",),
            parse=CreditCode(),
            empty="",
        ),
        Column(
            key=f"{key}_place",
            label=f"{label}所在地",
            aliases=(f"{label}所在区市县", f"{label}地区", f"{label}所属地区"),
            parse=Text(40),
            empty="",
            help=f"{settings.CITY.short_name}的写区市县，外地的写省市",
        ),
    )
