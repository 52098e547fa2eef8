"""Outcomes of meetings become statements about the match, and rejections that the matching learns from."""

from dataclasses import replace

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from audit.services import record
from demands.models import Demand
from demands.permissions import manages
from matching.models import FollowUp, Match, SideStatement
from matching.services.follow_up_owners import NoOwnerAvailable
from matching.services.meeting_decisions import record_unfit, undo_unfit
from matching.services.meeting_results import MeetingResult, create_manual_match, follow_up_after_meeting
from matching.services.statements import Word
from rounds.models import Meeting, Outcome
from rounds.services.anonymous_numbers import assign_anonymous_numbers

Side = Outcome.Side
Verdict = Outcome.Verdict
Capacity = SideStatement.Capacity
STANCES: dict[str, str] = {
    Verdict.INTENT: SideStatement.Stance.INTENT,
    Verdict.GO_ON: SideStatement.Stance.WILLING,
    Verdict.NO_FIT: SideStatement.Stance.NO,
}


@transaction.atomic
def follow_up_outcome(outcome: Outcome, *, by: User | None = None, word: Word | None = None) -> FollowUp | None:
    """Take the outcomes of a meeting to the follow-up of its match; called after each recorded outcome.

    Each outcome is the statement of its side only; that of the host is shown and asks both sides. Idempotent: a
    repeated call changes nothing. `word`: how this outcome was said, if not by the user or the code of its side.
    Returns None if nothing is to be followed up or the meeting has no match; then staff choose one (`pair_meeting`).
    """
    meeting = Meeting.objects.select_related(*_MEETING_RELATED).get(pk=outcome.meeting_id)
    outcomes = list(meeting.outcomes.select_related("recorded_by"))
    match = meeting.match or _single_match(meeting)
    if match is None or not outcomes:
        return None
    if meeting.match_id is None:
        _link_match(meeting, match)
    try:
        with transaction.atomic():
            _learn_from_refusals(meeting, match, outcomes)
            result = _meeting_result(meeting, outcomes, word)
            return follow_up_after_meeting(match, result, by=by)
    except NoOwnerAvailable:
        return None  # the outcome stays; it is followed up once there is an officer


def _learn_from_refusals(meeting: Meeting, match: Match, outcomes: list[Outcome]) -> None:
    """The reason of a side that found the pair unfit, or nothing any more if it has changed its mind."""
    refusals = [outcome for outcome in outcomes if outcome.side != Side.HOST and outcome.verdict == Verdict.NO_FIT]
    if not refusals:
        undo_unfit(match, meeting.public_id)
        return
    latest = max(refusals, key=lambda outcome: outcome.recorded_at)
    # The institution is notified unless it recorded the rejection itself.
    record_unfit(
        match,
        key=meeting.public_id,
        reason=latest.reason,
        by=latest.recorded_by,
        notify_institution=latest.side != Side.INSTITUTION,
    )


@transaction.atomic
def pair_meeting(meeting: Meeting, *, achievement: Achievement, demand: Demand, by: User) -> FollowUp | None:
    """Set the achievement and demand of a meeting without a match and follow up its outcome.

    Raises PermissionDenied outside the own district, ValidationError if the two do not belong to the meeting's sides or
    the meeting already has a match.
    """
    row = Meeting.objects.select_for_update(of=("self",)).select_related(*_MEETING_RELATED).get(pk=meeting.pk)
    firm = row.firm_party.organisation
    if not manages(by, firm):
        raise PermissionDenied("“%(firm)s”不在您的管理范围内。" % {"firm": firm})
    if row.match_id:
        raise ValidationError("这场洽谈已经对应到一项匹配。")
    if demand.firm_id != firm.pk or achievement.institution_id != row.institution_party.organisation_id:
        raise ValidationError("请选择洽谈双方自己的需求和成果。")
    agreed = FollowUp.objects.exclude(agreed_at=None).filter(match__demand=demand, match__achievement=achievement)
    if demand.is_anonymous and row.demand != demand and not agreed.exists():
        raise ValidationError(
            "“%(title)s”是匿名发布的，而双方在这场洽谈里用的是单位名称，指明后院校就知道是哪家企业。"
            "请选择不匿名的需求，或者等双方都同意对接后再指明。" % {"title": demand}
        )
    title = "%(round)s 现场洽谈" % {"round": row.docking_round.name}
    match = create_manual_match(achievement, demand, by=by, title=title)
    _link_match(row, match)
    if row.match_id is None:
        raise ValidationError("双方就这项内容已有另一场洽谈，请在那一场里记录。")
    record("指明洽谈内容", row, by=by, changes={"match": [None, str(match)]})
    meeting.refresh_from_db()
    last = row.outcomes.order_by("-recorded_at").first()
    return follow_up_outcome(last, by=last.recorded_by) if last else None


