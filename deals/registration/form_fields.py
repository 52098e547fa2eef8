"""The fields of the registration form (JJ-001) that a contract stores in `Contract.form`, by their key.

A missing required value is marked on the form and never guessed.
"""

from dataclasses import dataclass

from django.conf import settings

from accounts.models import Organisation
from deals.models import Contract, Deal
from taxonomy.models import TransferWay

AREA_HINT = f"GB/T 2260 的 6 位代码，{settings.CITY.name}为 {settings.CITY.area_code}"
CHINA = "156"
"""Country code of GB/T 2659."""
LEGAL_FORMS = {
    "010": "机关法人",
    "021": "科研机构",
    "022": "高等学校",
    "023": "医疗卫生机构",
    "029": "其他事业法人",
    "030": "社团法人",
    "100": "内资企业",
    "200": "港澳台商投资企业",
    "300": "外商投资企业",
    "400": "个人",
    "900": "其他",
}
TECHNOLOGY_FIELDS = {
    name: name
    for name in (
        *("电子信息", "航空航天", "先进制造", "生物医药和医疗器械", "新材料及其应用", "新能源与高效节能"),
        *("环境保护与资源综合利用", "核应用", "农业", "现代交通", "城市建设与社会发展"),
    )
}
PLAN_SOURCES = {
    "national": "国家科技计划",
    "province": "省级科技计划",
    "city": "市级科技计划",
    "none": "计划外",
}


@dataclass(frozen=True)
class FormField:
    """One field. `kinds`: the kinds of contract that have it; all if empty."""

    key: str
    label: str
    help: str = ""
    choices: dict | None = None
    required: bool = True
    kinds: tuple[str, ...] = ()
    max_length: int = 60

    def applies_to(self, kind: str) -> bool:
        return not self.kinds or kind in self.kinds


TRANSFER_KINDS = (Contract.Kind.TRANSFER, Contract.Kind.LICENCE)
FORM_FIELDS = (
    FormField("valid_until", "有效期限", "合同履行的起止日期，如 2026-03-01 至 2028-02-28"),
    FormField("seller_country", "卖方国别代码", "3 位，中国为 156", max_length=3),
    FormField("seller_area", "卖方行政区划代码", AREA_HINT, max_length=6),
    FormField("seller_nature", "卖方性质", choices=LEGAL_FORMS),
    FormField("buyer_country", "买方国别代码", "3 位，中国为 156", max_length=3),
    FormField("buyer_area", "买方行政区划代码", AREA_HINT, max_length=6),
    FormField("buyer_nature", "买方性质", choices=LEGAL_FORMS),
    FormField("field", "技术领域", choices=TECHNOLOGY_FIELDS),
    FormField("rights", "知识产权类型", "如发明专利、技术秘密；没有的写“未涉及”"),
    FormField("plan", "计划来源", choices=PLAN_SOURCES),
    FormField("goal", "社会经济目标", "如促进工商业发展"),
    FormField("served", "服务的国民经济行业", "GB/T 4754 的门类或大类"),
    FormField("new_input_wan", "预计新增投入（万元）", kinds=TRANSFER_KINDS, required=False, max_length=12),
    FormField("new_output_wan", "预计新增产值（万元）", kinds=TRANSFER_KINDS, required=False, max_length=12),
)
FORM_KEYS = frozenset(field.key for field in FORM_FIELDS)
_KIND_BY_WAY: dict[str, str] = {
    TransferWay.ASSIGNMENT: Contract.Kind.TRANSFER,
    TransferWay.LICENCE: Contract.Kind.LICENCE,
    TransferWay.EQUITY: Contract.Kind.TRANSFER,
    TransferWay.JOINT_DEVELOPMENT: Contract.Kind.DEVELOPMENT,
    TransferWay.COMMISSIONED: Contract.Kind.DEVELOPMENT,
    TransferWay.SERVICE: Contract.Kind.SERVICE,
}


def contract_kind_for(way: str) -> str:
    """The usual kind of contract for a way of transfer; empty if there is none."""
    return _KIND_BY_WAY.get(way, "")


def prefilled_answers(deal: Deal) -> dict[str, str]:
    """Form values that follow from the deal: country, area and legal form of the parties, technology field, rights,
    served industry."""
    achievement, values = deal.achievement, {}
    for side, organisation in (("seller", deal.seller), ("buyer", deal.buyer)):
        if organisation is None:
            continue
        if organisation.is_local:
            values[f"{side}_country"] = CHINA
        if organisation.reg_region and organisation.reg_region.code.isdigit():
            values[f"{side}_area"] = organisation.reg_region.code
        if legal_form := _legal_form(organisation):
            values[f"{side}_nature"] = legal_form
    if achievement is not None:
        fields = {row.slug: row.technology_field for row in settings.CITY.industries}
        if field := fields.get(achievement.industry.slug):
            values["field"] = field
        kinds = dict.fromkeys(str(right.get_kind_display()) for right in achievement.intellectual_property.all())
        if kinds:
            values["rights"] = "、".join(kinds)[:60]
        if achievement.applied_industry:
            values["served"] = achievement.applied_industry
    return values


def _legal_form(organisation: Organisation) -> str:
    """A key of LEGAL_FORMS for an institution; empty for a firm, whose ownership the platform does not know."""
    if organisation.kind != organisation.Kind.INSTITUTION:
        return ""
    return "022" if organisation.name.endswith(("大学", "学院")) else "021"
