"""Surveys 30, 60 and 90 days after a meeting: sent, reminded of, answered by link or by telephone.

已签约 is the firm's own intent if the firm answers itself. From a call it is the owner's word, which both sides
confirm.
"""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from matching.models import ConfirmationRequest, FollowUp, FollowUpCheck, FollowUpStep, Question, SideStatement
from matching.services.confirmation_requests import ask_to_confirm, end_request
from matching.services.confirmations import ask_other_side
from matching.services.consent import settle
from matching.services.follow_up_status import lock_follow_up, require_may_manage
from matching.services.meeting_notifications import notify_check_answered, send_check
from matching.services.statements import Word, binding_words, is_intent, record_statement, valid_words

Answer = FollowUpCheck.Answer
Side = Question.Side
Stance = SideStatement.Stance
Capacity = SideStatement.Capacity
MAX_DAYS_AHEAD = timedelta(days=365)
MAX_SENT_AT_ONCE = 200
RELATED = ("follow_up__owner", "follow_up__match__achievement__institution", "follow_up__match__demand__firm")


def send_checks() -> int:
    """Send each due survey once and one reminder for each that stays unanswered. Returns the number sent.

    If several surveys of a follow-up are due at once (its meeting was recorded late), only the latest is sent and the
    others are dropped.
    """
    count = 0
    due = FollowUpCheck.objects.to_be_sent().order_by("follow_up", "-due_on")
    for check in due.select_related(*RELATED)[:MAX_SENT_AT_ONCE]:
        count += _send(check)
    for check in FollowUpCheck.objects.to_be_reminded().select_related(*RELATED)[:MAX_SENT_AT_ONCE]:
        with transaction.atomic():
            waiting = FollowUpCheck.objects.filter(pk=check.pk, reminded_at=None, answered_at=None)
            if waiting.update(reminded_at=timezone.now()):
                send_check(check, is_reminder=True)
                count += 1
    return count


@transaction.atomic
def _send(check: FollowUpCheck) -> bool:
    waiting = FollowUpCheck.objects.filter(pk=check.pk, sent_at=None, answered_at=None, dropped_at=None)
    if not waiting.update(sent_at=timezone.now()):
        return False
    older = check.follow_up.checks.filter(due_on__lt=check.due_on, answered_at=None, dropped_at=None)
    older.update(dropped_at=timezone.now())
    send_check(check)
    return True


def get_check_by_code(code: str) -> FollowUpCheck | None:
    """The sent survey of this code; None for an unknown code and for a survey that was dropped."""
    rows = FollowUpCheck.objects.exclude(sent_at=None).filter(dropped_at=None)
    return rows.select_related(*RELATED).filter(code=code).first()


@transaction.atomic
def answer_check(
    check: FollowUpCheck,
    *,
    answer: str,
    reason: str = "",
    note: str = "",
    next_on: date | None = None,
    by: User | None = None,
) -> None:
    """Record the answer of the firm and notify the owner. A survey is answered once.

    `by`: the user who records a telephone answer; None if the firm answers through the link. Raises PermissionDenied if
    `by` may not manage the follow-up, ValidationError (codes "closed" and "answered" if it is too late).
    """
    row = lock_follow_up(check.follow_up_id)
    if by is not None:
        require_may_manage(row, by)
    if not row.is_agreed:
        raise ValidationError("这项对接已经结束，不需要再答复。", code="closed")
    _require_valid_answer(answer, reason, next_on)
    values = {
        "answer": answer,
        "reason": reason if answer == Answer.NO_PROGRESS else "",
        "note": note.strip()[:300],
        "next_on": next_on,
        "answered_at": timezone.now(),
        "answered_by": by,
    }
    unanswered = FollowUpCheck.objects.filter(pk=check.pk, answered_at=None, dropped_at=None)
    if not unanswered.update(**values):
        raise ValidationError("这次回访已经答复过了；如有变化，请联系跟进人。", code="answered")
    check.refresh_from_db()
    _apply_answer(row, check, by)
    changes = {"check": [None, check.kind], "answer": [None, answer]}
    record("答复会后回访", row, by=by, changes=changes | ({} if by else {"by_link": [None, True]}))
    notify_check_answered(check, by)


def _apply_answer(row: FollowUp, check: FollowUpCheck, by: User | None) -> None:
    """Update the next day of the follow-up, add a history entry, and take up an intent."""
    later = row.checks.filter(due_on__gt=timezone.localdate(), dropped_at=None, answered_at=None).order_by("due_on")
    next_on = check.next_on or later.values_list("due_on", flat=True).first()
    next_on = next_on or timezone.localdate() + timedelta(days=int(FollowUpCheck.Kind.D30))
    if row.status in FollowUp.FOLLOWED:
        FollowUp.objects.filter(pk=row.pk).update(next_on=next_on)
        row.refresh_from_db()
    reason = check.get_reason_display()
    words = "，".join(filter(None, (check.get_answer_display(), reason, check.note)))
    note = "%(kind)s回访，企业答复：%(words)s" % {"kind": check.get_kind_display(), "words": words}
    FollowUpStep.objects.create(follow_up=row, status=row.status, note=note[:1000], next_on=row.next_on, by=by)
    if check.answer == Answer.SIGNED and row.status == FollowUp.Status.TALKS:
        _take_up_intent(row, check, by)


def _take_up_intent(row: FollowUp, check: FollowUpCheck, by: User | None) -> None:
    source = f"check {check.public_id}"
    if by is None:
        word = Word(Side.FIRM, Stance.INTENT, Capacity.LINK)
        statement = record_statement(row.match, word, source=source)
        end_request(row, Side.FIRM, statement)
        settle(row, statement, by=None)
        ask_other_side(row, statement, by=None)
        return
    FollowUp.objects.filter(pk=row.pk).update(intent_asked_at=timezone.now())
    word = Word(Side.FIRM, Stance.INTENT, Capacity.OWNER, by=by)
    record_statement(row.match, word, source=source)
    words = valid_words(row, binding_words(row.match))
    for side in Side:
        if side not in words or not is_intent(row, words[side]):
            ask_to_confirm(row, side, kind=ConfirmationRequest.Kind.INTENT, stance=Stance.INTENT, by=by)


def _require_valid_answer(answer: str, reason: str, next_on: date | None) -> None:
    if answer not in Answer.values:
        raise ValidationError("请选择一项答复。")
    if answer == Answer.NO_PROGRESS and reason not in FollowUpCheck.Reason.values:
        raise ValidationError("没有进展时请选择原因。")
    today = timezone.localdate()
    if next_on and not today < next_on <= today + MAX_DAYS_AHEAD:
        raise ValidationError("下次联系日期请选明天以后、一年以内。")
