"""不适合，因为…: a firm or an institution says why a pair does not fit, and takes it back; staff lift its effect."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from achievements.permissions import represents_institution
from audit.services import record
from audit.transitions import constraint_message, transition
from core.plain_text import clean_reason
from core.public_text import personal_data_message, personal_finds
from core.throttling import exceeds
from demands.models import Demand
from demands.permissions import manages, owns
from matching.models import Match, Question, SideFeedback
from sheets.cells import clean_text

Side = Question.Side
Reason = Match.RejectReason
REASONS = {
    Side.FIRM: tuple(Reason),
    Side.INSTITUTION: tuple(reason for reason in Reason if reason != Reason.HAS_SUPPLIER),
}
"""Only a firm knows that it has a supplier."""
MAX_PER_HOUR = 60
NOTE_LENGTH = 300


def side_of(achievement: Achievement, demand: Demand, by: User) -> Side | None:
    """The side of the pair for which the user speaks; None if it is none of theirs."""
    if owns(by, demand.firm):
        return Side.FIRM
    return Side.INSTITUTION if represents_institution(achievement, by) else None


def say_unfit(achievement: Achievement, demand: Demand, *, reason: str, by: User, note: str = "") -> SideFeedback:
    """Store that a side finds the pair unfit. Later proposals are lowered among what is the side's own.

    The other item must be visible to the user. Raises PermissionDenied for a foreign pair; ValidationError for an
    unknown reason, personal data in the note, a closed demand, a second feedback, or too many in an hour.
    """
    side = side_of(achievement, demand, by)
    if side is None or not _sees_other_item(side, achievement, demand, by):
        raise PermissionDenied("只有这项需求的企业和这项成果的院校可以反馈不适合。")
    if reason not in REASONS[side]:
        raise ValidationError({"reason": "请选择不适合的原因。"})
    if demand.status not in Demand.OPEN:
        raise ValidationError(
            "“%(title)s”现在是“%(now)s”，不再匹配，不需要反馈。"
            % {"title": demand.public_text("title"), "now": demand.get_status_display()}
        )
    note = clean_text(note, multiline=True)
    if len(note) > NOTE_LENGTH:
        raise ValidationError({"note": f"说明有 {len(note)} 个字，最多 {NOTE_LENGTH} 个字，请精简。"})
    if finds := personal_finds(note):
        raise ValidationError({"note": personal_data_message(finds)})
    if reason == Reason.OTHER and not note:
        raise ValidationError({"note": "选“其他原因”时，请用一句话说明。"})
    if exceeds("side-feedback", str(by.pk), MAX_PER_HOUR, 3600):
        raise ValidationError(f"一小时内最多反馈 {MAX_PER_HOUR} 条，请稍后再继续。")
    feedback = SideFeedback(achievement=achievement, demand=demand, side=side, reason=reason, note=note, by=by)
    try:
        with transaction.atomic():
            feedback.save(force_insert=True)
            record("反馈不适合", feedback, by=by, changes={"side": [None, side], "reason": [None, reason]})
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, SideFeedback)) from None
    return feedback


def withdraw_feedback(feedback: SideFeedback, *, by: User) -> None:
    """撤回 by a user of the side; its effect ends with the next run. Raises PermissionDenied, ValidationError."""
    if not SideFeedback.objects.said_by(by).filter(pk=feedback.pk).exists():
        raise PermissionDenied("只有反馈的单位可以撤回。")
    _end(feedback, "撤回不适合的反馈", by=by, reason="")


def lift_feedback(feedback: SideFeedback, *, by: User, reason: str) -> None:
    """解除影响 by staff of the demand's district or the city. Raises PermissionDenied, ValidationError."""
    if not manages(by, feedback.demand.firm):
        raise PermissionDenied("由需求所在区县的专员或市级专员解除。")
    _end(feedback, "解除反馈的影响", by=by, reason=clean_reason(reason, "企业已说明是误填", 200))


def withdraw_own_feedback(match: Match, side: str, *, by: User | None) -> None:
    """The side is willing to talk about the pair after all. Does nothing without feedback of this side in force."""
    rows = SideFeedback.objects.in_force().filter(achievement=match.achievement_id, demand=match.demand_id, side=side)
    if by is not None and (feedback := rows.first()):
        _end(feedback, "撤回不适合的反馈", by=by, reason="")


def _sees_other_item(side: Side, achievement: Achievement, demand: Demand, by: User) -> bool:
    if Match.objects.accepted().visible_to(by).filter(achievement=achievement, demand=demand).exists():
        return True
    if side == Side.FIRM:
        return Achievement.objects.visible_to(by).filter(pk=achievement.pk).exists()
    return Demand.objects.visible_to(by).filter(pk=demand.pk).exists()


def _end(feedback: SideFeedback, action: str, *, by: User, reason: str) -> None:
    transition(
        feedback,
        when={"ended_at": None},
        values={"ended_at": timezone.now(), "ended_by": by, "end_reason": reason},
        refusal="这条反馈已经失效，不需要再撤回或解除。",
        action=action,
        by=by,
        changes={"ended_at": [None, "now"]} | ({"reason": [None, reason]} if reason else {}),
    )
