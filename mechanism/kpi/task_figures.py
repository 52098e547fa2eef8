"""Figures of the nine tasks that the other modules do not have: what is supplied, needed, agreed, founded, invested."""

from collections.abc import Iterator, Mapping

from django.db.models import F, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Organisation, User
from achievements.models import Achievement
from brokers.models import Broker
from demands.models import Demand
from matching.models import FollowUp, Match
from mechanism.kpi.definitions import WAN, FigureDefinition, FigurePart, Unit, count_unit
from mechanism.kpi.period import Period
from mechanism.kpi.snapshot_figures import registered_items
from mechanism.models import Base, BaseRequest, Fund, Investment, Obstacle, ObstacleKind, Policy, Venture


def _visible(model: type[Model], user: User | None) -> QuerySet:
    return model.objects.all() if user is None else model.objects.visible_to(user)


def _industry(prefix: str = "") -> Coalesce:
    return Coalesce(F(f"{prefix}industry__parent"), F(f"{prefix}industry"))


def _supplying(rows: QuerySet, period: Period) -> QuerySet:
    """Institutions dated by the registration of the first of their achievements that still count."""
    own = registered_items(Achievement.objects.filter(institution=OuterRef("pk"))).order_by("registered_at")
    return rows.annotate(supplying_since=Subquery(own.values("registered_at")[:1])).exclude(supplying_since=None)


def _docked(rows: QuerySet, period: Period) -> QuerySet:
    """Firms dated by the first pair to which both sides agreed."""
    agreed = FollowUp.objects.filter(match__demand__firm=OuterRef("pk"), agreed_at__isnull=False).order_by("agreed_at")
    return rows.annotate(docked_since=Subquery(agreed.values("agreed_at")[:1])).exclude(docked_since=None)


def _certified(rows: QuerySet, period: Period) -> QuerySet:
    return rows.active().filter(Q(expires_on=None) | Q(expires_on__gte=period.as_of))


NEW_ITEMS = FigureDefinition(
    "items_new",
    "新入库项目",
    "期内入库、没有下架的科技成果项数，按完成单位统计归口分区。",
    count_unit("项"),
    Achievement,
    select_rows=lambda rows, period: registered_items(rows),
    date_field="registered_at",
    is_datetime=True,
    visible_rows=lambda user: _visible(Achievement, user),
    dimensions={
        "region": "institution__stat_region",
        "industry": _industry(),
        "institution": "institution",
    },
    gaps=(("缺完成单位统计归口", Q(institution__stat_region=None)),),
    audited_fields=frozenset({"status", "registry_number", "registered_at", "institution"}),
)
SUPPLIERS = FigureDefinition(
    "suppliers",
    "供给院校",
    "期末前有成果入库、至今至少一项没有下架的高校院所家数，按统计归口分区。",
    count_unit("家"),
    Organisation,
    select_rows=_supplying,
    date_field="supplying_since",
    is_datetime=True,
    is_snapshot=True,
    visible_rows=lambda user: Organisation.objects.institutions(),
    dimensions={"region": "stat_region", "institution": "pk"},
)
OPEN_DEMANDS = FigureDefinition(
    "open_demands",
    "公开的需求",
    "期末前公开、现在仍公开而且没有解决的企业需求项数，按企业统计归口分区。",
    count_unit("项"),
    Demand,
    select_rows=lambda rows, period: rows.open(),
    date_field="published_at",
    is_datetime=True,
    is_snapshot=True,
    visible_rows=lambda user: _visible(Demand, user),
    dimensions={"region": "firm__stat_region", "industry": _industry()},
    gaps=(("缺企业统计归口", Q(firm__stat_region=None)),),
)
ACCEPTED_MATCHES = FigureDefinition(
    "accepted_matches",
    "采纳的匹配",
    "期内由区县专员或市科技局采纳、现在仍采纳的成果与需求配对条数，按企业统计归口分区。",
    count_unit("条"),
    Match,
    select_rows=lambda rows, period: rows.accepted(),
    date_field="reviewed_at",
    is_datetime=True,
    visible_rows=lambda user: _visible(Match, user),
    dimensions={
        "region": "demand__firm__stat_region",
        "industry": _industry("achievement__"),
        "round": "first_run__docking_round",
    },
    gaps=(("缺企业统计归口", Q(demand__firm__stat_region=None)),),
    audited_fields=frozenset({"status"}),
)
DOCKED_FIRMS = FigureDefinition(
    "docked_firms",
    "对接的企业",
    "期末前至少有一项需求由双方各自同意对接的企业家数，按企业统计归口分区。",
    count_unit("家"),
    Organisation,
    select_rows=_docked,
    date_field="docked_since",
    is_datetime=True,
    is_snapshot=True,
    visible_rows=lambda user: Organisation.objects.firms(),
    dimensions={"region": "stat_region"},
)
POLICIES = FigureDefinition(
    "policies",
    "有效政策",
    "公开的、期末在有效期内的政策条数。",
    count_unit("条"),
    Policy,
    select_rows=lambda rows, period: rows.published(),
    date_field="valid_from",
    end_date_field="valid_to",
    is_snapshot=True,
    visible_rows=lambda user: _visible(Policy, user),
    dimensions={"kind": "kind"},
    kind_labels=dict(Policy.Kind.choices),
)
BROKERS = FigureDefinition(
    "brokers",
    "有效证书经纪人",
    "期末前录入、现在执业、证书在期末没有过期的技术经纪人人数。",
    count_unit("名"),
    Broker,
    select_rows=_certified,
    date_field="created_at",
    is_datetime=True,
    is_snapshot=True,
    visible_rows=lambda user: _visible(Broker, user),
    dimensions={"agency": "agency", "kind": "level"},
    kind_labels=dict(Broker.Level.choices),
)


