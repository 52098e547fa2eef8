"""Who waits for whom on the home of a round: guests, the planners, the solver, districts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Count, Min
from django.utils import timezone
from django.utils.timezone import localdate

from accounts.models import User
from matching.models import Match
from rounds.models import DockingRound, LateAnswer, Meeting, Party

Status = DockingRound.Status
AFTER_DAYS = 7
"""Days after the end within which results are recorded and the report is released; later is late."""
TALK_DAYS, PLANNER_DAYS = 3, 1
"""Days within which a side accepts a talk, and the planners decide a late answer."""
MOST_WAITS = 8
"""So many stand on the home."""


@dataclass(frozen=True)
class Wait:
    """Somebody who has to act. `since`: the day from which on; `late_days`: beyond what is usual, 0 in time."""

    who: str
    what: str
    since: date | None
    late_days: int = 0
    where: str = ""
    key: int | None = None


def waits(docking_round: DockingRound, user: User) -> list[Wait]:
    """Who has to act, the longest waiting first; of each kind at most one more than the page shows."""
    waiting = [
        *_guest_waits(docking_round, user),
        *_talk_waits(docking_round, user),
        *_planner_waits(docking_round, user),
        *_solver_waits(docking_round),
        *_district_waits(docking_round, user),
    ]
    return sorted(waiting, key=lambda wait: (-wait.late_days, wait.since or date.max))


def _guest_waits(docking_round: DockingRound, user: User) -> Iterator[Wait]:
    if docking_round.status != Status.GATHERING:
        return
    silent = Party.objects.managed_by(user).filter(docking_round=docking_round).awaiting_answer()
    rows = silent.select_related("organisation").order_by("invited_at", "pk")[: MOST_WAITS + 1]
    for party in rows:
        late = _days_since(party.reminded_at or party.invited_at) - settings.GUEST_REMIND_DAYS
        what = "答复邀请" + ("，已提醒" if party.reminded_at else "")
        yield Wait(str(party), what, _local(party.invited_at), max(0, late), "party", party.pk)


def _talk_waits(docking_round: DockingRound, user: User) -> Iterator[Wait]:
    """Parties that are asked to accept talks, each with its oldest."""
    if docking_round.status not in DockingRound.ANSWERABLE:
        return
    rows = Meeting.objects.managed_by(user).filter(docking_round=docking_round).awaiting_acceptance()
    parties = ("firm_party__organisation", "institution_party__organisation")
    related = (*parties, "match__demand", "match__follow_up", "unmatched_demand")
    oldest: dict[Party, datetime] = {}
    numbers: dict[Party, int] = {}
    for talk in rows.with_institution_asked_at().select_related(*related).order_by("made_at", "pk"):
        for party in talk.asked_sides:
            of_institution: datetime = talk.institution_asked_at  # type: ignore[attr-defined]  # annotated
            asked_at = talk.made_at if party.pk == talk.firm_party_id else of_institution
            oldest[party] = min(asked_at, oldest.get(party, asked_at))
            numbers[party] = numbers.get(party, 0) + 1
    for party, since in sorted(oldest.items(), key=lambda item: item[1])[: MOST_WAITS + 1]:
        late = max(0, _days_since(since) - TALK_DAYS)
        yield Wait(str(party), "接受或不接受 %d 场洽谈" % numbers[party], _local(since), late, "talks")


def _planner_waits(docking_round: DockingRound, user: User) -> Iterator[Wait]:
    mine = LateAnswer.objects.open().visible_to(user).filter(party__docking_round=docking_round)
    row = mine.aggregate(number=Count("pk"), since=Min("made_at"))
    if row["number"] and docking_round.status in DockingRound.OPEN:
        late = max(0, _days_since(row["since"]) - PLANNER_DAYS)
        yield Wait("市级专员", "决定 %d 家迟到的答复" % row["number"], _local(row["since"]), late, "late_answers")


def _solver_waits(docking_round: DockingRound) -> Iterator[Wait]:
    solving = docking_round.timetables.solving().first()
    if solving:
        yield Wait("系统", "排第 %d 版洽谈日程" % solving.number, _local(solving.made_at), where="timetable")


def _district_waits(docking_round: DockingRound, user: User) -> Iterator[Wait]:
    """Districts with matches of the run after the round that they have not reviewed."""
    run = docking_round.match_run
    if run is None:
        return
    waiting = Match.objects.managed_by(user).filter(run=run).awaiting_review()
    districts = waiting.values("demand__firm__stat_region__name").annotate(number=Count("pk"), since=Min("created_at"))
    for row in districts.order_by("-number"):
        region = row["demand__firm__stat_region__name"] or "市级"
        days = _days_since(row["since"])
        late = max(0, days - AFTER_DAYS)
        yield Wait(region, "审核 %d 条会后匹配" % row["number"], _local(row["since"]), late, "matches")


def _days_since(moment: datetime | None) -> int:
    return (timezone.now() - moment).days if moment else 0


def _local(moment: datetime | None) -> date | None:
    return localdate(moment) if moment else None
