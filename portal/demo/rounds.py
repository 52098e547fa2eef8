"""The demo city's docking rounds: those of the past with their matches and what the districts decided, one to come."""

from collections import defaultdict
from datetime import datetime, timedelta
from functools import cache

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from achievements.models import Achievement
from brokers.models import Broker
from matching.models import BrokerRequest, Decision, Match, MatchRun
from matching.services.followup import answer_request, ask_broker
from matching.services.learning import fit_levels, train_ranker
from matching.services.review import accept_match, reject_match
from matching.services.runs import execute_chunk
from notices.models import Notice, NoticeKind
from portal.demo.city import day, moment, past_rounds, rows
from portal.demo.people import Cast
from portal.demo.venues import furnish, plan_day
from rounds.calendar import not_a_workday
from rounds.models import DockingRound, FeaturedAchievement
from rounds.services.rounds import close_round, open_round

DECIDED = (1.0, 1.0, 0.6)
"""Which share of its matches the districts had decided, from the first past round to the latest; the rest waits."""
FULL_DESKS, WAITING_THERE = 5, 40
"""So many districts, those with the most proposals, have so many left of the latest round."""
WIDE = {"reach": 0.3, "per_demand": 7}
"""The latest round was matched widely: the districts want to see the doubtful ones too before the next event."""
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
    starts_at = _on_a_workday(row["starts_in_days"])
    docking_round = DockingRound.objects.create(
        host=cast.organisations[row["host"]],
        themes="、".join(row["themes"]),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=row["lasts_hours"]),
        **{name: row[name] for name in ("name", "host_kind", "place", "description")},
    )
    furnish(docking_round, row)
    if starts_at < timezone.now():
        _announce_then(docking_round)
    else:
        open_round(docking_round, by=cast.city)
    _feature(docking_round, row, cast)
    plan_day(docking_round, row, cast)
    if row["status"] in {"closed", "archived"}:
        is_latest = row == past_rounds()[-1]
        _close(docking_round, cast, **(WIDE if is_latest else {}))
        _review(docking_round, cast, share=DECIDED[past_rounds().index(row)], full_desks=FULL_DESKS * is_latest)
        fit_levels()  # as in the night after: the next round's matches have levels
        train_ranker()
    return True


def _on_a_workday(days: int) -> datetime:
    """So many days from today; a round to come waits for the next day on which people work."""
    while days > 0 and not_a_workday(day(days)):
        days += 1
    return moment(days)


def _announce_then(docking_round: DockingRound) -> None:
    """A round of the past was announced before it: no service announces one that is over."""
    announced_at = docking_round.starts_at - timedelta(days=45)
    DockingRound.objects.filter(pk=docking_round.pk).update(
        status=DockingRound.Status.GATHERING, announced_at=announced_at
    )
    docking_round.refresh_from_db()


def _close(docking_round: DockingRound, cast: Cast, **parameters) -> None:
    close_round(docking_round, by=cast.city, **parameters)
    for chunk in docking_round.match_run.chunks.all():
        execute_chunk(chunk.pk)  # here and now: the demo is loaded before any worker runs
    # Straight into the columns: no service may say that something happened on another day than today.
    closed_at = docking_round.ends_at + timedelta(minutes=20)
    run = docking_round.match_run_id
    DockingRound.objects.filter(pk=docking_round.pk).update(closed_at=closed_at)
    MatchRun.objects.filter(pk=run).update(queued_at=closed_at, finished_at=closed_at)
    Match.objects.filter(first_run=run).update(created_at=closed_at)
    Notice.objects.filter(kind=NoticeKind.PROPOSALS, read_at=None).update(
        made_at=closed_at, read_at=closed_at + timedelta(days=1)
    )
    docking_round.refresh_from_db()


def _review(docking_round: DockingRound, cast: Cast, *, share: float, full_desks: int) -> None:
    """Within days of the round each district decided that share of its matches, good and bad ones by turns; the
    `full_desks` busiest ones all but `WAITING_THERE`."""
    judgements, reviewed = _judgements(), []
    proposed = Match.objects.filter(run=docking_round.match_run_id, status=Match.Status.PROPOSED)
    found = defaultdict(list)
    for match in proposed.select_related("achievement", "demand__firm", "run").order_by("-score", "pk"):
        found[match.demand.firm.stat_region_id].append(match)
    open_ones = {unit: [match for match in matches if _stays_open(match)] for unit, matches in found.items()}
    busiest = sorted(found, key=lambda unit: -len(open_ones[unit]))[:full_desks]
    for unit, matches in found.items():
        open_still = open_ones[unit]
        left = WAITING_THERE if unit in busiest else round(len(open_still) * (1 - share))
        waiting = {open_still[int(number * len(open_still) / left)] for number in range(left)}
        decided = [match for match in matches if match not in waiting]
        for number, match in enumerate(decided):
            judgement = judgements.get((match.demand.title, match.achievement.title))
            _decide(match, judgement, by=cast.district_of(match.demand.firm))
            match.reviewed_at = docking_round.closed_at + timedelta(days=1 + number % 9, minutes=17 * number)
            reviewed.append(match)
    Match.objects.bulk_update(reviewed, ["reviewed_at"], batch_size=200)  # as above
    when = Match.objects.filter(pk=OuterRef("match")).values("reviewed_at")
    Decision.objects.filter(match__in=reviewed).update(made_at=Subquery(when))


def _stays_open(match: Match) -> bool:
    """Whether neither side of it is transferred, solved, paused or out of date by now."""
    return match.achievement.title in _open_titles() and match.demand.title in _open_titles()


@cache
def _open_titles() -> set[str]:
    offered = {row["title"] for row in rows("achievements") if row["status"] == "registered" and row["valid_days"] > 0}
    return offered | {row["title"] for row in rows("demands") if row["status"] in {"published", "tracking"}}


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


def _feature(docking_round: DockingRound, row: dict, cast: Cast) -> None:
    """What was presented, in the order of the row; the items stand with the reasons of their time, which are none."""
    titles = {one["id"]: (one["title"], cast.organisations[one["institution"]].pk) for one in rows("achievements")}
    wanted = [titles[name] for name in row["featured"]]
    ids = {
        (title, institution): pk
        for title, institution, pk in Achievement.objects.filter(
            title__in=[title for title, _pk in wanted]
        ).values_list("title", "institution", "pk")
    }
    there = [ids[one] for one in wanted if one in ids]
    FeaturedAchievement.objects.bulk_create(
        FeaturedAchievement(docking_round=docking_round, achievement_id=pk, rank=rank)
        for rank, pk in enumerate(there, start=1)
    )