def _ventures(key: str, label: str, formula: str, unit: Unit, **overrides) -> FigureDefinition:
    return FigureDefinition(
        key,
        label,
        formula,
        unit,
        Venture,
        select_rows=lambda rows, period: rows.active().confirmed_by_all_parties(),
        date_field="founded_on",
        is_snapshot=True,
        visible_rows=lambda user: _visible(Venture, user),
        dimensions={"region": "region", "institution": "achievement__institution", "kind": "stage"},
        kind_labels=dict(Venture.Stage.choices),
        **overrides,
    )


VENTURES = _ventures(
    "ventures",
    "孵化企业",
    "期末前由成果设立、没有停止、成果完成单位和公司都已确认的公司家数；筹备中、没有成立日期的不计。按公司所在地分区。",
    count_unit("家"),
)
VENTURE_JOBS = _ventures(
    "venture_jobs",
    "孵化企业就业人数",
    "计入“孵化企业”的公司现在填报的就业人数之和。",
    count_unit("人"),
    amount_field="jobs",
    gaps=(("没有填报就业人数", Q(jobs=None)),),
)
FUND_COUNT = FigureDefinition(
    "fund_count",
    "存续基金",
    "期末在存续期内的天使、创投、产业基金支数。",
    count_unit("支"),
    Fund,
    select_rows=lambda rows, period: rows,
    date_field="valid_from",
    end_date_field="valid_to",
    is_snapshot=True,
    visible_rows=lambda user: _visible(Fund, user),
    dimensions={"kind": "kind"},
    kind_labels=dict(Fund.Kind.choices),
    audited_fields=frozenset({"kind", "valid_from", "valid_to"}),
)


def _investments(key: str, label: str, formula: str, unit: Unit, **overrides) -> FigureDefinition:
    return FigureDefinition(
        key,
        label,
        formula,
        unit,
        Investment,
        select_rows=lambda rows, period: rows.confirmed_by_all_parties(),
        date_field="invested_on",
        visible_rows=lambda user: Investment.objects.filter(fund__in=_visible(Fund, user)),
        dimensions={"kind": "fund__kind"},
        kind_labels=dict(Fund.Kind.choices),
        **overrides,
    )


INVESTMENTS = _investments(
    "investments", "投资", "期内投向成果和企业、被写明的单位都已确认的投资笔数，按基金类别分。", count_unit("笔")
)
INVESTED = _investments(
    "invested",
    "投资金额",
    "期内投向成果和企业、被写明的单位都已确认的投资金额之和。不是成交额，两者不相加。",
    WAN,
    amount_field="amount_wan",
)
BASES = FigureDefinition(
    "bases",
    "中试基地和概念验证中心",
    "期末前录入、现在公开并接受申请、运营单位已确认的中试基地和概念验证中心个数，按所在地分区。",
    count_unit("个"),
    Base,
    select_rows=lambda rows, period: rows.listed().confirmed_by_all_parties(),
    date_field="created_at",
    is_datetime=True,
    is_snapshot=True,
    visible_rows=lambda user: _visible(Base, user),
    dimensions={"region": "region", "kind": "kind"},
    kind_labels=dict(Base.Kind.choices),
    gaps=(("缺所在区市县", Q(region=None)),),
)
BASE_REQUESTS = FigureDefinition(
    "base_requests",
    "中试和验证申请",
    "期内院校和企业提出、没有撤回的中试和概念验证申请件数，按基地类别分。",
    count_unit("件"),
    BaseRequest,
    select_rows=lambda rows, period: rows.exclude(status=BaseRequest.Status.WITHDRAWN),
    date_field="asked_at",
    is_datetime=True,
    visible_rows=lambda user: _visible(BaseRequest, user),
    dimensions={"kind": "base__kind"},
    kind_labels=dict(Base.Kind.choices),
    parts=(FigurePart("accepted", "已接受", "基地或市科技局接受的申请。", Q(status=BaseRequest.Status.ACCEPTED)),),
)


class ObstacleKinds(Mapping[str, str]):
    """The names of the kinds of obstacles, which the city edits. Read when a split by kind is asked for."""

    def __iter__(self) -> Iterator[str]:
        return iter(ObstacleKind.objects.values_list("name", flat=True))

    def __len__(self) -> int:
        return ObstacleKind.objects.count()

    def __getitem__(self, name: str) -> str:
        return name


OBSTACLES = FigureDefinition(
    "obstacles",
    "堵点",
    "期内企业、院校、服务机构和各部门提出、没有撤回的堵点条数。",
    count_unit("条"),
    Obstacle,
    select_rows=lambda rows, period: rows.exclude(status=Obstacle.Status.WITHDRAWN),
    date_field="raised_at",
    is_datetime=True,
    visible_rows=lambda user: _visible(Obstacle, user),
    dimensions={"kind": "kind__name"},
    kind_labels=ObstacleKinds(),
    parts=(
        FigurePart(
            "answered",
            "已答复",
            "办理单位已答复、没有因为未解决而重新交办的堵点。",
            Q(status__in=[Obstacle.Status.ANSWERED, Obstacle.Status.SOLVED]),
        ),
        FigurePart("solved", "已解决", "提出单位确认已经解决的堵点。", Q(status=Obstacle.Status.SOLVED)),
        FigurePart("published", "已公布答复", "答复已公布的堵点。", Q(published_at__isnull=False)),
    ),
)
FIGURES = (
    *(NEW_ITEMS, SUPPLIERS, OPEN_DEMANDS, ACCEPTED_MATCHES, DOCKED_FIRMS, POLICIES, BROKERS),
    *(VENTURES, VENTURE_JOBS, FUND_COUNT, INVESTMENTS, INVESTED, BASES, BASE_REQUESTS, OBSTACLES),
)
