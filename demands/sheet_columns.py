"""Columns of the collection sheet of demands, with the headers of other collection forms in use as aliases."""

from collections.abc import Iterable

from django.conf import settings

from accounts.models import Region
from demands.models import Demand
from sheets.columns import Column
from sheets.dates import Day, Span
from sheets.money import Amount
from sheets.values import Choice, Choices, CreditCode, Email, Keywords, Phone, Text, YesNo
from taxonomy.models import Industry, TransferWay

TRANSFER_WAY_SYNONYMS = {
    "转让": "assignment",
    "技术转让": "assignment",
    "许可": "licence",
    "技术许可": "licence",
    "合作研发": "joint_development",
    "合作": "joint_development",
    "产学研合作": "joint_development",
    "联合开发": "joint_development",
    "委托研发": "commissioned",
    "委托": "commissioned",
    "技术入股": "equity",
    "作价投资": "equity",
    "作价入股": "equity",
    "咨询服务": "service",
    "技术咨询": "service",
    "技术服务": "service",
    "咨询": "service",
    "服务": "service",
    "独立研发": "own_investment",
    "自主研发": "own_investment",
    "自行投资": "own_investment",
    "其他": "other",
}
KIND_SYNONYMS = {
    "关键技术攻关": "problem",
    "技术难题": "problem",
    "难题攻关": "problem",
    "技术引进": "adoption",
    "引进成果": "adoption",
    "研发成果应用": "adoption",
    "新产品开发": "upgrade",
    "产品研发": "upgrade",
    "工艺升级": "process",
    "技术改造": "process",
    "检测检验": "testing",
    "检测": "testing",
    "人才": "talent",
    "人才引进": "talent",
    "团队引进": "talent",
}


def name_choices(rows: Iterable[Region | Industry]) -> tuple[dict, dict]:
    """({pk: name}, {alias: pk}) of rows with a name and aliases separated by 、."""
    aliases = {alias: row.pk for row in rows for alias in row.aliases.split("、") if alias}
    return {row.pk: row.name for row in rows}, aliases


def demand_columns() -> tuple[Column, ...]:
    """The columns, with the reporting regions and active industries as choices. Two queries."""
    regions = name_choices(Region.objects.reporting())
    industries = name_choices(Industry.objects.active())
    return (
        *_identity_columns(),
        *_firm_columns(regions),
        *_classification_columns(industries),
        *_content_columns(),
        *_term_columns(),
        *_publication_columns(),
        *_contact_columns(),
    )


def _identity_columns() -> tuple[Column, ...]:
    return (
        Column(
            key="title",
            label="需求名称",
            aliases=("技术需求名称", "难题名称", "技术难题名称", "需求标题", "项目需求名称"),
            parse=Text(200),
            required=True,
            example="高速轴承保持架减摩涂层",
        ),
        Column(
            key="firm",
            label="企业名称",
            aliases=("机构全称", "单位名称", "所属单位或公司名称", "企业全称", "公司名称", "需求单位", "单位全称"),
            parse=Text(100),
            required=True,
            help="营业执照上的全称",
            example=settings.CITY.example_firm,
        ),
        Column(
            key="credit_code",
            label="统一社会信用代码",
            aliases=("信用代码", "社会信用代码", "企业信用代码"),
            parse=CreditCode(),
            empty="",
            help="应填",
        ),
    )


def _firm_columns(regions: tuple[dict, dict]) -> tuple[Column, ...]:
    return (
        Column(
            key="region",
            label="所属区市县",
            aliases=(
                "所在地域",
                "所属区域",
                "所在区市县",
                "区市县",
                "所属地区",
                "所在区",
                "所属区市县（先导区）",
                "先导区",
            ),
            parse=Choice(*regions),
            help="应填；新企业必填",
            example=settings.CITY.example_region,
        ),
        Column(
            key="firm_type",
            label="企业类型",
            aliases=("企业类别", "企业资质"),
            parse=Text(60),
            empty="",
            help="高企、科小、规上、专精特新、其他",
        ),
    )


def _classification_columns(industries: tuple[dict, dict]) -> tuple[Column, ...]:
    return (
        Column(
            key="industry",
            label="产业链",
            aliases=("所属产业", "所属产业链", "重点产业链"),
            parse=Choice(*industries),
            help="应填",
        ),
        Column(
            key="applied_industry",
            label="应用行业",
            aliases=("应用行业（GB/T4754）", "国民经济行业", "所属行业"),
            parse=Text(60),
            empty="",
        ),
        Column(
            key="kind",
            label="需求类型",
            aliases=("需求类别", "技术需求类型"),
            parse=Choice(dict(Demand.Kind.choices), KIND_SYNONYMS),
            help="应填",
        ),
    )


