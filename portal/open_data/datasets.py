"""The data sets: which rows, which fields, and what each field means.

A row holds what its public page shows to a visitor without an account, without names of persons. Moments are days, as
in feeds and sitemap: to the second they would show what one firm has published in one go.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, Region
from achievements.models import Achievement
from brokers.models import Agency
from challenges.models import Challenge
from demands.masking import detail_text, identifying_names, mask_firm, public_text
from demands.models import Demand
from demands.public_orders import CHANGED_DAY
from portal.districts import with_agency_count, with_demand_count
from portal.institutions import listed_institutions
from portal.templatetags.display import ip_summary
from rounds.models import DockingRound

type Value = str | bool | int | Decimal | date | datetime | list[str] | None


@dataclass(frozen=True)
class Column:
    """`name`: the key in JSON; `label`: the header in CSV; `about`: what it means, for people who use the data."""

    name: str
    label: str
    about: str
    read: Callable[[Any], Value]


@dataclass(frozen=True)
class Dataset:
    """`rows()`: what everybody may read, in an order that tells nothing. Read it with an iterator."""

    slug: str
    title: str
    about: str
    page: str
    rows: Callable[[], QuerySet]
    columns: Sequence[Column]
    key: str = "public_id"
    """The field that stands in the address of the detail page."""

    def address(self, row: Any) -> str:
        return reverse(self.page, args=[getattr(row, self.key)])


def _id() -> Column:
    return Column("id", "编号", "平台编号，也是详情页网址的一部分；不会改变", lambda row: row.public_id)


def _updated() -> Column:
    return Column("updated_on", "更新日期", "最近一次更新的日期", lambda row: _day(row.updated_at))


def _published() -> Column:
    return Column("published_on", "公开日期", "在平台公开的日期", lambda row: _day(row.published_at))


def _day(moment: datetime | None) -> date | None:
    return timezone.localdate(moment) if moment else None


# --- Achievements and demands ------------------------------------------------------------------------------------
def _achievements() -> QuerySet:
    published = Achievement.objects.published().order_by("-updated_at__date", "public_id")
    return published.select_related("institution", "industry").prefetch_related("intellectual_property")


ACHIEVEMENTS = Dataset(
    "achievements",
    "科技成果",
    "高校院所在平台公开的科技成果，含已转化的",
    "achievement_detail",
    _achievements,
    (
        _id(),
        Column("registry_number", "入库编号", "入库时编的号", lambda row: row.registry_number or ""),
        Column("title", "成果名称", "单位填写的名称", lambda row: row.title),
        Column("institution", "完成单位", "第一完成单位的全称", lambda row: row.institution.name),
        Column("industry", "产业链", "平台产业分类的名称", lambda row: row.industry.name),
        Column("keywords", "关键词", "CSV 里用“；”分开，JSON 里是数组", lambda row: list(row.keywords)),
        Column("summary", "解决什么问题", "成果简介", lambda row: row.summary),
        Column("limits", "适用边界", "单位写的：不适合用在哪里，一行一条", lambda row: row.limits),
        Column(
            "maturity",
            "成熟度阶段",
            "概念验证、小试、中试或可产业化；空：没有填写",
            lambda row: _label(row, "maturity_bucket"),
        ),
        Column("transfer_ways", "转化方式", "可接受的转化方式，可以有几种", lambda row: list(row.way_labels)),
        Column("price", "意向价格", "单位填写的意向价格，文字", lambda row: row.price_text),
        Column("price_min_wan", "意向价格下限（万元）", "没有填写时为空", lambda row: row.price_min_wan),
        Column("price_max_wan", "意向价格上限（万元）", "没有填写时为空", lambda row: row.price_max_wan),
        Column("pay_later", "先使用后付费", "是否可以先使用后付费", lambda row: row.pay_later),
        Column(
            "intellectual_property",
            "知识产权",
            "各类知识产权的项数，文字",
            lambda row: ip_summary(row.intellectual_property.all()),
        ),
        Column("status", "状态", "在平台上的状态；“已转化”的不能再对接", lambda row: row.get_status_display()),
        _published(),
        _updated(),
    ),
)


def _label(row: Any, field: str) -> str:
    return str(getattr(row, f"get_{field}_display")()) if getattr(row, field) else ""


def _demands() -> QuerySet:
    return Demand.objects.published().select_related("firm__stat_region", "industry__parent").order_by(*CHANGED_DAY)


def _keywords(demand: Demand) -> list[str]:
    names = identifying_names(demand) if demand.is_anonymous else []
    return [mask_firm(word, names) for word in demand.keywords]


DEMANDS = Dataset(
    "demands",
    "技术需求",
    "企业在平台公开的技术需求；匿名的不含企业名称，只公开摘要的只有摘要",
    "demand_detail",
    _demands,
    (
        _id(),
        Column("title", "需求名称", "匿名需求里的企业名称已隐去", lambda row: public_text(row, "title")),
        Column("firm", "企业", "企业名称；匿名的为对外称呼", lambda row: row.public_firm_name),
        Column("region", "区市县", "企业所在区市县；可能暴露匿名企业时为空", lambda row: _name(row.public_region)),
        Column("industry", "产业链", "可能暴露匿名企业时为空", lambda row: _name(row.public_industry)),
        Column("kind", "需求类型", "企业选择的类型", lambda row: row.get_kind_display()),
        Column("problem", "要解决的问题", "公开的正文或摘要", lambda row: public_text(row, "problem")),
        Column("keywords", "关键词", "CSV 里用“；”分开，JSON 里是数组", _keywords),
        Column("transfer_ways", "合作方式", "企业希望的合作方式，可以有几种", lambda row: list(row.way_labels)),
        Column("budget", "拟投入资金", "企业填写的金额，文字", lambda row: row.budget_text),
        Column("period", "需求时限", "企业填写的时限，文字", lambda row: detail_text(row, "period_text")),
        Column("status", "状态", "在平台上的状态", lambda row: row.get_status_display()),
        _published(),
        _updated(),
    ),
)


def _name(row: Any) -> str:
    return row.name if row else ""


# --- Who offers, who helps ---------------------------------------------------------------------------------------
def _institutions() -> QuerySet[Organisation]:
    return listed_institutions().select_related("stat_region").order_by("public_id")


INSTITUTIONS = Dataset(
    "institutions",
    "高校院所",
    "在平台有公开成果的高校院所",
    "institution_detail",
    _institutions,
    (
        _id(),
        Column("name", "单位名称", "全称", lambda row: row.name),
        Column("short_name", "简称", "没有时为空", lambda row: row.short_name),
        Column("is_local", "本市单位", "是否在本市", lambda row: row.is_local),
        Column("profile", "简介", "单位填写的简介", lambda row: row.profile),
        Column("website", "网址", "单位自己的网站", lambda row: row.website),
    ),
)


def _agencies() -> QuerySet:
    listed = Agency.objects.visible_to(AnonymousUser()).listed().select_related("organisation__stat_region")
    return listed.prefetch_related("industries", "regions").order_by("public_id")


def _industries(agency: Agency) -> list[str]:
    return [industry.name for industry in agency.industries.all()]


AGENCIES = Dataset(
    "agencies",
    "服务机构",
    "已核实的技术转移服务机构，不含人员和联系方式",
    "agency_detail",
    _agencies,
    (
        _id(),
        Column("name", "机构名称", "全称", lambda row: row.organisation.name),
        Column("kind", "机构类别", "登记的类别", lambda row: row.get_kind_display()),
        Column("services", "服务类型", "可以有几种", lambda row: list(row.service_labels)),
        Column("industries", "熟悉的产业链", "平台产业分类的名称", _industries),
        Column("region", "所在区市县", "没有登记时为空", lambda row: _name(row.organisation.stat_region)),
        Column("profile", "简介", "机构填写的简介", lambda row: row.organisation.profile),
        Column("website", "网址", "机构自己的网站", lambda row: row.organisation.website),
    ),
)


def _districts() -> QuerySet:
    regions = with_agency_count(Region.objects.reporting(), Agency.objects.visible_to(AnonymousUser()).listed())
    return with_demand_count(regions, Demand.objects.published()).order_by("order", "pk")


DISTRICTS = Dataset(
    "districts",
    "区市县",
    "统计用的区市县和功能区，各有多少公开的需求和服务机构",
    "district_detail",
    _districts,
    (
        Column("id", "代码", "GB/T 2260 代码；功能区没有国家代码，用拼音", lambda row: row.code),
        Column("name", "名称", "", lambda row: row.name),
        Column("aliases", "别名", "可以有几个", lambda row: [*filter(None, row.aliases.split("、"))]),
        Column("is_gb2260", "行政区划", "否：功能区", lambda row: row.is_gb2260),
        Column("demands", "公开的需求", "项；匿名而不公开所在地的不算在内", lambda row: row.demand_count),
        Column("agencies", "服务机构", "家；在这里或在这里服务的，可以同时算在几处", lambda row: row.agency_count),
    ),
    key="code",
)


# --- Events and calls --------------------------------------------------------------------------------------------
def _rounds() -> QuerySet:
    published = DockingRound.objects.published().select_related("host").prefetch_related("organisers__organisation")
    return published.order_by("-starts_at", "public_id")


def _moment(value: datetime) -> datetime:
    return timezone.localtime(value)


ROUNDS = Dataset(
    "rounds",
    "对接活动",
    "已公布的对接活动",
    "round_detail",
    _rounds,
    (
        _id(),
        Column("name", "活动名称", "", lambda row: row.name),
        Column("host_kind", "主办方式", "市级主办或区市县专场", lambda row: row.get_host_kind_display()),
        Column("hosts", "主办单位", "可以有几个", lambda row: row.organiser_names("host")),
        Column("place", "地点", "", lambda row: row.place),
        Column("themes", "主题", "", lambda row: row.themes),
        Column("starts_at", "开始时间", "东八区，ISO 8601", lambda row: _moment(row.starts_at)),
        Column("ends_at", "结束时间", "东八区，ISO 8601", lambda row: _moment(row.ends_at)),
        Column("status", "状态", "活动进行到哪一步", lambda row: row.get_status_display()),
    ),
)


def _challenges() -> QuerySet:
    return Challenge.objects.public().with_firm().order_by("-list_year", "-list_place")


CHALLENGES = Dataset(
    "challenges",
    "揭榜挂帅榜单",
    "已发布的榜单，含已结束的；不含任何揭榜方案",
    "challenge_detail",
    _challenges,
    (
        _id(),
        Column("list_number", "榜单号", "年度和序号", lambda row: row.list_number),
        Column("title", "榜单题目", "匿名发榜的企业名称已隐去", lambda row: row.public_title),
        Column("firm", "发榜企业", "企业名称；匿名的为对外称呼", lambda row: row.public_firm_name),
        Column("problem", "问题", "企业原话", lambda row: row.public_text("problem")),
        Column("conditions", "揭榜条件", "", lambda row: row.public_text("conditions")),
        Column("prize_wan", "榜金（万元）", "按里程碑付给揭榜方", lambda row: row.prize_wan),
        Column("closes_at", "揭榜截止", "东八区，ISO 8601", lambda row: _moment(row.closes_at)),
        Column("status", "状态", "进行到哪一步", lambda row: row.state_label),
        _published(),
    ),
)

DATASETS = {
    dataset.slug: dataset for dataset in (ACHIEVEMENTS, DEMANDS, INSTITUTIONS, DISTRICTS, AGENCIES, ROUNDS, CHALLENGES)
}
