"""Facets and sort orders of the public lists of achievements, demands and agencies."""

from django.db.models import Case, F, TextChoices, TextField, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual

from accounts.models import Organisation, Region
from achievements.filters import PRICE_BANDS
from achievements.models import Achievement
from achievements.public_orders import NEWEST, OFFER_FIRST, lowest_price, maturity_rank, transferred_last
from brokers.models import Agency
from core.facets import Choice, Facet
from core.search_results import Order
from demands.filters import BUDGET_BANDS
from demands.models import Demand
from demands.public_facts import NEWEST_DAYS, public_industry, public_region
from demands.public_orders import highest_budget
from taxonomy.models import Industry, MaturityBucket, TransferWay


# --- Facets ------------------------------------------------------------------------------------------------------
def _enumerated(enumeration: type[TextChoices]) -> list[Choice]:
    return [Choice(value, (value,), str(label)) for value, label in enumeration.choices]


def industry_facet(source=None) -> Facet:
    """First-level industries; records of a second-level industry count for its parent."""
    industries = list(Industry.objects.all())
    choices = [
        Choice(
            top.slug,
            tuple(industry.pk for industry in industries if top.pk in (industry.pk, industry.parent_id)),
            top.name,
        )
        for top in industries
        if top.is_active and top.parent_id is None
    ]
    return Facet("industry", "产业链", source or F("industry_id"), choices)


def price_facet() -> Facet:
    amount = Coalesce("price_min_wan", "price_max_wan")
    # Each band begins where the previous one ends, so one comparison per band is enough, from the highest down.
    descending = sorted((low, name) for name, (_label, low, _high) in PRICE_BANDS.items() if low is not None)[::-1]
    whens = [When(GreaterThanOrEqual(amount, low), then=Value(name)) for low, name in descending]
    unstated = next(name for name, (_label, low, _high) in PRICE_BANDS.items() if low is None)
    labels = [Choice(name, (name,), str(label)) for name, (label, *_bounds) in PRICE_BANDS.items()]
    source = Case(*whens, default=Value(unstated), output_field=TextField())
    return Facet("price", "意向价格", source, labels, is_open=False)


def budget_facet() -> Facet:
    source = Case(
        *(When(condition, then=Value(name)) for name, (_label, condition) in BUDGET_BANDS.items()),
        output_field=TextField(),
    )
    labels = [Choice(name, (name,), str(label)) for name, (label, _condition) in BUDGET_BANDS.items()]
    return Facet("budget", "拟投入资金", source, labels, is_open=False)


def way_facet(label: str) -> Facet:
    return Facet("way", label, F("transfer_ways"), _enumerated(TransferWay), is_array=True, is_open=False)


def institution_facet() -> Facet:
    institutions = Organisation.objects.institutions().order_by("name").values_list("public_id", "pk", "name")
    return Facet(
        "institution",
        "所属单位",
        F("institution_id"),
        [Choice(public_id, (pk,), name) for public_id, pk, name in institutions],
        by_count=True,
        list_name="institution_list",
        list_label="各单位的成果和答复时间",
    )


def availability_facet() -> Facet:
    statuses = Achievement.Status
    choices = [
        Choice("open", Achievement.OFFERED, "可以对接"),
        Choice("transferred", (statuses.TRANSFERRED,), "已转化"),
    ]
    return Facet("state", "还能不能对接", F("status"), choices)


def achievement_facets() -> list[Facet]:
    return [
        industry_facet(),
        availability_facet(),
        institution_facet(),
        Facet("bucket", "成熟度", F("maturity_bucket"), _enumerated(MaturityBucket)),
        way_facet("转化方式"),
        price_facet(),
        Facet(
            "pay_later",
            "付费方式",
            Case(When(pay_later=True, then=Value("1")), output_field=TextField()),
            [Choice("1", ("1",), "可先使用后付费")],
            is_open=False,
        ),
    ]


def demand_facets() -> list[Facet]:
    regions = Region.objects.reporting()
    return [
        industry_facet(public_industry()),
        Facet("kind", "需求类型", F("kind"), _enumerated(Demand.Kind)),
        Facet(
            "region",
            "所属区市县",
            public_region(),
            [Choice(region.code, (region.pk,), region.name) for region in regions],
            list_name="district_list",
            list_label="各区市县最缺什么",
        ),
        way_facet("期望合作方式"),
        budget_facet(),
    ]


def agency_facets() -> list[Facet]:
    return [
        Facet("kind", "机构类别", F("kind"), _enumerated(Agency.Kind)),
        Facet("service", "服务类型", F("services"), _enumerated(Agency.Service), is_array=True),
    ]


# --- Orders ------------------------------------------------------------------------------------------------------
def achievement_orders() -> list[Order]:
    """In each of them what is 已转化 comes last."""
    return [
        Order("newest", "最近更新", OFFER_FIRST),
        Order("maturity", "成熟度从高到低", (transferred_last().asc(), maturity_rank().desc(), *NEWEST)),
        Order("price", "价格从低到高", (transferred_last().asc(), lowest_price().asc(nulls_last=True), *NEWEST)),
    ]


def demand_orders() -> list[Order]:
    return [
        Order("newest", "最近更新", NEWEST_DAYS),
        Order("budget", "资金从高到低", (highest_budget().desc(nulls_last=True), *NEWEST_DAYS)),
    ]


def agency_orders() -> list[Order]:
    return [Order("name", "名称", ("organisation__name",))]
