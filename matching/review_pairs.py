"""What the review desk shows of a match: both sides, facts, indicators, other proposals, earlier decisions."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Prefetch, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.models import User
from matching.labels import FACT_LABELS, RESULT_LABELS, VERDICT_LABELS, offer_text
from matching.models import Decision, Match, Question, Reservation
from matching.readings.shown import ShownReading, readings_of
from matching.review_queue import with_row_data

MAX_PAIRS = 12
MAX_EARLIER = 3
MAX_OTHERS = 9


@dataclass(frozen=True, slots=True)
class EarlierDecisions:
    """Decisions about the matches of one firm or one achievement: how many of each kind, and the latest matches."""

    accepted: int
    rejected: int
    latest: list[Match]


NO_DECISIONS = EarlierDecisions(0, 0, [])


@dataclass(frozen=True, slots=True)
class Pair:
    """Everything that the page shows of one match.

    `facts`: (kind, its label, verdict, its label, sentence) for each fact. `viewer`: name of a colleague who has the
    match open, or empty. `others`: further proposals of the same demand, best first. `reading`: what the second reader
    said of the pair, if it read it.
    """

    match: Match
    facts: list[tuple[str, str, str, str, str]]
    indicators: list[dict]
    viewer: str
    others: list[Match]
    firm_decisions: EarlierDecisions
    achievement_decisions: EarlierDecisions
    reading: ShownReading | None = None

    @property
    def accepted_others(self) -> int:
        return sum(other.status == Match.Status.ACCEPTED for other in self.others)


def load_pairs(public_ids: Iterable[str], user: User) -> list[Pair]:
    """The first MAX_PAIRS of these matches that `user` manages, in this order. The number of queries is constant."""
    wanted = list(dict.fromkeys(public_ids))[:MAX_PAIRS]
    managed = Match.objects.managed_by(user)
    rows = {row.public_id: row for row in _with_pair_data(managed.filter(public_id__in=wanted))}
    matches = [rows[public_id] for public_id in wanted if public_id in rows]
    viewers = dict(
        Reservation.objects.current()
        .filter(match__in=matches, is_open=True)
        .exclude(user=user)
        .values_list("match_id", "user__name")
    )
    others = _others_by_demand(managed, matches)
    readings = readings_of(matches)
    firms = _earlier_decisions(managed, "demand__firm", {match.demand.firm_id for match in matches})
    achievements = _earlier_decisions(managed, "achievement", {match.achievement_id for match in matches})
    return [
        Pair(
            match=match,
            facts=_facts(match),
            indicators=_indicators(match),
            viewer=viewers.get(match.pk, ""),
            others=[other for other in others[match.demand_id] if other.pk != match.pk][:MAX_OTHERS],
            firm_decisions=firms.get(match.demand.firm_id, NO_DECISIONS),
            achievement_decisions=achievements.get(match.achievement_id, NO_DECISIONS),
            reading=readings.get(match.pk),
        )
        for match in matches
    ]


def _with_pair_data(matches: QuerySet[Match]) -> QuerySet[Match]:
    questions = Question.objects.exclude(status=Question.Status.WITHDRAWN).select_related("asked_by", "answered_by")
    return (
        with_row_data(matches)
        .select_related(
            *("achievement__institution__stat_region", "demand__firm__stat_region", "run", "assigned_to"),
            *("reviewed_by", "duplicate_of__achievement", "duplicate_of__demand"),
        )
        .defer("run__achievement_ids", "run__demand_ids")  # of all that the run compared
        .prefetch_related(
            "achievement__indicators",
            "demand__indicators",
            Prefetch("decisions", Decision.objects.select_related("by").order_by("-made_at")),
            Prefetch("questions", questions),
        )
    )


def _facts(match: Match) -> list[tuple[str, str, str, str, str]]:
    return [
        (
            fact["kind"],
            FACT_LABELS.get(fact["kind"], ""),
            fact["verdict"],
            VERDICT_LABELS.get(fact["verdict"], ""),
            fact["sentence"],
        )
        for fact in match.facts
    ]


def _indicators(match: Match) -> list[dict]:
    """One row per indicator of the demand; empty if the run compared none or the achievement states none."""
    rows = next((fact.get("rows") for fact in match.facts if fact["kind"] == "indicators"), None) or []
    if all(row.get("result") == "unstated" for row in rows):
        return []
    return [
        {
            "name": row.get("name") or "—",
            "need": row.get("need") or "—",
            "offer": offer_text(row) or "—",
            "note": row.get("note") or "",
            "result": row.get("result", ""),
            "label": RESULT_LABELS.get(row.get("result"), row.get("result", "")),
        }
        for row in rows
    ]


def _others_by_demand(managed: QuerySet[Match], matches: list[Match]) -> dict[int, list[Match]]:
    """The best proposals of the demands of these matches, by demand."""
    place = Window(RowNumber(), partition_by=F("demand"), order_by=[F("score").desc(), F("pk")])
    rows = managed.filter(demand__in={match.demand_id for match in matches}).annotate(place=place)
    best = rows.filter(place__lte=MAX_OTHERS + 1).select_related("achievement__institution").order_by("place")
    others: defaultdict[int, list[Match]] = defaultdict(list)
    shown = ("public_id", "demand", "score", "status", "achievement__title", "achievement__institution__name")
    for row in best.only(*shown):
        others[row.demand_id].append(row)
    return others


def _earlier_decisions(managed: QuerySet[Match], side: str, ids: set[int]) -> dict[int, EarlierDecisions]:
    """Decisions within the scope of the user about these firms or achievements. `side`: the path to them."""
    window = {"partition_by": F(side)}
    rows = (
        managed.decided()
        .filter(**{f"{side}__in": ids})
        .annotate(
            side=F(side),
            place=Window(RowNumber(), **window, order_by=[F("reviewed_at").desc(), F("pk")]),
            accepted=Window(Count("pk", filter=Q(status=Match.Status.ACCEPTED)), **window),
            rejected=Window(Count("pk", filter=Q(status=Match.Status.REJECTED)), **window),
        )
        .filter(place__lte=MAX_EARLIER + 1)
        .select_related("achievement", "demand", "run")
        .only("status", "reject_reason", "achievement__title", "demand__title", "run__title")
        .order_by("side", "place")
    )
    grouped = defaultdict(list)
    for row in rows:
        grouped[row.side].append(row)
    return {
        key: EarlierDecisions(decided[0].accepted, decided[0].rejected, decided[:MAX_EARLIER])
        for key, decided in grouped.items()
    }
