"""Numbers shown for each of the nine tasks, counted by querysets on every request."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import Organisation, User
from achievements.models import Achievement
from brokers.models import Agency, Broker
from deals.models import Contract, Deal
from demands.models import Demand
from matching.models import FollowUp, Match
from mechanism.models import Base, BaseRequest, Fund, Investment, Policy, Venture
from rounds.models import DockingRound


@dataclass(frozen=True)
class TaskCount:
    """A number of a task.

    explanation: Chinese text on how it is counted. rows: queryset that is counted. region: lookup of the reporting
    unit; empty if there is none. total: number from the rows, by default their count. list_name, query: admin
    changelist of the rows.
    """

    task: int
    label: str
    explanation: str
    rows: Callable[[], QuerySet]
    unit: str = "项"
    region: str = ""
    total: Callable[[QuerySet], int | Decimal] = lambda rows: rows.order_by().count()
    list_name: str = ""
    query: str = ""

    def number(self, region_ids: Collection[int] | None = None) -> int | Decimal:
        """The number for the whole city, or for these reporting units if `region` is set."""
        rows = self.rows()
        return self.total(rows.filter(**{f"{self.region}__in": region_ids}) if region_ids is not None else rows)


def _registered() -> QuerySet:
    return Achievement.objects.filter(registered_at__isnull=False).exclude(status=Achievement.Status.WITHDRAWN)


def _accepted() -> QuerySet:
    return Match.objects.filter(status=Match.Status.ACCEPTED)


def _firms_docked() -> QuerySet:
    willing = FollowUp.objects.filter(agreed_at__isnull=False)
    return Organisation.objects.firms().filter(pk__in=willing.values("match__demand__firm"))


def _agencies(kind: str) -> TaskCount:
    label = Agency.Kind(kind).label
    return TaskCount(
        5,
        "%(kind)s机构" % {"kind": label},
        "核验通过、在业的%(kind)s类机构" % {"kind": label},
        lambda: Agency.objects.listed_on().filter(kind=kind),
        unit="家",
        region="organisation__stat_region",
        list_name="brokers_agency",
    )


def _sum_in_yi(field: str) -> Callable[[QuerySet], Decimal]:
    """Sum of a 万元 field in 亿元, two decimal places."""

    def total(rows: QuerySet) -> Decimal:
        return (Decimal(rows.order_by().aggregate(total=Sum(field, default=0))["total"]) / 10000).quantize(
            Decimal("0.01")
        )

    return total


def _registered_this_year() -> QuerySet:
    return _registered().filter(registered_at__year=timezone.localdate().year)


COUNTS = (
    TaskCount(1, "入库成果", "通过市科技局审核、没有下架的成果", _registered, list_name="achievements_achievement"),
    TaskCount(1, "今年入库", "今年入库的成果", _registered_this_year),
    TaskCount(
        1,
        "供给院校",
        "有入库成果的高校院所",
        lambda: Organisation.objects.institutions().filter(pk__in=_registered().values("institution")),
        unit="家",
    ),
    TaskCount(
        2,
        "有第三方评价",
        "写明评价方式和评价单位的入库成果",
        lambda: _registered().exclude(evaluation="").exclude(evaluated_by=""),
    ),
    TaskCount(
        2,
        "成熟度有依据",
        "填写了成熟度等级和依据的入库成果",
        lambda: _registered().filter(maturity_level__isnull=False).exclude(maturity_evidence=""),
    ),
    TaskCount(
        3,
        "公开的需求",
        "公开、在有效期内的企业需求",
        lambda: Demand.objects.open(),
        region="firm__stat_region",
        list_name="demands_demand",
    ),
    TaskCount(
        3,
        "采纳的匹配",
        "区县专员采纳的成果与需求配对",
        _accepted,
        unit="条",
        region="demand__firm__stat_region",
        list_name="matching_match",
        query="status__exact=accepted",
    ),
    TaskCount(3, "对接的企业", "双方都愿意对接过的企业", _firms_docked, unit="家", region="stat_region"),
    TaskCount(
        3,
        "对接活动",
        "已经公布的对接活动",
        lambda: DockingRound.objects.published(),
        unit="场",
        list_name="rounds_dockinground",
    ),
    TaskCount(
        4,
        "有效政策",
        "公开、在有效期内的政策",
        lambda: Policy.objects.published().in_force(),
        unit="条",
        list_name="mechanism_policy",
    ),
    *(_agencies(kind) for kind in Agency.Kind.values),
    TaskCount(5, "有效证书经纪人", "执业中、证书没有过期的经纪人", lambda: Broker.objects.certified(), unit="名"),
    TaskCount(
        6,
        "孵化企业",
        "由成果设立、没有停止、成果完成单位和公司都已确认的公司",
        lambda: Venture.objects.active().confirmed_by_all_parties(),
        unit="家",
        region="region",
        list_name="mechanism_venture",
    ),
    TaskCount(
        6,
        "就业人数",
        "这些公司填报的就业人数之和",
        lambda: Venture.objects.active().confirmed_by_all_parties(),
        unit="人",
        region="region",
        total=lambda rows: rows.order_by().aggregate(total=Sum("jobs", default=0))["total"],
    ),
    TaskCount(
        7,
        "达成意向",
        "双方都由本单位确认有意向的对接",
        lambda: FollowUp.objects.filter(status=FollowUp.Status.INTENT),
        region="match__demand__firm__stat_region",
    ),
    TaskCount(
        7,
        "已签约及以后",
        "协议签约、合同登记、履约、落地或复盘，而且双方都已确认的成交项目",
        lambda: Deal.objects.exclude(stage__in=[Deal.Stage.INTENT, Deal.Stage.FAILED]).confirmed_by_all_parties(),
        region="buyer__stat_region",
    ),
    TaskCount(
        7,
        "登记的合同",
        "登记部门名单列出或双方都已确认、没有异议的已登记技术合同",
        lambda: Contract.objects.turnover(),
        unit="份",
    ),
    TaskCount(
        7,
        "已转化成果",
        "状态为已转化的入库成果",
        lambda: _registered().filter(status=Achievement.Status.TRANSFERRED),
        list_name="achievements_achievement",
        query="status__exact=transferred",
    ),
    TaskCount(8, "存续基金", "在存续期内的", lambda: Fund.objects.active(), unit="支", list_name="mechanism_fund"),
    TaskCount(
        8,
        "认缴规模",
        "存续基金的认缴规模之和",
        lambda: Fund.objects.active(),
        unit="亿元",
        total=_sum_in_yi("subscribed_wan"),
    ),
    TaskCount(
        8,
        "实缴规模",
        "存续基金的实缴规模之和",
        lambda: Fund.objects.active(),
        unit="亿元",
        total=_sum_in_yi("paid_in_wan"),
    ),
    TaskCount(
        8,
        "投资",
        "投向成果和企业、被写明的单位都已确认的投资",
        lambda: Investment.objects.confirmed_by_all_parties(),
        unit="笔",
    ),
    TaskCount(
        9,
        "中试基地",
        "公开并接受申请、运营单位已确认的中试基地",
        lambda: Base.objects.listed().confirmed_by_all_parties().filter(kind=Base.Kind.PILOT),
        unit="个",
        region="region",
        list_name="mechanism_base",
    ),
    TaskCount(
        9,
        "概念验证中心",
        "公开并接受申请、运营单位已确认的概念验证中心",
        lambda: Base.objects.listed().confirmed_by_all_parties().filter(kind=Base.Kind.PROOF),
        unit="个",
        region="region",
        list_name="mechanism_base",
    ),
    TaskCount(
        9,
        "中试和验证申请",
        "院校和企业提出的申请，其中已接受的另计",
        lambda: BaseRequest.objects.filter(~Q(status=BaseRequest.Status.WITHDRAWN)),
        list_name="mechanism_baserequest",
    ),
    TaskCount(
        9,
        "接受的申请",
        "基地或市科技局接受的申请",
        lambda: BaseRequest.objects.filter(status=BaseRequest.Status.ACCEPTED),
    ),
)


def count_tasks(user: User) -> dict[int, list[tuple[TaskCount, int | Decimal]]]:
    """{task number: [(count, number)]}. District officers get the numbers of their own units, if there are any."""
    user_scope = user.scope
    numbers: dict[int, list] = {}
    for count in COUNTS:
        if user_scope.sees_all:
            numbers.setdefault(count.task, []).append((count, count.number()))
        elif user_scope.is_district and count.region:
            numbers.setdefault(count.task, []).append((count, count.number(user_scope.region_ids)))
    return numbers
