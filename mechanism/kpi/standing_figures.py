"""Figures of what stands on a day: funds, agencies, registered items."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from achievements.models import Achievement
from brokers.models import Agency
from matching.models import Match
from mechanism.kpi.figure import YI, Figure, number_of
from mechanism.models import Fund


def _of_all(model, user) -> QuerySet:
    return model.objects.all() if user is None else model.objects.visible_to(user)


def _funds(key: str, label: str, formula: str, amount: str, **more) -> Figure:
    return Figure(
        key,
        label,
        formula,
        YI,
        Fund,
        which=lambda rows, period: rows,
        day="valid_from",
        until="valid_to",
        stands=True,
        visible=lambda user: _of_all(Fund, user),
        amount=amount,
        ways={"kind": "kind"},
        kinds=dict(Fund.Kind.choices),
        columns=frozenset({"kind", "subscribed_wan", "paid_in_wan", "valid_from", "valid_to"}),
        **more,
    )


FUNDS = _funds(
    "funds",
    _("基金规模"),
    _("期末在存续期内的天使、创投、产业基金的认缴规模之和。实缴规模另列，不与认缴相加。"),
    "subscribed_wan",
    is_target=True,
)
FUNDS_PAID_IN = _funds(
    "funds_paid_in", _("基金实缴规模"), _("期末在存续期内的天使、创投、产业基金的实缴规模之和。"), "paid_in_wan"
)
AGENCIES = Figure(
    "agencies",
    _("中介机构"),
    _("期末前核验通过、现在仍在业的技术转移、技术评估、成果中试、成果转化四类机构家数，按机构统计归口分区。"),
    number_of(_("家")),
    Agency,
    which=lambda rows, period: rows.listed(),
    day="verified_at",
    is_moment=True,
    stands=True,
    visible=lambda user: _of_all(Agency, user),
    ways={"region": "organisation__stat_region", "kind": "kind", "agency": "pk"},
    kinds=dict(Agency.Kind.choices),
    gaps=((_("缺统计归口"), Q(organisation__stat_region=None)),),
    columns=frozenset({"verified_at", "verified_by", "kind", "is_active"}),
    is_target=True,
)
ITEMS = Figure(
    "items",
    _("入库项目"),
    _("期末前入库的科技成果项数，后来推介、对接、转化或暂停的都计，下架的不计；按完成单位统计归口分区。"),
    number_of(_("项")),
    Achievement,
    which=lambda rows, period: rows.registered().exclude(status=Achievement.Status.WITHDRAWN),
    day="registered_at",
    is_moment=True,
    stands=True,
    visible=lambda user: _of_all(Achievement, user),
    ways={
        "region": "institution__stat_region",
        "industry": Coalesce(F("industry__parent"), F("industry")),
        "institution": "institution",
    },
    gaps=(
        (_("没有成熟度等级"), Q(maturity_level=None)),
        (_("缺完成单位统计归口"), Q(institution__stat_region=None)),
    ),
    matched=Exists(Match.objects.accepted().filter(achievement=OuterRef("pk"))),
    columns=frozenset({"status", "registry_number", "registered_at", "institution"}),
    state="status",
    states=frozenset({"registered", "featured", "docking", "transferred", "paused"}),
    is_target=True,
)
FIGURES = (FUNDS, FUNDS_PAID_IN, AGENCIES, ITEMS)
