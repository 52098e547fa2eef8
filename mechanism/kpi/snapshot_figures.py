"""Figures of what exists on a day: funds, agencies, registered achievements."""

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import User
from achievements.models import Achievement
from brokers.models import Agency
from matching.models import Match
from mechanism.kpi.definitions import PLATFORM, YI, FigureDefinition, FigurePart, count_unit
from mechanism.models import Fund


def _visible(model: type[Model], user: User | None) -> QuerySet:
    return model.objects.all() if user is None else model.objects.visible_to(user)


def registered_items(rows: QuerySet) -> QuerySet:
    """入库项目: registered by the city and not withdrawn."""
    return rows.registered().exclude(status=Achievement.Status.WITHDRAWN)


def _funds(key: str, label: str, formula: str, amount: str, **options) -> FigureDefinition:
    return FigureDefinition(
        key,
        label,
        formula,
        YI,
        Fund,
        select_rows=lambda rows, period: rows.with_size_on(period.as_of),
        date_field="valid_from",
        end_date_field="valid_to",
        is_snapshot=True,
        visible_rows=lambda user: _visible(Fund, user),
        amount_field=amount,
        dimensions={"kind": "kind"},
        kind_labels=dict(Fund.Kind.choices),
        audited_fields=frozenset({"kind", "subscribed_wan", "paid_in_wan", "valid_from", "valid_to"}),
        **options,
    )


FUNDS = _funds(
    "funds",
    "基金规模",
    "期末在存续期内的天使、创投、产业基金当时的认缴规模之和，后来的增减不改变以前各期。实缴规模另列，不与认缴相加。",
    "subscribed_then_wan",
    is_target=True,
)
FUNDS_PAID_IN = _funds(
    "funds_paid_in", "基金实缴规模", "期末在存续期内的天使、创投、产业基金当时的实缴规模之和。", "paid_in_then_wan"
)
AGENCIES = FigureDefinition(
    "agencies",
    "中介机构",
    "期末前核验通过、现在仍在业的技术转移、技术评估、成果中试、成果转化四类机构家数，按机构统计归口分区。",
    count_unit("家"),
    Agency,
    select_rows=lambda rows, period: rows.listed(),
    date_field="verified_at",
    is_datetime=True,
    is_snapshot=True,
    visible_rows=lambda user: _visible(Agency, user),
    dimensions={"region": "organisation__stat_region", "kind": "kind", "agency": "pk"},
    kind_labels=dict(Agency.Kind.choices),
    gaps=(("缺统计归口", Q(organisation__stat_region=None)),),
    audited_fields=frozenset({"verified_at", "verified_by", "kind", "is_active"}),
    is_target=True,
)
ITEMS = FigureDefinition(
    "items",
    "入库项目",
    "期末前入库的科技成果项数，后来推介、对接、转化或暂停的都计，下架的不计；按完成单位统计归口分区。",
    count_unit("项"),
    Achievement,
    select_rows=lambda rows, period: registered_items(rows),
    date_field="registered_at",
    is_datetime=True,
    is_snapshot=True,
    visible_rows=lambda user: _visible(Achievement, user),
    dimensions={
        "region": "institution__stat_region",
        "industry": Coalesce(F("industry__parent"), F("industry")),
        "institution": "institution",
    },
    gaps=(
        ("没有成熟度等级", Q(maturity_level=None)),
        ("缺完成单位统计归口", Q(institution__stat_region=None)),
    ),
    parts=(
        FigurePart(
            PLATFORM,
            "有采纳的匹配",
            "平台为它找到需求、区县专员采纳了配对的成果。",
            Exists(Match.objects.accepted().filter(achievement=OuterRef("pk"))),
        ),
        FigurePart(
            "evaluated", "有第三方评价", "写明评价方式和评价单位的成果。", ~Q(evaluation="") & ~Q(evaluated_by="")
        ),
        FigurePart(
            "evidenced",
            "成熟度有依据",
            "填写了成熟度等级和依据的成果。",
            Q(maturity_level__isnull=False) & ~Q(maturity_evidence=""),
        ),
        FigurePart("transferred", "已转化", "现在状态为“已转化”的成果。", Q(status=Achievement.Status.TRANSFERRED)),
    ),
    audited_fields=frozenset({"status", "registry_number", "registered_at", "institution"}),
    state_field="status",
    counted_states=frozenset({"registered", "featured", "docking", "transferred", "paused"}),
    is_target=True,
)
FIGURES = (FUNDS, FUNDS_PAID_IN, AGENCIES, ITEMS)
