"""双方主动的: approaches of both kinds as pairs for officers: who acted, whose turn it is, since when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, Region, User
from enquiries.models import Approach, ApproachMessage, ApproachQuerySet, TalkTime
from enquiries.models.approach import Side
from matching.desk_tabs import DeskTab
from matching.facts import compare_pair
from matching.models import Match

KINDS = {"": "全部", "enquiry": "企业询问", "answer": "院所应答"}
WAITS = {"": "全部", "firm": "等企业", "office": "等院所", "late": "已逾期"}


@dataclass(frozen=True)
class ReadyPair:
    """`waits_for`: the side whose turn it is; `since`: since when; `match`: the engine's or an unsaved one, or None.

    `is_proposed`: the engine has proposed the pair too.
    """

    approach: Approach
    waits_for: str
    since: datetime
    match: Match | None
    is_proposed: bool

    @property
    def waits_for_organisation(self) -> Organisation:
        return self.approach.organisation_of(self.waits_for)

    @property
    def days(self) -> int:
        """Whole days since it is their turn."""
        return (timezone.now() - self.since).days


def ready_approaches(user: User) -> ApproachQuerySet:
    """Running approaches that the officer manages: neither ended nor continued by a follow-up."""
    return Approach.objects.managed_by(user).open()


def with_turn(rows: ApproachQuerySet) -> ApproachQuerySet:
    """With `turn`, the side whose turn it is, and `turn_since`.

    The recipient until it has answered; then the side that has not agreed yet, has to choose a time, or did not write
    the last message; else the sender.
    """
    written = ApproachMessage.objects.filter(approach=OuterRef("pk"), is_event=False).order_by("-sent_at", "-pk")
    proposed = TalkTime.objects.filter(approach=OuterRef("pk"), status=TalkTime.Status.PROPOSED).order_by("-pk")
    rows = rows.annotate(
        last_side=Subquery(written.values("side")[:1]),
        last_sent_at=Subquery(written.values("sent_at")[:1]),
        times_side=Subquery(proposed.values("side")[:1]),
        times_at=Subquery(proposed.values("proposed_at")[:1]),
    )
    firm, institution = Value(Side.FIRM.value), Value(Side.INSTITUTION.value)
    unanswered, is_enquiry = Q(status__in=Approach.UNANSWERED), Q(kind=Approach.Kind.ENQUIRY)
    only_firm = Q(firm_agreed_at__isnull=False, institution_agreed_at=None)
    only_institution = Q(institution_agreed_at__isnull=False, firm_agreed_at=None)
    turns = [
        (unanswered & is_enquiry, institution, "sent_at"),
        (unanswered, firm, "sent_at"),
        (only_firm, institution, "firm_agreed_at"),
        (only_institution, firm, "institution_agreed_at"),
        (Q(times_side=Side.FIRM), institution, "times_at"),
        (Q(times_side=Side.INSTITUTION), firm, "times_at"),
        (Q(last_side=Side.FIRM), institution, "last_sent_at"),
        (Q(last_side=Side.INSTITUTION), firm, "last_sent_at"),
        (is_enquiry, firm, "first_answered_at"),
    ]
    return rows.annotate(
        turn=Case(*(When(rule, then=side) for rule, side, _at in turns), default=institution, output_field=CharField()),
        turn_since=Case(
            *(When(rule, then=F(at)) for rule, _side, at in turns),
            default=F("first_answered_at"),
            output_field=DateTimeField(),
        ),
    )


def narrow(rows: ApproachQuerySet, *, kind: str, wait: str, q: str) -> ApproachQuerySet:
    """Rows of this kind, of this turn, with `q` in a title or a name: missed deadlines first, then the longest wait."""
    if kind in Approach.Kind.values:
        rows = rows.filter(kind=kind)
    if wait == "late":
        rows = rows.late()
    if q:
        rows = rows.about(q)
    turns: Any = with_turn(rows)
    if wait in Side.values:
        turns = turns.filter(turn=wait)
    is_late = Q(status__in=Approach.UNANSWERED, answer_due_on__lt=timezone.localdate())
    order = Case(When(is_late, then=Value(0)), default=Value(1), output_field=IntegerField())
    related = ("firm__stat_region", "institution__stat_region", "achievement__institution", "demand__firm", "offer")
    turns = turns.select_related(*related).prefetch_related("achievement__indicators", "demand__indicators")
    return turns.order_by(order, "turn_since", "pk")


def as_pairs(rows: list[Approach]) -> list[ReadyPair]:
    """The rows of one page with the engine's reasons. Six queries at most."""
    regions = dict(Region.objects.values_list("pk", "name"))
    keys = {(row.achievement_id, row.demand_id) for row in rows if row.achievement_id and row.demand_id}
    matches = {
        (match.achievement_id, match.demand_id): match
        for match in Match.objects.filter(
            achievement__in=[achievement for achievement, _demand in keys],
            demand__in=[demand for _achievement, demand in keys],
        ).select_related("achievement", "demand")
    }
    return [_pair(row, matches.get((row.achievement_id or 0, row.demand_id or 0)), regions) for row in rows]


def _pair(row: Approach, match: Match | None, regions: dict[int, str]) -> ReadyPair:
    is_proposed = match is not None
    if match is None and row.achievement is not None and row.demand is not None:
        compared = compare_pair(row.achievement, row.demand, regions, timezone.localdate())
        match = Match(achievement=row.achievement, demand=row.demand, facts=compared)
    return ReadyPair(row, row.turn, row.turn_since, match, is_proposed)  # type: ignore[attr-defined]  # annotated


def desk_tab(user: User) -> DeskTab | None:
    """For the review desk: 双方主动的 N 对."""
    count = ready_approaches(user).count()
    return DeskTab(f"双方主动的 {count} 对", reverse("ready_pairs")) if count else None
