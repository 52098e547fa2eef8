"""Requested meetings of a round: from accepted matches of coming parties, from firms, institutions and staff."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.timezone import localtime

from accounts.models import User
from achievements.models import Achievement
from audit.services import record, record_many
from audit.transitions import transition
from demands.models import Demand
from matching.models import FollowUp, Match
from rounds.models import DockingRound, Meeting, MeetingRequest, Party
from rounds.planning.stored_plans import remove_from_drafts
from rounds.services import timetable_notifications
from rounds.services.anonymous_numbers import assign_anonymous_numbers
from rounds.services.meeting_acceptance import ask_sides, first_words, willing_sides

Status, Origin = Meeting.Status, Meeting.Origin
PRIORITIES = {3: "高", 2: "中", 1: "低"}
AGREED_PRIORITY = 3
"""Priority of a meeting that both sides have agreed to; others have the default."""


type PartiesByOrganisation = dict[int, list[Party]]


@dataclass
class GatheredMeetings:
    """Numbers of new and known meetings, and a text for each skipped or dropped one."""

    new: int = 0
    known: int = 0
    skipped: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


@transaction.atomic
def gather_meetings(docking_round: DockingRound, *, by: User | None) -> GatheredMeetings:
    """Create a meeting for each accepted match whose firm and institution both come. Idempotent.

    A side that has not said it is willing still has to accept the talk (`meeting_acceptance`).
    Existing and dropped meetings stay unchanged. A meeting whose achievement or demand is no longer on offer is dropped
    with that reason. Raises PermissionDenied, ValidationError.
    """
    _check_city(by)
    row = _open_round(docking_round)
    gathered = GatheredMeetings()
    _drop_withdrawn(row, gathered, by)
    firms, teams = _coming_parties(row)
    had = set(row.meetings.exclude(match=None).values_list("match_id", flat=True))
    matches = (
        Match.objects.accepted()
        .filter(demand__firm__in=firms, achievement__institution__in=teams)
        .select_related("demand", "achievement", "follow_up")
        .prefetch_related("follow_up__responses")
        .order_by("pk")
    )
    met = dict(Meeting.objects.held().filter(match__in=matches).values_list("match_id", "docking_round__name"))
    new = []
    for match in matches:
        if match.pk in had:
            gathered.known += 1
        elif match.pk in met:
            gathered.skipped.append("%(match)s：已在“%(round)s”洽谈" % {"match": match, "round": met[match.pk]})
        elif reason := _obstacle(match):
            gathered.skipped.append(f"{match}：{reason}")
        else:
            new.append(_build_meeting(row, match, firms, teams, by))
    Meeting.objects.bulk_create(new, batch_size=1000)
    assign_anonymous_numbers(row)
    gathered.new = len(new)
    if gathered.new or gathered.dropped:
        record("汇总洽谈", row, by=by, changes={"new": [0, gathered.new], "dropped": [0, len(gathered.dropped)]})
    return gathered


@transaction.atomic
def add_meeting(
    docking_round: DockingRound,
    firm_party: Party,
    institution_party: Party,
    *,
    by: User | None,
    match: Match | None = None,
    topic: str = "",
    priority: int = 2,
    is_must: bool = False,
    origin: str = "",
    why: str = "",
) -> Meeting:
    """Add a meeting of two coming parties, requested by one of them or by staff.

    `by` represents one of the sides, the firm's district or the city; None for internal callers that have checked the
    permission. Only the city may set `is_must`. Staff who add a dropped meeting restore it. Raises PermissionDenied,
    ValidationError.
    """
    own_origin = _origin_for(by, firm_party, institution_party)
    row = _open_round(docking_round)
    if firm_party.pk == institution_party.pk:
        raise ValidationError("洽谈的双方不能是同一个单位，请另选一方。")
    for party, side in ((firm_party, Party.Side.FIRM), (institution_party, Party.Side.INSTITUTION)):
        if party.docking_round_id != row.pk:
            raise ValidationError("“%(party)s”不在“%(round)s”的参会名单中，请先加入。" % {"party": party, "round": row})
        if party.side != side:
            raise ValidationError("洽谈的一方应是企业，另一方应是院校团队。")
        if party.answer != Party.Answer.COMING:
            raise ValidationError("“%(party)s”还没有答复参加，请先登记它的答复。" % {"party": party})
        if by is not None:
            _check_available(row, party)
    if is_must and by is not None and not by.scope.is_city:
        raise PermissionDenied("只有市级专员可以要求必须安排。")
    origin = origin or own_origin
    meeting = Meeting(
        docking_round=row,
        firm_party=firm_party,
        institution_party=institution_party,
        match=match,
        topic=topic.strip(),
        priority=priority,
        is_must=is_must,
        origin=origin,
        why=why.strip()[:200],
        made_by=by,
        **first_words(row, origin, willing_sides(match)),
    )
    meeting.full_clean(exclude=["made_by", "docking_round", "unmatched_demand"], validate_unique=False)
    try:
        with transaction.atomic():
            meeting.save()
    except IntegrityError as error:
        return _restore_meeting(meeting, error, by)
    assign_anonymous_numbers(row)
    meeting.refresh_from_db(fields=["anonymous_number"])
    record("添加洽谈", meeting, by=by, changes={"why": [None, meeting.why]} if meeting.why else None)
    ask_sides(meeting.asked_sides, by=by)
    return meeting


RESTORED_FIELDS = ("topic", "priority", "is_must", "origin", "why", "firm_word", "institution_word")


def asked_anew(by: User | None) -> dict[str, Any]:
    """Values of a cancelled meeting that is restored. Nobody has accepted it; the time to answer runs from now."""
    return {
        "status": Status.WANTED,
        "dropped_reason": "",
        "firm_accepted_at": None,
        "made_at": timezone.now(),
        "made_by": by,
    }


def _restore_meeting(meeting: Meeting, error: IntegrityError, by: User | None) -> Meeting:
    """Restore the dropped meeting of this pair; refuse any other duplicate."""
    pair = {"firm_party": meeting.firm_party, "institution_party": meeting.institution_party, "match": meeting.match}
    there = Meeting.objects.filter(unmatched_demand=None, **pair)
    again = there.filter(status=Status.DROPPED) if meeting.origin == Origin.STAFF else there.none()
    values = {name: getattr(meeting, name) for name in RESTORED_FIELDS}
    if not again.update(**asked_anew(by), **values):
        raise ValidationError(
            "“%(firm)s”和“%(office)s”就这项内容已有一场洽谈。"
            % {"firm": meeting.firm_party, "office": meeting.institution_party}
        ) from error
    restored = there.get()
    record("恢复洽谈", restored, by=by, changes={"status": [str(Status.DROPPED.label), str(Status.WANTED.label)]})
    ask_sides(restored.asked_sides, by=by)
    return restored


def _check_available(docking_round: DockingRound, party: Party) -> None:
    """Raise ValidationError if nobody of the party is present in any slot."""
    if not party.organisation.is_active:
        raise ValidationError("“%(party)s”已在单位名录中停用，不能安排洽谈。" % {"party": party})
    if party.absent_at:
        raise ValidationError("“%(party)s”已记为未到，请先恢复到场。" % {"party": party})
    slots = docking_round.slots.all()
    within = slots
    if party.arrives_at:
        within = within.filter(starts_at__gte=party.arrives_at)
    if party.leaves_at:
        within = within.filter(ends_at__lte=party.leaves_at)
    if within.exists() or not slots.exists():
        return
    at = [f"{localtime(moment):%H:%M}" if moment else "" for moment in (party.arrives_at, party.leaves_at)]
    presence = "、".join([*(["%s 到场" % at[0]] if at[0] else []), *(["%s 离场" % at[1]] if at[1] else [])])
    raise ValidationError(
        "“%(party)s”在所有洽谈时段都不在场（%(details)s），请先核对它的到离场时间。"
        % {"party": party, "details": presence}
    )


@transaction.atomic
def drop_meeting(meeting: Meeting, *, reason: str, by: User) -> None:
    """待洽谈 → 已取消, with a reason. Removes it from drafts; if it is published, both sides are notified.

    Raises PermissionDenied, ValidationError.
    """
    _origin_for(by, meeting.firm_party, meeting.institution_party)
    reason = reason.strip()[:200]
    if not reason:
        raise ValidationError("取消洽谈请说明原因。")
    transition(
        meeting,
        when={"status": Status.WANTED},
        values={"status": Status.DROPPED, "dropped_reason": reason},
        refusal=lambda row: "这场洽谈现在是“%(now)s”，不能取消。" % {"now": row.get_status_display()},
        action="取消洽谈",
        by=by,
        changes={"dropped_reason": ["", reason]},
    )
    # The reason is for staff: the requesting side reads only that the request was refused.
    MeetingRequest.objects.active().filter(meeting=meeting).update(status=MeetingRequest.Status.REFUSED, is_most=False)
    remove_from_drafts([meeting.pk])
    timetable_notifications.notify_meeting_dropped(meeting)


@transaction.atomic
def set_priority(meeting: Meeting, *, priority: int, is_must: bool, by: User) -> None:
    """Set the priority of a meeting for the next plan. Raises PermissionDenied, ValidationError."""
    _check_city(by)
    before = [meeting.priority, meeting.is_must]
    meeting.priority, meeting.is_must = priority, is_must
    meeting.full_clean(exclude=["made_by", "docking_round", "match"], validate_unique=False)
    if not Meeting.objects.filter(pk=meeting.pk, status=Status.WANTED).update(priority=priority, is_must=is_must):
        raise ValidationError("这场洽谈已经开始或取消，不能再改优先级。")
    record("调整洽谈优先级", meeting, by=by, changes={"priority": [before, [priority, is_must]]})


@dataclass
class PriorityChanges:
    """Number of meetings with a new priority, and a text for each refused one."""

    changed: int = 0
    refused: list[str] = field(default_factory=list)


@transaction.atomic
def set_priorities(
    meetings: Collection[Meeting],
    *,
    by: User,
    priority: int | None = None,
    is_must: bool | None = None,
    seen: Mapping[int, tuple[int, bool]] | None = None,
) -> PriorityChanges:
    """Set the priorities of many meetings; None leaves a column unchanged.

    `seen` is {meeting: (priority, is_must)} as the sender saw it: rows changed since are refused. Raises
    PermissionDenied, ValidationError if nothing is to be changed or the priority is invalid.
    """
    _check_city(by)
    if priority is None and is_must is None:
        raise ValidationError("请选择新的优先级。")
    if priority is not None and priority not in PRIORITIES:
        raise ValidationError("优先级只有高、中、低（3、2、1）。")
    rows = (
        Meeting.objects.select_for_update(of=("self",))
        .filter(pk__in=[meeting.pk for meeting in meetings])
        .order_by("pk")
    )
    done, changes = PriorityChanges(), {}
    for row in rows.select_related("firm_party__organisation", "institution_party__organisation"):
        now = (row.priority, row.is_must)
        wanted = (row.priority if priority is None else priority, row.is_must if is_must is None else is_must)
        if row.status != Status.WANTED:
            done.refused.append("%(meeting)s：已经开始或取消，不能再改优先级" % {"meeting": row})
        elif seen is not None and seen.get(row.pk, now) != now:
            done.refused.append(
                "%(meeting)s：刚由别人改为“%(now)s”，没有覆盖" % {"meeting": row, "now": priority_text(*now)}
            )
        elif wanted != now:
            row.priority, row.is_must = wanted
            changes[row] = {"priority": [list(now), list(wanted)]}
    Meeting.objects.bulk_update(changes, ["priority", "is_must"], batch_size=500)
    record_many("调整洽谈优先级", changes, by=by)
    done.changed = len(changes)
    return done


def priority_text(priority: int, is_must: bool) -> str:
    return PRIORITIES[priority] + ("，必须安排" if is_must else "")


def _coming_parties(docking_round: DockingRound) -> tuple[PartiesByOrganisation, PartiesByOrganisation]:
    """Return {organisation: its coming parties} of firms and of institutions; parties without a team first."""
    sides: dict[str, PartiesByOrganisation] = {side: defaultdict(list) for side in Party.Side}
    for party in docking_round.parties.coming().order_by("team", "pk"):
        sides[party.side][party.organisation_id].append(party)
    return sides[Party.Side.FIRM], sides[Party.Side.INSTITUTION]


def _build_meeting(
    docking_round: DockingRound,
    match: Match,
    firms: PartiesByOrganisation,
    teams: PartiesByOrganisation,
    by: User | None,
) -> Meeting:
    follow_up = getattr(match, "follow_up", None)
    return Meeting(
        docking_round=docking_round,
        firm_party=firms[match.demand.firm_id][0],
        institution_party=institution_party_for(match.achievement, teams[match.achievement.institution_id]),
        match=match,
        topic=match.achievement.title[:120],
        origin=Origin.MATCH,
        priority=AGREED_PRIORITY if follow_up and follow_up.is_agreed else 2,
        made_by=by,
        **first_words(docking_round, Origin.MATCH, willing_sides(match)),
    )


def institution_party_for(achievement: Achievement, teams: list[Party]) -> Party:
    """Return the institution's party whose team name occurs in the title or keywords, else the first one."""
    text = f"{achievement.title} {achievement.keywords}"
    return next((team for team in teams if team.team and team.team in text), teams[0])


