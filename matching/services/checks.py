"""The questions 30, 60 and 90 days after a talk: planned, sent, reminded of, answered with a link or by telephone."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import record
from matching.models import FollowUp, FollowUpCheck, FollowUpStep
from matching.services import asking, telling_after

Answer = FollowUpCheck.Answer
FARTHEST_DAY = timedelta(days=365)
MOST_AT_ONCE = 200


def plan_checks(follow_up: FollowUp, met_on: date) -> None:
    """Three questions counted from this talk; those still open of an earlier one are given up for them."""
    if follow_up.checks.filter(met_on__gt=met_on, dropped_at=None).exists():
        return  # an earlier talk told of later
    follow_up.checks.filter(met_on__lt=met_on, answered_at=None, dropped_at=None).update(dropped_at=timezone.now())
    FollowUpCheck.objects.bulk_create(
        [
            FollowUpCheck(follow_up=follow_up, kind=kind, met_on=met_on, due_on=met_on + timedelta(days=int(kind)))
            for kind in FollowUpCheck.Kind
        ],
        ignore_conflicts=True,
    )


def send_checks() -> int:
    """Send every question whose day has come, once, and remind once of those left unanswered. Returns how many went
    out. Several due at once (a talk told of late) go as the latest one only: the others are given up."""
    count = 0
    due = FollowUpCheck.objects.to_be_sent().order_by("follow_up", "-due_on")
    for check in due.select_related(*_RELATED)[:MOST_AT_ONCE]:
        count += _send(check)
    for check in FollowUpCheck.objects.to_be_reminded().select_related(*_RELATED)[:MOST_AT_ONCE]:
        with transaction.atomic():
            waiting = FollowUpCheck.objects.filter(pk=check.pk, reminded_at=None, answered_at=None)
            if waiting.update(reminded_at=timezone.now()):
                telling_after.ask(check, is_reminder=True)
                count += 1
    return count


@transaction.atomic
def _send(check: FollowUpCheck) -> bool:
    waiting = FollowUpCheck.objects.filter(pk=check.pk, sent_at=None, answered_at=None, dropped_at=None)
    if not waiting.update(sent_at=timezone.now()):
        return False
    older = check.follow_up.checks.filter(due_on__lt=check.due_on, answered_at=None, dropped_at=None)
    older.update(dropped_at=timezone.now())
    telling_after.ask(check)
    return True


def check_of_code(code: str) -> FollowUpCheck | None:
    """Whose question this is; None for a code of nothing, or of what is not asked any more."""
    rows = FollowUpCheck.objects.exclude(sent_at=None).filter(dropped_at=None)
    return rows.select_related(*_RELATED).filter(code=code).first()


@transaction.atomic
def answer_check(
    check: FollowUpCheck, *, answer: str, reason: str = "", note: str = "", next_on: date | None = None, by=None
) -> None:
    """What the firm says. `by` None: whoever holds the link; else whoever follows the pair, after a telephone call.

    Answered once; two who answer at once leave one answer. The owner is told. Raises PermissionDenied, ValidationError.
    """
    row = asking.locked(check.follow_up_id)
    if by is not None:
        asking.check_follower(row, by)
    if not row.is_agreed:
        raise ValidationError(_("这项对接已经结束，不需要再答复。"), code="closed")
    _check_answer(answer, reason, next_on)
    columns = {
        "answer": answer,
        "reason": reason if answer == Answer.NO_PROGRESS else "",
        "note": note.strip()[:300],
        "next_on": next_on,
        "answered_at": timezone.now(),
        "answered_by": by,
    }
    open_still = FollowUpCheck.objects.filter(pk=check.pk, answered_at=None, dropped_at=None)
    if not open_still.update(**columns):
        raise ValidationError(_("这次回访已经答复过了；如有变化，请联系跟进人。"), code="answered")
    check.refresh_from_db()
    _carry_on(row, check, by)
    record(
        "答复会后回访",
        row,
        by=by,
        changes={"check": [None, check.kind], "answer": [None, answer]} | ({} if by else {"by_link": [None, True]}),
    )
    telling_after.answered(check, by)


def _carry_on(row: FollowUp, check: FollowUpCheck, by) -> None:
    """What the answer changes in the follow-up: its state, its next day, and a line in its story."""
    status = FollowUp.Status.INTENT if check.answer == Answer.SIGNED else row.status
    later = row.checks.filter(due_on__gt=timezone.localdate(), dropped_at=None, answered_at=None).order_by("due_on")
    next_on = check.next_on or later.values_list("due_on", flat=True).first()
    next_on = next_on or timezone.localdate() + timedelta(days=int(FollowUpCheck.Kind.D30))
    FollowUp.objects.filter(pk=row.pk).update(status=status, next_on=next_on)
    reason = check.get_reason_display()
    words = "，".join(filter(None, (check.get_answer_display(), reason, check.note)))
    note = _("%(kind)s回访，企业答复：%(words)s") % {"kind": check.get_kind_display(), "words": words}
    FollowUpStep.objects.create(follow_up=row, status=status, note=note[:1000], next_on=next_on, by=by)


def _check_answer(answer: str, reason: str, next_on: date | None) -> None:
    if answer not in Answer.values:
        raise ValidationError(_("请选择一项答复。"))
    if answer == Answer.NO_PROGRESS and reason not in FollowUpCheck.Reason.values:
        raise ValidationError(_("没有进展时请选择原因。"))
    today = timezone.localdate()
    if next_on and not today < next_on <= today + FARTHEST_DAY:
        raise ValidationError(_("下次联系日期请选明天以后、一年以内。"))


_RELATED = ("follow_up__owner", "follow_up__match__achievement__institution", "follow_up__match__demand__firm")
