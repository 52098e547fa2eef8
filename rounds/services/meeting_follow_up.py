"""Outcomes of meetings become follow-ups of the match, or rejections that the matching learns from."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from audit.services import record
from demands.models import Demand
from demands.permissions import manages
from matching.models import FollowUp, Match
from matching.services.follow_up_owners import NoOwnerAvailable
from matching.services.meeting_results import MeetingResult, create_manual_match, follow_up_after_meeting, record_unfit
from rounds.models import Meeting, Outcome
from rounds.services.anonymous_numbers import assign_anonymous_numbers

Side = Outcome.Side
Verdict = Outcome.Verdict


@transaction.atomic
def follow_up_outcome(outcome: Outcome, *, by: User | None = None) -> FollowUp | None:
    """Create or update the follow-up of a meeting from all its outcomes; called after each recorded outcome.

    The outcomes of the two sides count before the host's. One 不合适 is enough to reject. Idempotent: a repeated call
    or the second side's outcome updates the existing follow-up. Returns None if the meeting did not fit or has no
    match; then staff choose one (`pair_meeting`).
    """
    meeting = Meeting.objects.select_related(*_MEETING_RELATED).get(pk=outcome.meeting_id)
    outcomes = counting_outcomes(meeting)
    match = meeting.match or _single_match(meeting)
    if match is None or not outcomes:
        return None
    if meeting.match_id is None:
        _link_match(meeting, match)
    try:
        with transaction.atomic():
            return _update_follow_up(meeting, match, outcomes, by)
    except NoOwnerAvailable:
        return None  # the outcome stays; it is followed up once there is an officer


def _update_follow_up(meeting: Meeting, match: Match, outcomes: list[Outcome], by: User | None) -> FollowUp | None:
    against = next((outcome for outcome in outcomes if outcome.verdict == Verdict.NO_FIT), None)
    if against:
        # The institution is notified unless it recorded the rejection itself.
        record_unfit(
            match,
            key=meeting.public_id,
            reason=against.reason,
            by=by,
            notify_institution=against.side != Side.INSTITUTION,
        )
        return None
    return follow_up_after_meeting(match, _meeting_result(meeting, outcomes), by=by)


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


def counting_outcomes(meeting: Meeting) -> list[Outcome]:
    """Return the outcomes of the two sides, or the host's if neither side has recorded one."""
    rows = {row.side: row for row in meeting.outcomes.select_related("recorded_by")}
    own = [rows[side] for side in (Side.FIRM, Side.INSTITUTION) if side in rows]
    return own or list(rows.values())


def _meeting_result(meeting: Meeting, outcomes: list[Outcome]) -> MeetingResult:
    began = meeting.begun_at or meeting.ended_at or meeting.docking_round.starts_at
    days = [outcome.next_on for outcome in outcomes if outcome.next_on]
    steps = dict.fromkeys(outcome.next_step for outcome in outcomes if outcome.next_step)
    return MeetingResult(
        key=meeting.public_id,
        met_on=timezone.localdate(began),
        has_intent=all(outcome.verdict == Verdict.INTENT for outcome in outcomes),
        note="；".join(steps),
        next_on=min(days) if days else None,
    )


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