def both_intend(meeting: Meeting) -> bool:
    """Whether each side of the meeting has itself recorded 有意向."""
    return meeting.outcomes.own().filter(verdict=Verdict.INTENT).count() == len(Outcome.OWN_SIDES)


def _meeting_result(meeting: Meeting, outcomes: list[Outcome], word: Word | None) -> MeetingResult:
    began = meeting.begun_at or meeting.ended_at or meeting.docking_round.starts_at
    own = sorted((row for row in outcomes if row.side != Side.HOST), key=lambda row: row.recorded_at)
    host = next((row for row in outcomes if row.side == Side.HOST), None)
    days = [row.next_on for row in own if row.next_on]
    steps = dict.fromkeys(row.next_step for row in own if row.next_step)
    return MeetingResult(
        key=meeting.public_id,
        met_on=timezone.localdate(began),
        words=[_word_of(row, word) for row in own],
        host=_host_word(host) if host and host.recorded_by else None,
        note="；".join(steps),
        next_on=min(days) if days else None,
    )


def _word_of(outcome: Outcome, word: Word | None) -> Word:
    stance, said_at = STANCES[outcome.verdict], outcome.recorded_at
    if word is not None and word.side == outcome.side:
        return replace(word, stance=stance, said_at=said_at)
    capacity = Capacity.ACCOUNT if outcome.recorded_by else Capacity.CODE
    return Word(outcome.side, stance, capacity, by=outcome.recorded_by, said_at=said_at)


def _host_word(outcome: Outcome) -> Word:
    return Word(Side.HOST, STANCES[outcome.verdict], Capacity.HOST, by=outcome.recorded_by, said_at=outcome.recorded_at)


def _single_match(meeting: Meeting) -> Match | None:
    """Return the only match of the two organisations: the only accepted one, or else the only one.

    Not one about an anonymous demand whose firm the institution does not know yet: the two met under their names.
    """
    rows = Match.objects.filter(
        demand__firm=meeting.firm_party.organisation_id,
        achievement__institution=meeting.institution_party.organisation_id,
    ).exclude(status=Match.Status.DUPLICATE)
    rows = rows.exclude(Q(demand__is_anonymous=True) & Q(follow_up__agreed_at=None))
    accepted = list(rows.accepted()[:2])
    matches = accepted or list(rows[:2])
    return matches[0] if len(matches) == 1 else None


def _link_match(meeting: Meeting, match: Match) -> None:
    """Set the match of the meeting unless another meeting of the same parties already has it."""
    try:
        with transaction.atomic():
            Meeting.objects.filter(pk=meeting.pk, match=None).update(match=match, anonymous_number=None)
            meeting.match = match
            assign_anonymous_numbers(meeting.docking_round)
            meeting.refresh_from_db(fields=["anonymous_number"])
    except IntegrityError:
        meeting.match = None


_MEETING_RELATED = ("docking_round", "match", "firm_party__organisation", "institution_party__organisation")
