"""The figures of the pre-docking board. Each is the number of rows of one queryset, so that a page can list them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import Organisation, Region, User
from demands.models import Demand
from matching.models import FollowUp, Match, SideResponse
from rounds.models import DistrictReminder, DockingRound, Party, PreDockingTarget
from rounds.services.guest_proposals import firms_to_invite

Kind = PreDockingTarget.Kind
DEFAULT_LEAD_TIME = timedelta(days=60)
"""Assumed time between announcement and begin of a round without a recorded announcement."""
FAR_BEHIND = 0.25
"""Share of a target by which a district is far behind."""


@dataclass(frozen=True)
class BoardScope:
    """Whose figures: what `user` manages for one round, in all districts or one, for firms or institutions."""

    user: User
    docking_round: DockingRound
    region: Region | None = None
    side: str = Party.Side.FIRM

    def parties(self) -> QuerySet[Party]:
        rows = Party.objects.managed_by(self.user).active().filter(docking_round=self.docking_round, side=self.side)
        return rows.filter(organisation__stat_region=self.region) if self.region else rows

    def firms(self) -> QuerySet[Organisation]:
        rows = firms_to_invite(self.docking_round, self.user)
        return rows.filter(stat_region=self.region) if self.region else rows

    def demands(self) -> QuerySet[Demand]:
        """Submitted since the round was announced, without drafts."""
        rows = Demand.objects.managed_by(self.user).exclude(status=Demand.Status.DRAFT)
        rows = rows.filter(created_at__gte=announced_at(self.docking_round))
        return rows.filter(firm__stat_region=self.region) if self.region else rows

    def matches(self) -> QuerySet[Match]:
        rows = Match.objects.managed_by(self.user).due()
        return rows.filter(demand__firm__stat_region=self.region) if self.region else rows

    def waits_for(self, side: str) -> QuerySet[FollowUp]:
        """Follow-ups in which this side (firm, office) has not said whether it is willing."""
        unanswered = SideResponse.objects.awaiting_answer().filter(side=side)
        rows = FollowUp.objects.managed_by(self.user).asking().filter(pk__in=unanswered.values("follow_up"))
        return rows.filter(match__demand__firm__stat_region=self.region) if self.region else rows


@dataclass(frozen=True)
class BoardFigure:
    """`rows`: the rows it counts. `means`: the rule as text. `kind`: parties, firms, demands, matches or follow_ups."""

    label: str
    means: str
    kind: str
    rows: Callable[[BoardScope], QuerySet]


FIGURES = {
    "propose": BoardFigure(
        "还可邀请", "有已采纳的匹配或公开的需求，还不在名单上的企业", "firms", lambda scope: scope.firms()
    ),
    "listed": BoardFigure("待邀请", "列入名单、还没有邀请", "parties", lambda scope: scope.parties().listed()),
    "invited": BoardFigure("已邀请", "发出过邀请，无论是否答复", "parties", lambda scope: scope.parties().invited()),
    "coming": BoardFigure("参加", "答复参加", "parties", lambda scope: scope.parties().coming()),
    "declined": BoardFigure("不参加", "答复不参加", "parties", lambda scope: scope.parties().declined()),
    "silent": BoardFigure("未答复", "邀请了还没有答复", "parties", lambda scope: scope.parties().awaiting_answer()),
    "paper": BoardFigure(
        "待打印邀请函",
        "没有邮箱、邀请函还没有打印",
        "parties",
        lambda scope: scope.parties().to_be_printed(),
    ),
    "needs": BoardFigure("已征集需求", "活动发布以来提交的需求，不含草稿", "demands", lambda scope: scope.demands()),
    "due": BoardFigure("待审核推荐", "等区市县审核的匹配", "matches", lambda scope: scope.matches()),
    "firm_waits": BoardFigure(
        "等企业答复意愿",
        "采纳后企业还没有答复是否愿意对接",
        "follow_ups",
        lambda scope: scope.waits_for("firm"),
    ),
    "office_waits": BoardFigure(
        "等院校答复意愿",
        "采纳后院校还没有答复是否愿意对接",
        "follow_ups",
        lambda scope: scope.waits_for("office"),
    ),
}
TARGETS: dict[str, str] = {Kind.INVITED: "invited", Kind.COMING: "coming", Kind.DEMANDS: "needs"}
"""The figure that each kind of target is compared with."""


def announced_at(docking_round: DockingRound) -> datetime:
    return docking_round.announced_at or docking_round.starts_at - DEFAULT_LEAD_TIME


def elapsed_share(docking_round: DockingRound, now: datetime | None = None) -> float:
    """Share (0–1) of the time between announcement and begin of the round that has passed."""
    start, whole = announced_at(docking_round), docking_round.starts_at - announced_at(docking_round)
    passed = (now or timezone.now()) - start
    return min(1.0, max(0.0, passed / whole)) if whole > timedelta() else 1.0


@dataclass
class DistrictRow:
    """A district's row. `missing`: the figures below their target, as text; `behind`: the largest share of a target
    that is missing compared with the time that has passed."""

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
        """far, behind, going, done; free without targets."""
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
        """The text of a reminder: what is below target, then what waits for an answer."""
        waits = [
            "%(number)s %(label)s" % {"number": self.counts[name], "label": label}
            for name, label in (
                ("silent", "家企业未答复邀请"),
                ("due", "条推荐待审核"),
                ("firm_waits", "家企业未答复对接意愿"),
            )
            if self.counts[name]
        ]
        return "；".join([*self.missing, *waits]) or "请核对会前准备"


def assess(row: DistrictRow, elapsed: float) -> DistrictRow:
    """Fill in `missing` and `behind`; `elapsed` is the share (0–1) of the time that has passed. Behind is who lacks a
    whole one of what should be there by now: on its first day no district is."""
    for kind, name in TARGETS.items():
        target, reached = row.targets.get(kind), row.counts[name]
        if target and reached < target:
            row.missing.append(
                "%(what)s %(reached)s/%(target)s" % {"what": Kind(kind).label, "reached": reached, "target": target}
            )
            if elapsed * target - reached >= 1:
                row.behind = max(row.behind, elapsed - reached / target)
    return row


def district_rows(scope: BoardScope) -> list[DistrictRow]:
    """A row for each reporting unit of the user. Always nine queries.

    For the city the furthest behind first; a district does not see how the others rank.
    """
    regions = _regions(scope)
    targets: dict[int, dict[str, int]] = {}
    for row in PreDockingTarget.objects.filter(docking_round=scope.docking_round):
        targets.setdefault(row.region_id, {})[row.kind] = row.number
    reminders = {
        row.region_id: row for row in DistrictReminder.objects.filter(docking_round=scope.docking_round).order_by("day")
    }
    counts = _counts_by_region(scope)
    elapsed = elapsed_share(scope.docking_round)
    zeros = dict.fromkeys(FIGURES, 0)
    rows = [
        assess(
            DistrictRow(region, zeros | counts.get(pk, {}), targets.get(pk, {}), reminded=reminders.get(pk)), elapsed
        )
        for pk, region in sorted(regions.items(), key=lambda item: item[1].order)
    ]
    if scope.user.scope.sees_all and not scope.region and any(counts.get(None, {}).values()):
        rows.append(DistrictRow(None, zeros | counts[None], {}))
    if scope.user.scope.sees_all:
        rows.sort(key=lambda row: -row.behind)
    return rows


def _counts_by_region(scope: BoardScope) -> dict[int | None, dict[str, int]]:
    """{region: {figure: number}}; the key None holds what belongs to no reporting unit."""
    counts: dict[int | None, dict[str, int]] = {}

    def gather(rows: QuerySet, key: str, **aggregates) -> None:
        for row in rows.order_by().values(key).annotate(**aggregates):
            region = row.pop(key)
            counts.setdefault(region, {}).update(row)

    answers = {
        "listed": Q(answer="listed"),
        "invited": ~Q(answer="listed"),
        "coming": Q(answer="coming"),
        "declined": Q(answer="declined"),
        "silent": Q(answer="invited"),
        "paper": ~Q(answer="listed") & Q(letter="paper"),
    }
    gather(
        scope.parties(),
        "organisation__stat_region",
        **{name: Count("pk", filter=condition) for name, condition in answers.items()},
    )
    gather(scope.firms(), "stat_region", propose=Count("pk"))
    gather(scope.demands(), "firm__stat_region", needs=Count("pk"))
    gather(scope.matches(), "demand__firm__stat_region", due=Count("pk"))
    for side in ("firm", "office"):
        gather(scope.waits_for(side), "match__demand__firm__stat_region", **{f"{side}_waits": Count("pk")})
    return counts


def institution_counts(scope: BoardScope) -> dict[str, int]:
    """{figure: number} for the teams of institutions, in one query."""
    rows = BoardScope(scope.user, scope.docking_round, side=Party.Side.INSTITUTION).parties().order_by()
    return rows.aggregate(
        listed=Count("pk", filter=Q(answer="listed")),
        invited=Count("pk", filter=~Q(answer="listed")),
        coming=Count("pk", filter=Q(answer="coming")),
        declined=Count("pk", filter=Q(answer="declined")),
        silent=Count("pk", filter=Q(answer="invited")),
        paper=Count("pk", filter=~Q(answer="listed") & Q(letter="paper")),
    )


def _regions(scope: BoardScope) -> dict[int, Region]:
    """The reporting units that get a row, also those without any figure."""
    rows = Region.objects.reporting()
    if scope.region:
        rows = rows.filter(pk=scope.region.pk)
    elif not scope.user.scope.sees_all:
        rows = rows.filter(pk__in=scope.user.scope.region_ids)
    return {region.pk: region for region in rows}
