"""Operations on a follow-up whose sides are both willing: progress, change of owner, deal, end."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services.contacts import RevealedContact, reveal_contact
from audit.services import record
from matching.models import ConfirmationRequest, FollowUp, FollowUpStep, Question, SideResponse, SideStatement
from matching.services.confirmation_requests import ask_to_confirm
from matching.services.consent import ask_again
from matching.services.follow_up_owners import possible_owners
from matching.services.follow_up_status import (
    change_owner,
    change_status,
    close_locked,
    lock_follow_up,
    read_again,
    require_may_manage,
)
from matching.services.side_responses import source_of
from matching.services.statements import (
    Word,
    binding_words,
    is_intent,
    record_statement,
    refusing_sides,
    valid_words,
)

State = FollowUp.Status
Side = Question.Side
Stance = SideStatement.Stance
Capacity = SideStatement.Capacity
Kind = ConfirmationRequest.Kind
MAX_DAYS_AHEAD = timedelta(days=365)


@transaction.atomic
def record_progress(follow_up: FollowUp, *, note: str, next_on: date, by: User) -> None:
    """Add a note and set the day of the next step.

    Raises PermissionDenied for users who may not manage the follow-up, ValidationError without a note, for a day not in
    the future, or if the follow-up is not in progress.
    """
    row = _lock_in_progress(follow_up, by)
    _require_note(note)
    _require_next_day(next_on)
    FollowUp.objects.filter(pk=row.pk).update(next_on=next_on)
    FollowUpStep.objects.create(follow_up=row, status=row.status, note=note.strip()[:1000], next_on=next_on, by=by)
    record("记录对接进展", row, by=by, changes={"next_on": [str(row.next_on), str(next_on)]})
    read_again(follow_up)


@transaction.atomic
def record_intent(follow_up: FollowUp, *, note: str, next_on: date, by: User) -> None:
    """The owner records that both sides reached an intent. This is the owner's word: both sides are asked to confirm.

    The status becomes 已达意向 once both have said so themselves. Raises as `record_progress`, and ValidationError from
    another status.
    """
    row = _lock_in_progress(follow_up, by)
    if row.status != State.TALKS:
        raise ValidationError("只有洽谈中的对接可以记为已达意向。")
    _require_note(note)
    _require_next_day(next_on)
    now = timezone.now()
    FollowUp.objects.filter(pk=row.pk).update(next_on=next_on, intent_asked_at=now)
    read_again(row)
    FollowUpStep.objects.create(
        follow_up=row, status=row.status, note=f"意向待双方确认：{note.strip()}"[:1000], next_on=next_on, by=by
    )
    record("记录意向，待双方确认", row, by=by, changes={"intent_asked_at": [None, now.isoformat()]})
    words = valid_words(row, binding_words(row.match))
    for side in Side:
        statement = record_statement(row.match, Word(side, Stance.INTENT, Capacity.OWNER, by=by), source=source_of(row))
        if side not in words or not is_intent(row, words[side]):
            ask_to_confirm(row, side, kind=Kind.INTENT, stance=statement.stance, by=by)
    read_again(follow_up)


@transaction.atomic
def return_to_talks(follow_up: FollowUp, *, note: str, next_on: date, by: User) -> None:
    """已达意向 → 洽谈中; the note gives the reason. Intents said before it do not count any more.

    Raises as `record_progress` and from another status.
    """
    row = _lock_in_progress(follow_up, by)
    if row.status != State.INTENT:
        raise ValidationError("只有已达意向的对接可以退回洽谈。")
    _require_note(note)
    _require_next_day(next_on)
    change_status(row, State.TALKS, by=by, note=note, next_on=next_on, intent_since=timezone.now())
    follow_up.refresh_from_db()


@transaction.atomic
def reopen_follow_up(follow_up: FollowUp, *, note: str, by: User) -> None:
    """已结束 → 征询双方意愿: staff ask both sides again. Not after a refusal, which only the side itself lifts.

    Raises as `record_progress`, and ValidationError from another status or after a refusal.
    """
    row = lock_follow_up(follow_up.pk)
    require_may_manage(row, by)
    if row.status != State.CLOSED:
        raise ValidationError("只有已结束的对接可以重新征询。")
    _require_note(note)
    if refusing := refusing_sides(binding_words(row.match)):
        raise ValidationError(
            "%(side)s已表示不愿意，只有它自己改变主意后才能继续。" % {"side": Side(refusing[0]).label}
        )
    ask_again(row, by=by, note=note)
    follow_up.refresh_from_db()


@transaction.atomic
def close_follow_up(follow_up: FollowUp, *, reason: str, note: str, by: User) -> None:
    """Close a running follow-up with a reason; shared contacts are no longer shown. Raises as `record_progress`."""
    row = lock_follow_up(follow_up.pk)
    require_may_manage(row, by)
    if not row.is_running:
        raise ValidationError("这项对接已经结束。")
    if reason not in FollowUp.CloseReason.values:
        raise ValidationError("请选择结束的原因。")
    _require_note(note)
    close_locked(row, reason, by=by, note=note)
    follow_up.refresh_from_db()


@transaction.atomic
def reassign_follow_up(follow_up: FollowUp, *, to: User, by: User) -> None:
    """交给: make another of the `possible_owners` the owner. Raises as `record_progress`."""
    row = lock_follow_up(follow_up.pk)
    require_may_manage(row, by)
    if not row.is_running:
        raise ValidationError("这项对接已经结束。")
    if to.pk == row.owner_id:
        raise ValidationError("现在就是由%(who)s跟进。" % {"who": to})
    if to not in possible_owners(row.match):
        raise ValidationError("请选择本区县的专员或市级专员、成果所在院校的专员，或有账号的持证技术经纪人。")
    change_owner(row, to, by=by)
    follow_up.refresh_from_db()


@transaction.atomic
def convert_to_deal(follow_up: FollowUp, *, by: User, note: str = "") -> FollowUp:
    """已达意向 → 已转入成交: a deal continues the pair. Both sides have said themselves that they have an intent.

    Called by the app `deals` inside its transaction. Returns the locked row. Raises as `record_progress`, and
    ValidationError before both sides have confirmed the intent.
    """
    row = _lock_in_progress(follow_up, by)
    if row.status != State.INTENT:
        raise ValidationError("双方都由本单位确认有意向后，才能转入成交；请先记录意向，请双方确认。")
    row.requests.open().update(ended_at=timezone.now())
    change_status(row, State.DEAL, by=by, note=note, next_on=None)
    follow_up.refresh_from_db()
    return row


@transaction.atomic
def close_after_failed_deal(follow_up: FollowUp, *, note: str, by: User) -> None:
    """已转入成交 → 已结束, when the deal failed. The caller has checked that `by` may fail the deal."""
    row = lock_follow_up(follow_up.pk)
    if row.status == State.DEAL:
        close_locked(row, FollowUp.CloseReason.NO_DEAL, by=by, note=note)
    follow_up.refresh_from_db()


def reveal_side_contact(response: SideResponse, *, by: User) -> RevealedContact:
    """The contact that a willing side named. Each call is written to the audit trail.

    Raises PermissionDenied before both sides are willing, after the follow-up is closed, and for users with whom the
    contact was not shared; ValidationError if the side named no contact.
    """
    follow_up = response.follow_up
    if not follow_up.is_agreed:
        raise PermissionDenied("双方都愿意对接后，才能查看联系方式。")
    if response.contact is None:
        raise ValidationError("这一方在洽谈时没有留联系人，请向单位或跟进人询问。")
    reason = "对接“%(match)s”" % {"match": follow_up.match.achievement}
    return reveal_contact(response.contact, by=by, reason=reason)


def _lock_in_progress(follow_up: FollowUp, by: User) -> FollowUp:
    row = lock_follow_up(follow_up.pk)
    require_may_manage(row, by)
    if row.status == State.DEAL:
        raise ValidationError("这项对接已转入成交，进展记在成交项目里。")
    if not row.is_agreed:
        raise ValidationError("双方都愿意对接、且没有结束的对接才能记录进展。")
    return row


def _require_note(note: str) -> None:
    if not note.strip():
        raise ValidationError("请写下进展或原因。")


def _require_next_day(day: date) -> None:
    if not timezone.localdate() < day <= timezone.localdate() + MAX_DAYS_AHEAD:
        raise ValidationError("下次跟进日期请选明天以后、一年以内。")
