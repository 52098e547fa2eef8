"""The demo city's docking rounds: those of the past with their matches and what the districts decided, one to come."""

from datetime import timedelta

from django.utils import timezone

from achievements.models import Achievement
from brokers.models import Broker
from docking.models import DockingRound
from docking.services import close_round, open_round
from matching.models import BrokerRequest, Match, MatchRun
from matching.services import accept_match, answer_request, ask_broker, execute_chunk, reject_match
from notices.models import Kind, Notice
from portal.demo.city import BEST_GRADE, moment, past_rounds, rows
from portal.demo.people import Cast

DECIDED = (1.0, 0.7, 0.35)
"""Which share of its matches the districts had decided, from the first past round to the latest; the rest waits."""
GOOD_ENOUGH = 2
"""From this grade of `truth.jsonl` on a district accepts."""
CONVINCING = 75
"""From this score on a district accepts a pair that nobody judged, if no fact speaks against it."""
Reason = Match.RejectReason
REASONS = {"stage": Reason.TOO_EARLY, "ways": Reason.PRICE, "price": Reason.PRICE, "indicators": Reason.INDICATOR}
"""Why a district gave back a pair that nobody judged: the first fact that speaks against it."""


def load_round(row: dict, cast: Cast) -> bool:
    """Announce the round of this row; close it and review its matches if it is over. True if it was not here yet."""
    if DockingRound.objects.filter(name=row["name"]).exists():
        return False
    starts_at = moment(row["starts_in_days"])
    docking_round = DockingRound.objects.create(
        host=cast.organisations[row["host"]],
        themes="、".join(row["themes"]),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=row["lasts_hours"]),
        **{name: row[name] for name in ("name", "host_kind", "undertaker", "place", "description")},
    )
    open_round(docking_round, by=cast.city)
    docking_round.featured.set(_featured(row, cast))
    if row["status"] in {"closed", "archived"}:
        _close(docking_round, cast)
        _review(docking_round, DECIDED[past_rounds().index(row)], cast)
    return True


def _close(docking_round: DockingRound, cast: Cast) -> None:
    close_round(docking_round, by=cast.city)
    for chunk in docking_round.match_run.chunks.all():
        execute_chunk(chunk.pk)  # here and now: the demo is loaded before any worker runs
    # Straight into the columns: no service may say that something happened on another day than today.
    closed_at = docking_round.ends_at + timedelta(minutes=20)
    run = docking_round.match_run_id
    DockingRound.objects.filter(pk=docking_round.pk).update(closed_at=closed_at)
    MatchRun.objects.filter(pk=run).update(queued_at=closed_at, finished_at=closed_at)
    Match.objects.filter(first_run=run).update(created_at=closed_at)
    Notice.objects.filter(kind=Kind.PROPOSALS, read_at=None).update(
        made_at=closed_at, read_at=closed_at + timedelta(days=1)
    )
    docking_round.refresh_from_db()


def _review(docking_round: DockingRound, share: float, cast: Cast) -> None:
    """Each district decided, within days of the round, what was doubtful and that share of the rest, the best last."""
    judgements = _judgements()
    proposed = Match.objects.filter(run=docking_round.match_run_id, status=Match.Status.PROPOSED)
    for unit in proposed.values_list("demand__firm__stat_region", flat=True).distinct().order_by():
        found = proposed.filter(demand__firm__stat_region=unit).select_related("achievement", "demand__firm")
        matches = {match: judgements.get((match.demand.title, match.achievement.title)) for match in found}
        doubtful = [match for match, judgement in matches.items() if not judgement or judgement["grade"] < BEST_GRADE]
        clear = sorted(matches.keys() - set(doubtful), key=lambda match: (match.score, match.pk))
        for number, match in enumerate(doubtful + clear[: round(len(clear) * share)]):
            _decide(match, matches[match], by=cast.district_of(match.demand.firm))
            reviewed_at = docking_round.closed_at + timedelta(days=1 + number % 9, minutes=17 * number)
            Match.objects.filter(pk=match.pk).update(reviewed_at=reviewed_at)  # as above
            match.decisions.update(made_at=reviewed_at)


def _decide(match: Match, judgement: dict | None, *, by) -> None:
    if judgement and judgement["grade"] >= GOOD_ENOUGH:
        accept_match(match, by=by, note=judgement["reason"])
    elif judgement:
        reason = Reason.INDICATOR if judgement["grade"] else Reason.FIELD
        reject_match(match, by=by, reason=reason, note=judgement["reason"])
    else:
        against = [fact["kind"] for fact in match.facts if fact["verdict"] == "contradicts"]
        if match.score >= CONVINCING and not against:
            accept_match(match, by=by)
        else:
            reject_match(match, by=by, reason=REASONS.get(against[0], Reason.FIELD) if against else Reason.FIELD)


def ask_brokers(cast: Cast) -> None:
    """Each broker who can sign in has taken one accepted match of their districts and is asked about another."""
    for broker in Broker.objects.certified().filter(user__isnull=False, requests=None).prefetch_related("regions"):
        accepted = list(
            Match.objects.accepted()
            .filter(demand__firm__stat_region__in=broker.regions.all(), broker_requests=None)
            .select_related("demand__firm", "reviewed_by")
            .order_by("reviewed_at")
        )
        for match, taken in zip(accepted[:1] + accepted[1:][-1:], (True, False), strict=False):
            asked_at = min(match.reviewed_at + timedelta(days=2), timezone.now())
            request = ask_broker(match, broker=broker, by=match.reviewed_by, note="请联系双方，约一次现场交流")
            dates = {"asked_at": asked_at}
            if taken:
                answer_request(request, accept=True, by=broker.user)
                dates["answered_at"] = min(asked_at + timedelta(days=1), timezone.now())
            BrokerRequest.objects.filter(pk=request.pk).update(**dates)  # as above


def _judgements() -> dict[tuple[str, str], dict]:
    """(title of the demand, title of the achievement) → what people said of the pair."""
    titles = {row["id"]: row["title"] for row in rows("demands") + rows("achievements")}
    return {(titles[row["demand"]], titles[row["achievement"]]): row for row in rows("truth")}


def _featured(row: dict, cast: Cast):
    chosen = [one for one in rows("achievements") if one["id"] in row["featured"]]
    return Achievement.objects.filter(
        title__in=[one["title"] for one in chosen],
        institution__in={cast.organisations[one["institution"]].pk for one in chosen},
    )
