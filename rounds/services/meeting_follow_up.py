"""After the talk: what both sides said of it becomes a follow-up of the pair, or a reason the matching learns from."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from achievements.models import Achievement
from audit.services import record
from demands.models import Demand
from demands.permissions import manages
from matching.models import FollowUp, Match
from matching.services.follow_up_owners import NoOwnerAvailable
from matching.services.meeting_results import MeetingResult, create_manual_match, follow_up_after_meeting, record_unfit
from rounds.models import Meeting, Outcome

Side = Outcome.Side
Verdict = Outcome.Verdict


@transaction.atomic
def follow_outcome(outcome: Outcome, *, by=None) -> FollowUp | None:
    """What follows from all that has been said of this talk so far; called whenever an outcome was written down.

    What a side says goes before what the table's host says for it. One 不合适 is enough: nobody is followed against
    their will. Told twice, or by the second side, it goes on from where it was. None where the talk did not fit, or was
    about no known pair: then it waits for staff to name one (`pair_meeting`).
    """
    meeting = Meeting.objects.select_related(*_OF_MEETING).get(pk=outcome.meeting_id)
    said = words_of(meeting)
    match = meeting.match or _only_match(meeting)
    if match is None or not said:
        return None
    if meeting.match_id is None:
        _name_match(meeting, match)
    try:
        with transaction.atomic():
            return _carry_on(meeting, match, said, by)
    except NoOwnerAvailable:
        return None  # what was said stands, and is followed once there is an officer


def _carry_on(meeting: Meeting, match: Match, said: list[Outcome], by) -> FollowUp | None:
    against = next((one for one in said if one.verdict == Verdict.NO_FIT), None)
    if against:
        # An institution's own word needs not be told to it; where nobody asked the firm, the host speaks for both.
        notify_institution = against.side != Side.OFFICE
        record_unfit(match, key=meeting.public_id, reason=against.reason, by=by, notify_institution=notify_institution)
        return None
    return follow_up_after_meeting(match, _talk(meeting, said), by=by)


@transaction.atomic
def pair_meeting(meeting: Meeting, *, achievement: Achievement, demand: Demand, by) -> FollowUp | None:
    """Staff say which achievement and which need a talk was about; then it is followed like any other.

    Raises PermissionDenied outside the own district, ValidationError where the two do not belong to the talk's sides,
    or it has a pair already.
    """
    row = Meeting.objects.select_for_update(of=("self",)).select_related(*_OF_MEETING).get(pk=meeting.pk)
    firm = row.firm_party.organisation
    if not manages(by, firm):
        raise PermissionDenied(_("“%(firm)s”不在您的管理范围内。") % {"firm": firm})
    if row.match_id:
        raise ValidationError(_("这场洽谈已经对应到一项匹配。"))
    if demand.firm_id != firm.pk or achievement.institution_id != row.office_party.organisation_id:
        raise ValidationError(_("请选择洽谈双方自己的需求和成果。"))
    title = _("%(round)s 现场洽谈") % {"round": row.docking_round.name}
    match = create_manual_match(achievement, demand, by=by, title=title)
    _name_match(row, match)
    if row.match_id is None:
        raise ValidationError(_("双方就这项内容已有另一场洽谈，请在那一场里记录。"))
    record("指明洽谈内容", row, by=by, changes={"match": [None, str(match)]})
    meeting.refresh_from_db()
    last = row.outcomes.order_by("-recorded_at").first()
    return follow_outcome(last, by=last.recorded_by) if last else None


def words_of(meeting: Meeting) -> list[Outcome]:
    """The outcomes that count: those of the two sides, or the host's where neither has spoken."""
    rows = {row.side: row for row in meeting.outcomes.select_related("recorded_by")}
    own = [rows[side] for side in (Side.FIRM, Side.OFFICE) if side in rows]
    return own or list(rows.values())


def _talk(meeting: Meeting, said: list[Outcome]) -> MeetingResult:
    began = meeting.begun_at or meeting.ended_at or meeting.docking_round.starts_at
    days = [one.next_on for one in said if one.next_on]
    steps = dict.fromkeys(one.next_step for one in said if one.next_step)
    return MeetingResult(
        key=meeting.public_id,
        met_on=timezone.localdate(began),
        has_intent=all(one.verdict == Verdict.INTENT for one in said),
        note="；".join(steps),
        next_on=min(days) if days else None,
    )


def _only_match(meeting: Meeting) -> Match | None:
    """The one match of the two organisations, if there is just one: the one accepted, or else the one there is."""
    rows = Match.objects.filter(
        demand__firm=meeting.firm_party.organisation_id,
        achievement__institution=meeting.office_party.organisation_id,
    ).exclude(status=Match.Status.DUPLICATE)
    accepted = list(rows.accepted()[:2])
    found = accepted or list(rows[:2])
    return found[0] if len(found) == 1 else None


def _name_match(meeting: Meeting, match: Match) -> None:
    """Two talks of the same parties about one match cannot stand beside each other: then this one stays without."""
    try:
        with transaction.atomic():
            Meeting.objects.filter(pk=meeting.pk, match=None).update(match=match)
            meeting.match = match
    except IntegrityError:
        meeting.match = None


_OF_MEETING = ("docking_round", "match", "firm_party__organisation", "office_party__organisation")