def _obstacle(match: Match) -> str:
    """Return why an accepted match is no longer a reason to meet; empty if it is."""
    if match.achievement.status not in Achievement.OFFERED:
        return "成果现在是“%(now)s”" % {"now": match.achievement.get_status_display()}
    if match.demand.status not in Demand.OPEN:
        return "需求现在是“%(now)s”" % {"now": match.demand.get_status_display()}
    follow_up = getattr(match, "follow_up", None)
    if follow_up and follow_up.status == FollowUp.Status.CLOSED:
        return "对接已结束（%(reason)s）" % {"reason": follow_up.get_closed_reason_display()}
    return ""


def _drop_withdrawn(docking_round: DockingRound, gathered: GatheredMeetings, by: User | None) -> None:
    wanted = docking_round.meetings.filter(status=Status.WANTED).exclude(match=None)
    gone = []
    for meeting in wanted.select_related(
        "match__demand",
        "match__achievement",
        "match__follow_up",
        "firm_party__organisation",
        "institution_party__organisation",
    ):
        match = meeting.match
        reason = _obstacle(match) if match and match.status == Match.Status.ACCEPTED else "匹配已撤回"
        if reason:
            Meeting.objects.filter(pk=meeting.pk, status=Status.WANTED).update(
                status=Status.DROPPED, dropped_reason=reason
            )
            gone.append(meeting.pk)
            gathered.dropped.append(f"{meeting}：{reason}")
    remove_from_drafts(gone)


def _open_round(docking_round: DockingRound) -> DockingRound:
    row = DockingRound.objects.get(pk=docking_round.pk)
    if row.status not in DockingRound.OPEN:
        raise ValidationError("“%(round)s”已经结束，不能再安排洽谈。" % {"round": row})
    return row


def _origin_for(by: User | None, firm_party: Party, institution_party: Party) -> str:
    """Return the origin of a meeting that this user adds or drops. Raises PermissionDenied."""
    if by is None:
        return Origin.STAFF
    scope = by.scope
    if scope.is_city or firm_party.organisation.stat_region_id in scope.region_ids:
        return Origin.STAFF
    if firm_party.organisation_id in scope.firm_ids:
        return Origin.FIRM
    if institution_party.organisation_id in scope.institution_ids:
        return Origin.INSTITUTION
    raise PermissionDenied("只能安排本单位或本区企业的洽谈。")


def _check_city(by: User | None) -> None:
    if by is not None and not by.scope.is_city:
        raise PermissionDenied("只有市级专员可以汇总和调整洽谈。")
