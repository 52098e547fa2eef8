"""The columns of the registration form (JJ-001) that a contract does not keep in a field of its own.

Each has a key under which the answer stands in `Contract.form`. What is required, and what a code may be, is said here
in one place; a missing answer is marked, never invented.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from deals.models import Contract, Deal
from taxonomy.models import TransferWay

CHINA = "156"
NATURES = {
    "010": _("机关法人"),
    "021": _("科研机构"),
    "022": _("高等学校"),
    "023": _("医疗卫生机构"),
    "029": _("其他事业法人"),
    "030": _("社团法人"),
    "100": _("内资企业"),
    "200": _("港澳台商投资企业"),
    "300": _("外商投资企业"),
    "400": _("个人"),
    "900": _("其他"),
}
FIELDS = {
    name: name
    for name in (
        *("电子信息", "航空航天", "先进制造", "生物医药和医疗器械", "新材料及其应用", "新能源与高效节能"),
        *("环境保护与资源综合利用", "核应用", "农业", "现代交通", "城市建设与社会发展"),
    )
}
PLANS = {
    "national": _("国家科技计划"),
    "province": _("省级科技计划"),
    "city": _("市级科技计划"),
    "none": _("计划外"),
}


@dataclass(frozen=True)
class Answer:
    """One column: `kinds` are the classes of contract it is asked for (all when empty)."""

    key: str
    label: str
    help: str = ""
    choices: dict | None = None
    required: bool = True
    kinds: tuple[str, ...] = ()
    longest: int = 60

    def is_asked(self, kind: str) -> bool:
        return not self.kinds or kind in self.kinds


TRANSFERS = (Contract.Kind.TRANSFER, Contract.Kind.LICENCE)
ANSWERS = (
    Answer("valid_until", _("有效期限"), _("合同履行的起止日期，如 2026-03-01 至 2028-02-28")),
    Answer("seller_country", _("卖方国别代码"), _("3 位，中国为 156"), longest=3),
    Answer("seller_area", _("卖方行政区划代码"), _("GB/T 2260 的 6 位代码，大连市为 210200"), longest=6),
    Answer("seller_nature", _("卖方性质"), choices=NATURES),
    Answer("buyer_country", _("买方国别代码"), _("3 位，中国为 156"), longest=3),
    Answer("buyer_area", _("买方行政区划代码"), _("GB/T 2260 的 6 位代码，大连市为 210200"), longest=6),
    Answer("buyer_nature", _("买方性质"), choices=NATURES),
    Answer("field", _("技术领域"), choices=FIELDS),
    Answer("rights", _("知识产权类型"), _("如发明专利、技术秘密；没有的写“未涉及”")),
    Answer("plan", _("计划来源"), choices=PLANS),
    Answer("goal", _("社会经济目标"), _("如促进工商业发展")),
    Answer("served", _("服务的国民经济行业"), _("GB/T 4754 的门类或大类")),
    Answer("new_input_wan", _("预计新增投入（万元）"), kinds=TRANSFERS, required=False, longest=12),
    Answer("new_output_wan", _("预计新增产值（万元）"), kinds=TRANSFERS, required=False, longest=12),
)
FORM_KEYS = frozenset(answer.key for answer in ANSWERS)
_KINDS = {
    TransferWay.ASSIGNMENT: Contract.Kind.TRANSFER,
    TransferWay.LICENCE: Contract.Kind.LICENCE,
    TransferWay.EQUITY: Contract.Kind.TRANSFER,
    TransferWay.JOINT_DEVELOPMENT: Contract.Kind.DEVELOPMENT,
    TransferWay.COMMISSIONED: Contract.Kind.DEVELOPMENT,
    TransferWay.SERVICE: Contract.Kind.SERVICE,
}
_FIELDS_OF_INDUSTRIES = {
    "petrochemicals": "新材料及其应用",
    "materials": "新材料及其应用",
    "equipment": "先进制造",
    "marine": "先进制造",
    "rail": "现代交通",
    "automotive": "现代交通",
    "energy": "新能源与高效节能",
    "software": "电子信息",
    "semiconductors": "电子信息",
    "health": "生物医药和医疗器械",
    "seafood": "农业",
    "environment": "环境保护与资源综合利用",
}


def kind_of_way(way: str) -> str:
    """The class of contract that usually goes with a way of transfer; empty where one cannot tell."""
    return _KINDS.get(way, "")


def first_answers(deal: Deal) -> dict[str, str]:
    """What of the form follows from the deal: parties' country, area and nature, field, rights, served branch."""
    item, answers = deal.item, {}
    for side, organisation in (("seller", deal.seller), ("buyer", deal.buyer)):
        if organisation is None:
            continue
        if organisation.is_local:
            answers[f"{side}_country"] = CHINA
        if organisation.reg_region and organisation.reg_region.code.isdigit():
            answers[f"{side}_area"] = organisation.reg_region.code
        if nature := _nature(organisation):
            answers[f"{side}_nature"] = nature
    if item is not None:
        if field := _FIELDS_OF_INDUSTRIES.get(item.industry.slug):
            answers["field"] = field
        kinds = dict.fromkeys(str(one.get_kind_display()) for one in item.intellectual_property.all())
        if kinds:
            answers["rights"] = "、".join(kinds)[:60]
        if item.applied_industry:
            answers["served"] = item.applied_industry
    return answers


def _nature(organisation) -> str:
    """Only what the kind and the name say for certain; whether a firm is domestic, they do not."""
    if organisation.kind != organisation.Kind.INSTITUTION:
        return ""
    return "022" if organisation.name.endswith(("大学", "学院")) else "021"
