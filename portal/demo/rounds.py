"""Load the docking rounds: past ones with matches and district reviews, and one coming round."""

from collections import defaultdict
from datetime import datetime, timedelta
from functools import cache

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from brokers.models import Broker
from matching.models import BrokerRequest, Decision, Match, MatchRun
from matching.services.broker_requests import answer_broker_request, ask_broker
from matching.services.learning import fit_levels, train_ranker
from matching.services.review import accept_match, reject_match
from matching.services.runs import execute_chunk
from notices.models import Notice, NoticeKind
from portal.demo.dataset import day, moment, past_rounds, rows
from portal.demo.people import DemoContext
from portal.demo.venues import create_venues, load_agenda
from rounds.models import DockingRound, FeaturedAchievement
from rounds.round_dates import non_workday_reason
from rounds.services.rounds import announce_round, close_round

REVIEWED_SHARES = (1.0, 1.0, 0.6)
"""Share of reviewed matches per past round, oldest first; the others are open."""
BUSY_DISTRICTS, OPEN_PER_BUSY_DISTRICT = 5, 40
"""The 5 districts with the most matches of the latest round have 40 of them open, or all that may stay open."""
GOOD_ENOUGH = 2
"""Lowest grade of `truth.jsonl` that a district accepts."""
ACCEPTED_SCORE = 75
"""Lowest score of a pair without a grade that a district accepts, if no fact contradicts it."""
Reason = Match.RejectReason
REASONS = {"stage": Reason.TOO_EARLY, "ways": Reason.PRICE, "price": Reason.PRICE, "indicators": Reason.INDICATOR}
"""Kind of the first contradicting fact → reason of rejection, for pairs without a grade."""


def load_round(row: dict, demo: DemoContext) -> bool:
    """Create the round of a row, and close and review it if it is past. Returns False if it exists."""
    if DockingRound.objects.filter(name=row["name"]).exists():
        return False
    starts_at = _on_a_workday(row["starts_in_days"])
    docking_round = DockingRound.objects.create(
        host=demo.organisations[row["host"]],
        themes="、".join(row["themes"]),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=row["lasts_hours"]),
        **{name: row[name] for name in ("name", "host_kind", "place", "description")},
    )
    create_venues(docking_round, row)
    if starts_at < timezone.now():
        _announce_in_the_past(docking_round)
    else:
        announce_round(docking_round, by=demo.city)
    _feature(docking_round, row, demo)
    load_agenda(docking_round, row, demo)
    if row["status"] in {"closed", "archived"}:
        is_latest = row == past_rounds()[-1]
        _close(docking_round, demo)
        _review(
            docking_round,
            demo,
            share=REVIEWED_SHARES[past_rounds().index(row)],
            busy_districts=BUSY_DISTRICTS * is_latest,
        )
        fit_levels()  # as the nightly task does, so that the matches of the next round have levels
        train_ranker()
    return True


def _on_a_workday(days: int) -> datetime:
    """The moment `days` from today; moved to the next workday if it is in the future."""
    while days > 0 and non_workday_reason(day(days)):
        days += 1
    return moment(days)


def _announce_in_the_past(docking_round: DockingRound) -> None:
    """Announce a past round, which no service allows."""
    announced_at = docking_round.starts_at - timedelta(days=45)
    DockingRound.objects.filter(pk=docking_round.pk).update(
        status=DockingRound.Status.GATHERING, announced_at=announced_at
    )
    docking_round.refresh_from_db()


def _close(docking_round: DockingRound, demo: DemoContext) -> None:
    close_round(docking_round, by=demo.city, reader=False)  # the demo is the same with and without a model
    for chunk in docking_round.match_run.chunks.all():
        execute_chunk(chunk.pk)  # synchronously: no worker runs yet
    # Written directly: services only record today's date.
    closed_at = docking_round.ends_at + timedelta(minutes=20)
    run = docking_round.match_run_id
    DockingRound.objects.filter(pk=docking_round.pk).update(closed_at=closed_at)
    MatchRun.objects.filter(pk=run).update(queued_at=closed_at, finished_at=closed_at)
    Match.objects.filter(first_run=run).update(created_at=closed_at)
    Notice.objects.filter(kind=NoticeKind.PROPOSALS, read_at=None).update(
        made_at=closed_at, read_at=closed_at + timedelta(days=1)
    )
    docking_round.refresh_from_db()


