"""What is shown of a pair: both sides, what speaks for and against, what was decided about either before."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Prefetch, Q, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext_lazy as _

from matching.models import Decision, Match, Question, Reservation
from matching.views.staff.review.queue import as_rows
from matching.wordings import RESULTS, VERDICTS

MOST_AT_ONCE = 12
SHOWN_BEFORE = 3
SHOWN_BESIDE = 9
FACT_WORDS = {
    "stage": _("阶段"),
    "ways": _("合作方式"),
    "price": _("价格"),
    "exclusivity": _("独占"),
    "period": _("时限"),
    "district": _("区域"),
    "indicators": _("指标"),
}


@dataclass(frozen=True, slots=True)
class Past:
    """Earlier decisions about one firm or one achievement: how many of each, and the latest."""

    accepted: int
    rejected: int
    latest: list[Match]


NOTHING = Past(0, 0, [])


@dataclass(frozen=True, slots=True)
class Pair:
    """All that the page shows of one match."""

    match: Match
    facts: list[tuple[str, str, str, str, str]]  # kind, its word, how it came out, its word, the sentence
    indicators: list[dict]
    looker: str
    beside: list[Match]  # other proposals of the same need, best first
    firm_past: Past
    achievement_past: Past

    @property
    def accepted_beside(self) -> int:
        return sum(other.status == Match.Status.ACCEPTED for other in self.beside)


def pairs_of(public_ids: Iterable[str], user) -> list[Pair]:
    """Those that `user` works with, in the order asked for; as many queries for twelve as for one."""
    wanted = list(dict.fromkeys(public_ids))[:MOST_AT_ONCE]
    rows = as_rows(Match.objects.managed_by(user).filter(public_id__in=wanted)).select_related(
        "achievement__institution__stat_region", "demand__firm__stat_region", "run", "assigned_to",
        "reviewed_by", "duplicate_of__achievement", "duplicate_of__demand",
    ).prefetch_related(
        "achievement__indicators",
        "demand__indicators",
        Prefetch("decisions", Decision.objects.select_related("by").order_by("-made_at")),
        Prefetch("questions", Question.objects.exclude(status="withdrawn").select_related("asked_by", "answered_by")),
    )  # fmt: skip
    found = {row.public_id: row for row in rows}
    matches = [found[name] for name in wanted if name in found]
    lookers = dict(
        Reservation.objects.current()
        .filter(match__in=matches, is_open=True)
        .exclude(user=user)
        .values_list("match_id", "user__name")
    )
    mine = Match.objects.managed_by(user)
    beside = _beside(mine, matches)
    firms = _past(mine, "demand__firm", {match.demand.firm_id for match in matches}, matches)
    achievements = _past(mine, "achievement", {match.achievement_id for match in matches}, matches)
    return [
        Pair(
            match=match,
            facts=_facts(match),
            indicators=_indicators(match),
            looker=lookers.get(match.pk, ""),
            beside=[other for other in beside[match.demand_id] if other.pk != match.pk][:SHOWN_BESIDE],
            firm_past=firms.get(match.demand.firm_id, NOTHING),
            achievement_past=achievements.get(match.achievement_id, NOTHING),
        )
        for match in matches
    ]


def _facts(match: Match) -> list[tuple[str, str, str, str, str]]:
    return [
        (kind, FACT_WORDS.get(kind, ""), fact["verdict"], VERDICTS.get(fact["verdict"], ""), fact["sentence"])
        for fact in match.facts
        for kind in [fact["kind"]]
    ]


def _indicators(match: Match) -> list[dict]:
    """One row per indicator of the need, where the run has compared them and there is anything to compare."""
    rows = next((fact.get("rows") for fact in match.facts if fact["kind"] == "indicators"), None) or []
    if all(row.get("result") == "unstated" for row in rows):
        return []
    return [
        {
            "name": row.get("name") or "—",
            "need": row.get("need") or "—",
            "offer": row.get("offer") or "—",
            "note": row.get("note") or "",
            "result": row.get("result", ""),
            "word": RESULTS.get(row.get("result"), row.get("result", "")),
        }
        for row in rows
    ]


def _beside(mine, matches: list[Match]) -> dict[int, list[Match]]:
    """Proposals of the same needs, by need."""
    place = Window(RowNumber(), partition_by=F("demand"), order_by=[F("score").desc(), F("pk")])
    rows = mine.filter(demand__in={match.demand_id for match in matches}).annotate(place=place)
    found = defaultdict(list)
    for row in rows.filter(place__lte=SHOWN_BESIDE + 1).select_related("achievement__institution").order_by("place"):
        found[row.demand_id].append(row)
    return found


def _past(mine, side: str, ids: set[int], matches: list[Match]) -> dict[int, Past]:
    """What was decided before about these firms or achievements, in the user's own scope."""
    window = {"partition_by": F(side)}
    rows = (
        mine.decided()
        .filter(**{f"{side}__in": ids})
        .annotate(
            side=F(side),
            place=Window(RowNumber(), **window, order_by=[F("reviewed_at").desc(), F("pk")]),
            accepted=Window(Count("pk", filter=Q(status=Match.Status.ACCEPTED)), **window),
            rejected=Window(Count("pk", filter=Q(status=Match.Status.REJECTED)), **window),
        )
        .filter(place__lte=SHOWN_BEFORE + 1)
        .select_related("achievement", "demand", "run")
        .order_by("side", "place")
    )
    grouped = defaultdict(list)
    for row in rows:
        grouped[row.side].append(row)
    return {key: Past(found[0].accepted, found[0].rejected, found[:SHOWN_BEFORE]) for key, found in grouped.items()}
