"""Columns of the sheets of agencies and of brokers, with header aliases and synonyms of choices."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings

from accounts.models import Region
from brokers.models import Agency, Broker
from sheets.cells import CellProblem, normalize_text
from sheets.columns import Column
from sheets.dates import Day
from sheets.values import Choice, Choices, Code, CreditCode, Email, Phone, Text, YesNo
from taxonomy.models import Industry

KIND_SYNONYMS = {
    "技术转移机构": "transfer",
    "技术评估机构": "evaluation",
    "评估机构": "evaluation",
    "评估": "evaluation",
    "成果中试机构": "pilot",
    "中试机构": "pilot",
    "中试基地": "pilot",
    "中试": "pilot",
    "成果转化机构": "commercialisation",
    "转化": "commercialisation",
}
SERVICE_SYNONYMS = {
    "技术开发": "development",
    "技术转让": "transfer",
    "服务": "technical_service",
    "技术咨询": "consulting",
    "咨询": "consulting",
    "技术评价": "evaluation",
    "技术评估": "evaluation",
    "评价": "evaluation",
    "技术投融资": "financing",
    "投融资": "financing",
    "投融资服务": "financing",
    "信息网络平台": "platform",
    "网络平台": "platform",
    "平台": "platform",
}
LEVEL_SYNONYMS = {
    "初级": "junior",
    "初级技术经理人": "junior",
    "中级": "intermediate",
    "中级技术经理人": "intermediate",
    "高级": "senior",
    "高级技术经纪人": "senior",
}
WHOLE_CITY = ("全市", "全部")


class WebsiteParser:
    """A web address, with or without scheme. Returns the address with scheme."""

    hint = "如 https://example.com"

    def __call__(self, value):
        text = "".join(normalize_text(value).split())
        address = text if "://" in text else f"https://{text}"
        try:
            parts = urlsplit(address)
        except ValueError:
            parts = None
        if not parts or parts.scheme not in ("http", "https") or "." not in parts.netloc or len(address) > 200:
            raise CellProblem("不像网址，请写成 https://example.com 的样子")
        return address


class RegionsParser(Choices):
    """Reporting regions, or 全市 for all. Returns a tuple of primary keys."""

    def __call__(self, value):
        whole = (*WHOLE_CITY, settings.CITY.name, settings.CITY.short_name)
        return tuple(self.options) if normalize_text(value) in whole else super().__call__(value)


def agency_columns() -> tuple[Column, ...]:
    """Columns of a sheet of agencies, with the reporting regions and active industries as choices. Two queries."""
    regions, industries = _name_choices(Region.objects.reporting()), _name_choices(Industry.objects.active())
    return (
        Column(
            key="name",
            label="机构名称",
            aliases=("服务机构名称", "单位名称", "机构全称", "中介机构名称"),
            parse=Text(100),
            required=True,
            example="示例技术转移中心",
        ),
        Column(
            key="credit_code",
            label="统一社会信用代码",
            aliases=("信用代码", "社会信用代码"),
            parse=CreditCode(),
            empty="",
        ),
        Column(
            key="kind",
            label="机构类别",
            aliases=("机构类型", "类别", "服务机构类别"),
            parse=Choice(dict(Agency.Kind.choices), KIND_SYNONYMS),
            required=True,
        ),
        Column(
            key="services",
            label="服务类型",
            aliases=("服务内容", "服务项目", "服务类别"),
            parse=Choices(dict(Agency.Service.choices), SERVICE_SYNONYMS),
            empty=(),
            help="按 GB/T 34670 的服务类型",
        ),
        _industries_column("服务领域", industries),
        _regions_column(regions),
        Column(key="region", label="所在区市县", aliases=("所属区市县", "注册地", "所在地"), parse=Choice(*regions)),
        Column(
            key="profile",
            label="机构简介",
            aliases=("简介", "机构介绍"),
            parse=Text(1000, multiline=True),
            empty="",
        ),
        Column(key="website", label="网址", aliases=("网站", "官网"), parse=WebsiteParser(), empty=""),
        Column(key="contact", label="联系人", aliases=("联系人姓名",), parse=Text(30), empty=""),
        *_contact_columns(),
    )


def broker_columns(agencies: Iterable[Agency]) -> tuple[Column, ...]:
    """Columns of a sheet of brokers, with `agencies` as choices of the agency column. Two queries."""
    regions, industries = _name_choices(Region.objects.reporting()), _name_choices(Industry.objects.active())
    names = {agency.pk: agency.organisation.name for agency in agencies}
    short_names = {agency.organisation.short_name: agency.pk for agency in agencies if agency.organisation.short_name}
    return (
        Column(
            key="name",
            label="姓名",
            aliases=("经纪人姓名", "技术经纪人", "技术经理人姓名"),
            parse=Text(30),
            required=True,
            example="示例人",
        ),
        Column(
            key="agency",
            label="所属机构",
            aliases=("机构名称", "工作单位", "所在机构", "单位名称"),
            parse=Choice(names, short_names),
            help="机构须已在名录中",
        ),
        *_certificate_columns(),
        _industries_column("擅长领域", industries),
        _regions_column(regions),
        *_contact_columns(),
    )


def _certificate_columns() -> tuple[Column, ...]:
    return (
        Column(
            key="level",
            label="等级",
            aliases=("培训等级", "级别", "经纪人等级", "证书等级"),
            parse=Choice(dict(Broker.Level.choices), LEVEL_SYNONYMS),
            required=True,
        ),
        Column(
            key="certificate_number",
            label="证书号",
            aliases=("证书编号", "证书号码", "资格证书编号"),
            parse=Code(50),
            required=True,
        ),
        Column(
            key="certified_by",
            label="发证单位",
            aliases=("发证基地", "发证机构", "发证机关"),
            parse=Text(100),
            empty="",
        ),
        Column(key="issued_on", label="发证日期", aliases=("发证时间", "取证日期"), parse=Day(month="first")),
        Column(key="expires_on", label="有效期至", aliases=("证书有效期", "有效期"), parse=Day(month="last")),
        Column(
            key="title",
            label="职称",
            aliases=("职称系列与级别", "专业技术职称"),
            parse=Text(50),
            empty="",
            example="工程系列·工程师",
        ),
    )


def _name_choices(rows: Iterable[Region | Industry]) -> tuple[dict, dict]:
    """({pk: name}, {alias: pk}) of rows with a name and aliases separated by 、."""
    aliases = {alias: row.pk for row in rows for alias in row.aliases.split("、") if alias}
    return {row.pk: row.name for row in rows}, aliases


def _industries_column(label: str, choices: tuple[dict, dict]) -> Column:
    return Column(
        key="industries",
        label=label,
        aliases=("领域", "服务领域", "擅长领域", "专业领域"),
        parse=Choices(*choices),
        empty=(),
    )


def _regions_column(choices: tuple[dict, dict]) -> Column:
    return Column(
        key="regions",
        label="服务区市县",
        aliases=("服务区域", "服务地区", "服务区县"),
        parse=RegionsParser(*choices),
        empty=(),
        help="可填“全市”",
    )


def _contact_columns() -> tuple[Column, ...]:
    return (
        Column(key="phone", label="联系电话", aliases=("手机", "联系方式", "电话", "手机号"), parse=Phone(), empty=""),
        Column(key="email", label="邮箱", aliases=("电子信箱", "电子邮箱", "电子邮件"), parse=Email(), empty=""),
        Column(
            key="consents",
            label="同意对接使用联系方式",
            aliases=("是否同意对接使用联系方式",),
            parse=YesNo(),
            empty=False,
            help="填“是”表示本人同意把联系方式提供给对接的双方",
        ),
    )