def _content_columns() -> tuple[Column, ...]:
    return (
        Column(
            key="problem",
            label="主要问题",
            aliases=("技术需求概述", "需求描述", "需求内容", "技术需求内容", "问题描述", "技术需求简介", "需求简介"),
            parse=Text(5000, multiline=True),
            empty="",
            help="应填：现在遇到什么问题，希望达到什么效果",
        ),
        Column(
            key="goal",
            label="预期目标",
            aliases=("预期效果", "需求目标"),
            parse=Text(2000, multiline=True),
            empty="",
        ),
        Column(
            key="indicators",
            label="技术指标",
            aliases=("主要技术指标", "主要指标", "技术关键", "技术关键/主要指标", "技术参数"),
            parse=Text(2000, multiline=True),
            empty="",
            help="应填：逐条写明名称、数值和单位，用“；”或换行分开",
            example="摩擦系数≤0.05；耐温不低于 300℃",
        ),
        Column(
            key="conditions",
            label="现有基础条件",
            aliases=("现有条件", "基础条件", "已有条件", "现有基础"),
            parse=Text(2000, multiline=True),
            empty="",
        ),
    )


def _term_columns() -> tuple[Column, ...]:
    return (
        Column(
            key="ways",
            label="期望合作方式",
            aliases=("合作方式", "拟采取的转化方式", "解决方式", "拟采取的合作方式", "转化方式"),
            parse=Choices(dict(TransferWay.choices), TRANSFER_WAY_SYNONYMS),
            empty=(),
            help="应填",
            example="合作开发；委托开发",
        ),
        Column(
            key="budget",
            label="拟投入资金",
            aliases=(
                "预算金额",
                "预算资金",
                "拟投入资金总额",
                "拟投入资金总额（万元）",
                "投入资金",
                "预算",
                "意向投入",
            ),
            parse=Amount(),
            example="50-100",
        ),
        Column(
            key="period",
            label="需求时限",
            aliases=("时限", "需求期限", "需求时间", "完成时限"),
            parse=Span(),
            help="应填",
            example="2026年1月至2027年12月",
        ),
        Column(
            key="partner",
            label="意向单位",
            aliases=("意向合作单位", "合作意向单位"),
            parse=Text(200),
            empty="",
        ),
    )


def _publication_columns() -> tuple[Column, ...]:
    return (
        Column(key="keywords", label="关键词", aliases=("关键字",), parse=Keywords(5, 30), empty=()),
        Column(
            key="anonymous",
            label="是否匿名发布",
            aliases=("匿名发布", "是否匿名"),
            parse=YesNo(),
            help="应填；不填按匿名处理",
        ),
        Column(
            key="alias",
            label="对外名称",
            aliases=("匿名名称", "公开名称"),
            parse=Text(60),
            empty="",
            help="不用填：匿名需求的名称由平台生成，每项不同",
        ),
        Column(
            key="challenge",
            label="是否愿意揭榜挂帅",
            aliases=("揭榜挂帅", "愿意揭榜挂帅", "是否揭榜挂帅"),
            parse=YesNo(),
            empty=False,
        ),
        Column(key="expires_on", label="有效期至", aliases=("有效期", "需求有效期"), parse=Day(month="last")),
    )


def _contact_columns() -> tuple[Column, ...]:
    return (
        Column(key="contact", label="联系人", aliases=("联系人姓名",), parse=Text(30), empty="", help="应填"),
        Column(
            key="phone",
            label="联系电话",
            aliases=("手机", "联系方式", "手机号", "手机号码", "电话"),
            parse=Phone(),
            empty="",
            help="应填",
        ),
        Column(
            key="email", label="邮箱", aliases=("电子信箱", "电子邮箱", "电子邮件", "邮箱地址"), parse=Email(), empty=""
        ),
        Column(
            key="consents",
            label="同意对接使用联系方式",
            aliases=("是否同意对接使用联系方式", "是否同意公开联系方式给对接方"),
            parse=YesNo(),
            empty=False,
            help="填“是”表示联系人同意把联系方式提供给对接的另一方",
        ),
    )