def _review(docking_round: DockingRound, demo: DemoContext, *, share: float, busy_districts: int) -> None:
    """Review `share` of the matches of each district within nine days; the open ones are spread evenly by score.

    The `busy_districts` districts with the most matches leave OPEN_PER_BUSY_DISTRICT open.
    """
    judgements, reviewed = _judgements(), []
    proposed = Match.objects.filter(run=docking_round.match_run_id, status=Match.Status.PROPOSED)
    by_district = defaultdict(list)
    for match in proposed.select_related("achievement", "demand__firm", "run").order_by("-score", "pk"):
        by_district[match.demand.firm.stat_region_id].append(match)
    can_stay_open = {
        unit: [match for match in matches if _may_stay_open(match)] for unit, matches in by_district.items()
    }
    busiest = sorted(by_district, key=lambda unit: -len(can_stay_open[unit]))[:busy_districts]
    for unit, matches in by_district.items():
        candidates = can_stay_open[unit]
        open_count = OPEN_PER_BUSY_DISTRICT if unit in busiest else round(len(candidates) * (1 - share))
        waiting = {candidates[int(number * len(candidates) / open_count)] for number in range(open_count)}
        decided = [match for match in matches if match not in waiting]
        for number, match in enumerate(decided):
            judgement = judgements.get((match.demand.title, match.achievement.title))
            _decide(match, judgement, by=demo.district_of(match.demand.firm))
            match.reviewed_at = docking_round.closed_at + timedelta(days=1 + number % 9, minutes=17 * number)
            reviewed.append(match)
    Match.objects.bulk_update(reviewed, ["reviewed_at"], batch_size=200)  # written directly, as above
    when = Match.objects.filter(pk=OuterRef("match")).values("reviewed_at")
    Decision.objects.filter(match__in=reviewed).update(made_at=Subquery(when))


def _may_stay_open(match: Match) -> bool:
    """Whether achievement and demand are still open in the dataset."""
    return match.achievement.title in _open_titles() and match.demand.title in _open_titles()


@cache
def _open_titles() -> set[str]:
    offered = {row["title"] for row in rows("achievements") if row["status"] == "registered" and row["valid_days"] > 0}
    return offered | {row["title"] for row in rows("demands") if row["status"] in {"published", "tracking"}}


def _decide(match: Match, judgement: dict | None, *, by: User) -> None:
    if judgement and judgement["grade"] >= GOOD_ENOUGH:
        accept_match(match, by=by, note=judgement["reason"])
    elif judgement:
        reason = Reason.INDICATOR if judgement["grade"] else Reason.FIELD
        reject_match(match, by=by, reason=reason, note=judgement["reason"])
    else:
        against = [fact["kind"] for fact in match.facts if fact["verdict"] == "contradicts"]
        if match.score >= ACCEPTED_SCORE and not against:
            accept_match(match, by=by)
        else:
            reject_match(match, by=by, reason=REASONS.get(against[0], Reason.FIELD) if against else Reason.FIELD)


def load_broker_requests(demo: DemoContext) -> None:
    """For each broker with a user: one accepted request and one open request, for matches of their regions."""
    for broker in Broker.objects.certified().filter(user__isnull=False, requests=None).prefetch_related("regions"):
        accepted = list(
            Match.objects.accepted()
            .filter(demand__firm__stat_region__in=broker.regions.all(), broker_requests=None)
            .select_related("demand__firm", "reviewed_by")
            .order_by("reviewed_at", "pk")
        )
        for match, taken in zip(accepted[:1] + accepted[1:][-1:], (True, False), strict=False):
            asked_at = min(match.reviewed_at + timedelta(days=2), timezone.now())
            request = ask_broker(match, broker=broker, by=match.reviewed_by, note="请联系双方，约一次现场交流")
            dates = {"asked_at": asked_at}
            if taken:
                answer_broker_request(request, accept=True, by=broker.user)
                dates["answered_at"] = min(asked_at + timedelta(days=1), timezone.now())
            BrokerRequest.objects.filter(pk=request.pk).update(**dates)  # written directly, as above


def _judgements() -> dict[tuple[str, str], dict]:
    """(title of the demand, title of the achievement) → row of `truth.jsonl`."""
    titles = {row["id"]: row["title"] for row in rows("demands") + rows("achievements")}
    return {(titles[row["demand"]], titles[row["achievement"]]): row for row in rows("truth")}


def _feature(docking_round: DockingRound, row: dict, demo: DemoContext) -> None:
    """Add the featured achievements in the order of the row, without reasons."""
    titles = {
        achievement["id"]: (achievement["title"], demo.organisations[achievement["institution"]].pk)
        for achievement in rows("achievements")
    }
    wanted = [titles[name] for name in row["featured"]]
    ids = {
        (title, institution): pk
        for title, institution, pk in Achievement.objects.filter(
            title__in=[title for title, _pk in wanted]
        ).values_list("title", "institution", "pk")
    }
    featured = [ids[key] for key in wanted if key in ids]
    FeaturedAchievement.objects.bulk_create(
        FeaturedAchievement(docking_round=docking_round, achievement_id=pk, rank=rank)
        for rank, pk in enumerate(featured, start=1)
    )
