"""Parties that come and have no meeting in a version: who, why, and with whom they could meet.

Partners are read from the stored results of the matching engine. Asking for a meeting is a requested meeting like any
other; `fill_free_places` then places it with as few changes as possible.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from audit.services import record
from demands.models import Demand
from matching.models import Match
from rounds.models import DockingRound, Meeting, Party, Timetable
from rounds.planning.snapshot import read_snapshot, reason_now
from rounds.planning.stored_plans import (
    REQUESTED_LATER,
    missed_placements,
    placements_of,
    plan_of,
    reasons_of,
    save_plan,
)
from rounds.services.meetings import PartiesByOrganisation, add_meeting, institution_party_for
from rounds.services.timetables import check_city, new_version
from scheduling import InvalidEventError, Schedule, SchedulingError, measure
from scheduling.repair import RepairResult, repair

MAX_PARTNERS = 3
MAX_PARTIES = 60
"""Parties without a meeting for which partners are looked up."""
REPAIR_SECONDS = 4.0
Status = Timetable.Status


@dataclass(frozen=True)
class Partner:
    """A party of the other side that comes, and the best stored match between the two."""

    party: Party
    match: Match

    @property
    def reason(self) -> str:
        state = "已采纳" if self.match.status == Match.Status.ACCEPTED else "待审核"
        return f"匹配度 {self.match.whole_score}（{state}）：{self.match.verdict}"


@dataclass(frozen=True)
class UnservedParty:
    """`reasons`: why its requested meetings have no place, each with the other side; empty if it has requested none."""

    party: Party
    reasons: list[str]
    partners: list[Partner]


def unserved_parties(timetable: Timetable) -> list[UnservedParty]:
    """In a fixed number of queries, firms first. Partners are listed for the first MAX_PARTIES."""
    docking_round = timetable.docking_round
    seated = timetable.placements.exclude(meeting__status=Meeting.Status.DROPPED)
    busy = {party for pair in seated.values_list(*SIDES) for party in pair}
    coming = list(docking_round.parties.present().select_related("organisation").order_by("side", "pk"))
    alone = [party for party in coming if party.pk not in busy]
    reasons = defaultdict(list)
    concerned = Q(meeting__firm_party__in=alone) | Q(meeting__institution_party__in=alone)
    out = timetable.left_out.filter(concerned, meeting__status=Meeting.Status.WANTED)
    for row in out.select_related("meeting__firm_party__organisation", "meeting__institution_party__organisation"):
        meeting, why = row.meeting, reason_now(row)
        reasons[meeting.firm_party_id].append(f"与{meeting.institution_party}：{why}")
        reasons[meeting.institution_party_id].append(f"与{meeting.firm_party}：{why}")
    for meeting in _requested_later(timetable, alone):
        reasons[meeting.firm_party_id].append(f"与{meeting.institution_party}：{REQUESTED_LATER}")
        reasons[meeting.institution_party_id].append(f"与{meeting.firm_party}：{REQUESTED_LATER}")
    partners = _partners(docking_round, alone[:MAX_PARTIES], coming)
    return [UnservedParty(party, reasons[party.pk], partners[party.pk]) for party in alone]


def _requested_later(timetable: Timetable, alone: list[Party]) -> QuerySet[Meeting]:
    """Wanted meetings of these parties that the version does not know."""
    wanted = Meeting.objects.filter(docking_round=timetable.docking_round_id, status=Meeting.Status.WANTED)
    return (
        wanted.filter(Q(firm_party__in=alone) | Q(institution_party__in=alone))
        .exclude(pk__in=timetable.placements.values("meeting"))
        .exclude(pk__in=timetable.left_out.values("meeting"))
        .select_related("firm_party__organisation", "institution_party__organisation")
    )


SIDES = ("meeting__firm_party", "meeting__institution_party")


def _partners(docking_round: DockingRound, alone: list[Party], coming: list[Party]) -> dict[int, list[Partner]]:
    """{party: its best partners}, without pairs that have a meeting in this round or had one called off."""
    pairs = set(docking_round.meetings.values_list("firm_party", "institution_party"))
    firms: PartiesByOrganisation = defaultdict(list)
    teams: PartiesByOrganisation = defaultdict(list)
    for party in coming:
        (firms if party.side == Party.Side.FIRM else teams)[party.organisation_id].append(party)
    wanted = {party.pk for party in alone}
    partners: dict[int, dict[int, Partner]] = defaultdict(dict)
    for match in _matches(alone, firms, teams):
        firm = firms[match.demand.firm_id][0]
        team = institution_party_for(match.achievement, teams[match.achievement.institution_id])
        if (firm.pk, team.pk) in pairs:
            continue
        for party, other in ((firm, team), (team, firm)):
            mine = partners[party.pk]
            if party.pk in wanted and other.pk not in mine and len(mine) < MAX_PARTNERS:
                mine[other.pk] = Partner(other, match)
    return {party.pk: list(partners[party.pk].values()) for party in alone} | {
        party.pk: [] for party in coming if party.pk not in wanted
    }


def _matches(alone: list[Party], firms: PartiesByOrganisation, teams: PartiesByOrganisation) -> Iterable[Match]:
    """Matches between the two sides that concern a party of `alone`, the best first; returned ones are left out, and
    of an anonymous demand those that are not accepted."""
    organisations = {party.organisation_id for party in alone}
    # A talk about a match that is not accepted names the firm: one of an anonymous demand would tell whose it is.
    likely = Match.objects.accepted() | Match.objects.filter(status=Match.Status.PROPOSED, demand__is_anonymous=False)
    between = likely.filter(
        demand__in=Demand.objects.open(),
        achievement__in=Achievement.objects.on_offer(),
        demand__firm__in=firms,
        achievement__institution__in=teams,
    ).select_related("demand__firm", "achievement__institution")
    concerned = between.filter(demand__firm__in=organisations) | between.filter(
        achievement__institution__in=organisations
    )
    return concerned.order_by("-score", "pk")


@transaction.atomic
def ask_partners(timetable: Timetable, partners: Collection[tuple[str, str]], *, by: User) -> list[Meeting]:
    """Request a meeting for each (party, match) pair of public ids. Returns the requested meetings.

    A match that is not accepted is named in the reason of the meeting and not accepted by this. Raises
    PermissionDenied, ValidationError if a pair is no longer proposed.
    """
    check_city(by)
    proposed = {
        (unserved.party.public_id, partner.match.public_id): (unserved.party, partner)
        for unserved in unserved_parties(timetable)
        for partner in unserved.partners
    }
    asked: dict[frozenset[int], Meeting] = {}
    for key in partners:
        if key not in proposed:
            raise ValidationError("这条推荐已经变了（单位已有洽谈，或匹配有了结论），请刷新页面后再选。")
        party, partner = proposed[key]
        pair = frozenset((party.pk, partner.party.pk))
        if pair in asked:
            continue  # two parties without a meeting that are each other's best partner
        firm, team = (party, partner.party) if party.side == Party.Side.FIRM else (partner.party, party)
        is_accepted = partner.match.status == Match.Status.ACCEPTED
        asked[pair] = add_meeting(
            timetable.docking_round,
            firm,
            team,
            by=by,
            match=partner.match if is_accepted else None,
            topic=partner.match.achievement.title[:120],
            why=f"一方还没有洽谈，按匹配结果邀约：{partner.reason}"[:200],
        )
    return list(asked.values())


def best_partners(unserved: Iterable[UnservedParty]) -> list[tuple[str, str]]:
    """(party, match) of the first partner of each party that has one."""
    return [(row.party.public_id, row.partners[0].match.public_id) for row in unserved if row.partners]


@dataclass(frozen=True)
class FilledPlaces:
    """The draft with the new meetings: how many got a place, and what became of the others."""

    draft: Timetable
    placed: int
    moved: int
    cancelled: int


def fill_free_places(
    timetable: Timetable, meetings: Collection[Meeting], *, by: User, why: str = "为没有洽谈的单位补排"
) -> FilledPlaces:
    """Place these meetings in the draft, in a new draft with the reason `why` if the version is published.

    Others keep their places if their conditions still hold. Raises PermissionDenied, ValidationError.
    """
    check_city(by)
    if timetable.status not in (Status.DRAFT, Status.PUBLISHED):
        raise ValidationError("请先排出一版日程，再安排这些洽谈。")
    places = placements_of(timetable)
    try:
        snapshot = read_snapshot(timetable.docking_round, locked=places, lenient=True)
        plan = plan_of(snapshot, places, reasons_of(timetable))
        new = {meeting.pk for meeting in meetings if meeting.pk in snapshot.meetings}
        plan = Schedule(plan.assignments, {pk: why for pk, why in plan.left_out.items() if pk not in new})
        mended = repair(snapshot.event, plan, now=snapshot.now, seconds=REPAIR_SECONDS)
    except InvalidEventError as error:
        raise ValidationError([f"{problem}。" for problem in error.problems]) from error
    except SchedulingError as error:
        raise ValidationError(str(error)) from error
    with transaction.atomic():
        draft = _open_draft(timetable, snapshot.fingerprint, why, by)
        save_plan(
            draft,
            snapshot,
            mended.schedule,
            carried=missed_placements(places),
            locked={place.meeting_id for place in places if place.is_locked},
            by_hand={place.meeting_id for place in places if place.is_by_hand} - mended.difference.moved.keys(),
        )
        draft.best = (timetable.best | _progress(mended)) if timetable.best else _progress(mended)
        draft.revision += timetable.status == Status.DRAFT
        draft.save(update_fields=["best", "revision", "event_hash"])
        placed = len(new & {int(assignment.meeting) for assignment in mended.schedule.assignments})
        record("补排洽谈", draft, by=by, changes={"new": [0, placed]})
    difference = mended.difference
    return FilledPlaces(draft, placed, len(difference.moved), len(difference.cancelled))


def _open_draft(timetable: Timetable, fingerprint: str, why: str, by: User) -> Timetable:
    """The draft, locked; a new one if the version is published. Raises ValidationError if it has changed meanwhile."""
    docking_round = DockingRound.objects.select_for_update().get(pk=timetable.docking_round_id)
    row = Timetable.objects.select_for_update(of=("self",)).get(pk=timetable.pk)
    if (row.status, row.revision) != (timetable.status, timetable.revision):
        raise ValidationError("这一版刚被别人改过，洽谈已提出但还没有安排；页面刷新后请重新排期。")
    if row.status == Status.DRAFT:
        row.event_hash = fingerprint
        return row
    return new_version(
        docking_round,
        by=by,
        based_on=row,
        status=Status.DRAFT,
        why=why,
        parameters={"filled": True},
        event_hash=fingerprint,
        made_at=timezone.now(),
    )


def _progress(mended: RepairResult) -> dict[str, Any]:
    got = measure(mended.event, mended.schedule)
    return {
        "served": got.served,
        "weight": round(got.weight, 1),
        "gaps": got.gaps,
        "moves": got.moves,
        "placed": len(mended.schedule.assignments),
        "wanted": len(mended.event.meetings),
        "proven": False,
    }
