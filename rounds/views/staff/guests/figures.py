"""The figures of the board and the rows behind each: a figure is the number of its rows, from one queryset."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Organisation, Region
from demands.models import Demand
from matching.models import FollowUp, Match, Willingness
from rounds.models import DistrictReminder, DockingRound, Party, PreDockingTarget
from rounds.services.guest_proposals import firms_to_invite

Kind = PreDockingTarget.Kind
BEFORE_ROUND = timedelta(days=60)
"""A round of which nobody wrote down when it was announced: so long before it begins."""
FAR_BEHIND = 0.25
"""Behind by more than this share of a target, a district lags clearly."""


@dataclass(frozen=True)
class Where:
    """Whose figures: what `user` manages for one round, of all districts or of one, of firms or of institutions."""

    user: object
    held: DockingRound
    region: Region | None = None
    side: str = Party.Side.FIRM

    def parties(self) -> QuerySet[Party]:
        rows = Party.objects.managed_by(self.user).active().filter(docking_round=self.held, side=self.side)
        return rows.filter(organisation__stat_region=self.region) if self.region else rows

    def firms(self) -> QuerySet[Organisation]:
        rows = firms_to_invite(self.held, self.user)
        return rows.filter(stat_region=self.region) if self.region else rows

    def needs(self) -> QuerySet[Demand]:
        """Handed in since the round was announced."""
        rows = Demand.objects.managed_by(self.user).exclude(status=Demand.Status.DRAFT)
        rows = rows.filter(created_at__gte=announced_at(self.held))
        return rows.filter(firm__stat_region=self.region) if self.region else rows

    def matches(self) -> QuerySet[Match]:
        rows = Match.objects.managed_by(self.user).due()
        return rows.filter(demand__firm__stat_region=self.region) if self.region else rows

    def waits_for(self, side: str) -> QuerySet[FollowUp]:
        late = Willingness.objects.awaiting_answer().filter(side=side)
        rows = FollowUp.objects.managed_by(self.user).asking().filter(pk__in=late.values("follow_up"))
        return rows.filter(match__demand__firm__stat_region=self.region) if self.region else rows


@dataclass(frozen=True)
class Figure:
    """`rows`: what it counts. `means`: in words, how. `kind`: parties, firms, needs, matches or follow_ups."""

    label: str
    means: str
    kind: str
    rows: Callable[[Where], QuerySet]


FIGURES = {
    "propose": Figure(
        _lazy("还可邀请"), _lazy("有已采纳的匹配或公开的需求，还不在名单上的企业"), "firms", lambda where: where.firms()
    ),
    "listed": Figure(_lazy("待邀请"), _lazy("列入名单、还没有邀请"), "parties", lambda w: w.parties().listed()),
    "invited": Figure(_lazy("已邀请"), _lazy("发出过邀请，无论是否答复"), "parties", lambda w: w.parties().invited()),
    "coming": Figure(_lazy("参加"), _lazy("答复参加"), "parties", lambda w: w.parties().coming()),
    "declined": Figure(_lazy("不参加"), _lazy("答复不参加"), "parties", lambda w: w.parties().declined()),
    "silent": Figure(_lazy("未答复"), _lazy("邀请了还没有答复"), "parties", lambda w: w.parties().awaiting_answer()),
    "paper": Figure(
        _lazy("待打印邀请函"), _lazy("没有邮箱、邀请函还没有打印"), "parties", lambda w: w.parties().to_be_printed()
    ),
    "needs": Figure(
        _lazy("已征集需求"), _lazy("活动发布以来提交的需求，不含草稿"), "needs", lambda where: where.needs()
    ),
    "due": Figure(_lazy("待审核推荐"), _lazy("等区市县审核的匹配"), "matches", lambda where: where.matches()),
    "firm_waits": Figure(
        _lazy("等企业答复意愿"), _lazy("采纳后企业还没有答复是否愿意对接"), "follow_ups", lambda w: w.waits_for("firm")
    ),
    "office_waits": Figure(
        _lazy("等院校答复意愿"),
        _lazy("采纳后院校还没有答复是否愿意对接"),
        "follow_ups",
        lambda w: w.waits_for("office"),
    ),
}
TARGETS = {Kind.INVITED: "invited", Kind.COMING: "coming", Kind.DEMANDS: "needs"}
"""Which figure is measured by each kind of target."""


def announced_at(held: DockingRound) -> datetime:
    return held.announced_at or held.starts_at - BEFORE_ROUND


def time_gone(held: DockingRound, now: datetime | None = None) -> float:
    """Which share (0–1) of the time from the announcement to the event has passed."""
    start, whole = announced_at(held), held.starts_at - announced_at(held)
    passed = (now or timezone.now()) - start
    return min(1.0, max(0.0, passed / whole)) if whole > timedelta() else 1.0


@dataclass
class Line:
    """A district's row. `missing`: in words what is below its target; `behind`: the largest share of a target that
    should be done by now and is not."""

    region: Region | None
    counts: dict[str, int]
    targets: dict[str, int]
    behind: float = 0.0
    missing: list[str] = field(default_factory=list)
    reminded: DistrictReminder | None = None

    @property
    def is_reminded_today(self) -> bool:
        return self.reminded is not None and self.reminded.day == timezone.localdate()

    @property
    def state(self) -> str:
        """far, behind, going, done, or free without targets."""
        if not self.targets:
            return "free"
        if not self.missing:
            return "done"
        return "far" if self.behind > FAR_BEHIND else "behind" if self.behind > 0 else "going"

    @property
    def lags(self) -> bool:
        return self.state in ("far", "behind")

    @property
    def to_do(self) -> str:
        """What a reminder says: what is missing, then what waits."""
        waits = [
            _("%(number)s %(label)s") % {"number": self.counts[name], "label": label}
            for name, label in (
                ("silent", _("家企业未答复邀请")),
                ("due", _("条推荐待审核")),
                ("firm_waits", _("家企业未答复对接意愿")),
            )
            if self.counts[name]
        ]
        return "；".join([*self.missing, *waits]) or _("请核对会前准备")


def judge(line: Line, gone: float) -> Line:
    """Fill in what is missing and how far behind it is, `gone` (0–1) being the time that has passed."""
    for kind, name in TARGETS.items():
        target, reached = line.targets.get(kind), line.counts[name]
        if target and reached < target:
            line.missing.append(
                _("%(what)s %(reached)s/%(target)s") % {"what": Kind(kind).label, "reached": reached, "target": target}
            )
            line.behind = max(line.behind, gone - reached / target)
    return line


def lines(where: Where) -> list[Line]:
    """A row for each reporting unit of this user's, those furthest behind first. Nine questions, however many units."""
    found: dict[int | None, dict[str, int]] = {}

    def gather(rows: QuerySet, key: str, **counted) -> None:
        for row in rows.order_by().values(key).annotate(**counted):
            region = row.pop(key)
            found.setdefault(region, {}).update(row)

    answers = {
        "listed": Q(answer="listed"),
        "invited": ~Q(answer="listed"),
        "coming": Q(answer="coming"),
        "declined": Q(answer="declined"),
        "silent": Q(answer="invited"),
        "paper": ~Q(answer="listed") & Q(letter="paper"),
    }
    gather(
        where.parties(),
        "organisation__stat_region",
        **{name: Count("pk", filter=condition) for name, condition in answers.items()},
    )
    gather(where.firms(), "stat_region", propose=Count("pk"))
    gather(where.needs(), "firm__stat_region", needs=Count("pk"))
    gather(where.matches(), "demand__firm__stat_region", due=Count("pk"))
    for side in ("firm", "office"):
        gather(where.waits_for(side), "match__demand__firm__stat_region", **{f"{side}_waits": Count("pk")})
    regions = _regions(where)
    targets: dict[int, dict[str, int]] = {}
    for row in PreDockingTarget.objects.filter(docking_round=where.held):
        targets.setdefault(row.region_id, {})[row.kind] = row.number
    reminders = {
        row.region_id: row for row in DistrictReminder.objects.filter(docking_round=where.held).order_by("day")
    }
    gone = time_gone(where.held)
    blank = dict.fromkeys(FIGURES, 0)
    rows = [
        judge(Line(region, blank | found.get(pk, {}), targets.get(pk, {}), reminded=reminders.get(pk)), gone)
        for pk, region in regions.items()
    ]
    if where.user.scope.sees_all and not where.region and any(found.get(None, {}).values()):
        rows.append(Line(None, blank | found[None], {}))
    return sorted(rows, key=lambda line: (-line.behind, line.region is None, line.region.order if line.region else 0))


def offices(where: Where) -> dict[str, int]:
    """How many teams of institutions are listed, invited, coming …: one question."""
    rows = Where(where.user, where.held, side=Party.Side.INSTITUTION).parties().order_by()
    return rows.aggregate(
        listed=Count("pk", filter=Q(answer="listed")),
        invited=Count("pk", filter=~Q(answer="listed")),
        coming=Count("pk", filter=Q(answer="coming")),
        declined=Count("pk", filter=Q(answer="declined")),
        silent=Count("pk", filter=Q(answer="invited")),
        paper=Count("pk", filter=~Q(answer="listed") & Q(letter="paper")),
    )


def _regions(where: Where) -> dict[int, Region]:
    """The units that get a row, also those where nothing has happened yet."""
    rows = Region.objects.reporting()
    if where.region:
        rows = rows.filter(pk=where.region.pk)
    elif not where.user.scope.sees_all:
        rows = rows.filter(pk__in=where.user.scope.region_ids)
    return {region.pk: region for region in rows}
