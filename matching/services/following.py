"""Following a pair whose sides are both willing: 洽谈 → 意向, a next day always, an end with a reason, or
handed on to a deal."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services.contacts import RevealedContact, reveal_contact
from audit.services import record
from matching.models import FollowUp, FollowUpStep, Willingness
from matching.services import asking
from matching.services.owners import possible_owners

State = FollowUp.Status
FARTHEST_DAY = timedelta(days=365)


@transaction.atomic
def note_progress(follow_up: FollowUp, *, note: str, next_on: date, by) -> None:
    """Write down what happened and when to look again. Raises PermissionDenied for whoever does not follow it,
    ValidationError without a note, for a day past, or where nothing is to be followed."""
    row = _followed(follow_up, by)
    _check_note(note)
    _check_day(next_on)
    FollowUp.objects.filter(pk=row.pk).update(next_on=next_on)
    FollowUpStep.objects.create(follow_up=row, status=row.status, note=note.strip()[:1000], next_on=next_on, by=by)
    record("记录对接进展", row, by=by, changes={"next_on": [str(row.next_on), str(next_on)]})
    follow_up.refresh_from_db()


@transaction.atomic
def reach_intent(follow_up: FollowUp, *, note: str, next_on: date, by) -> None:
    """洽谈 → 意向. Raises as `note_progress`, and where it is not in talks."""
    row = _followed(follow_up, by)
    if row.status != State.TALKS:
        raise ValidationError(_("只有洽谈中的对接可以记为已达意向。"))
    _check_note(note)
    _check_day(next_on)
    asking.move(row, State.INTENT, by=by, note=note, next_on=next_on)
    follow_up.refresh_from_db()


@transaction.atomic
def back_to_talks(follow_up: FollowUp, *, note: str, next_on: date, by) -> None:
    """意向 → 洽谈, with the reason in the note. Raises as `note_progress`, and where nothing was reached."""
    row = _followed(follow_up, by)
    if row.status != State.INTENT:
        raise ValidationError(_("只有已达意向的对接可以退回洽谈。"))
    _check_note(note)
    _check_day(next_on)
    asking.move(row, State.TALKS, by=by, note=note, next_on=next_on)
    follow_up.refresh_from_db()


@transaction.atomic
def close_follow_up(follow_up: FollowUp, *, reason: str, note: str, by) -> None:
    """结束 with a reason, from any running state; shared contacts are not shown any more. Raises as `note_progress`."""
    row = asking.locked(follow_up.pk)
    asking.check_follower(row, by)
    if not row.is_running:
        raise ValidationError(_("这项对接已经结束。"))
    if reason not in FollowUp.CloseReason.values:
        raise ValidationError(_("请选择结束的原因。"))
    _check_note(note)
    asking.close(row, reason, by=by, note=note)
    follow_up.refresh_from_db()


@transaction.atomic
def give_follow_up(follow_up: FollowUp, *, to, by) -> None:
    """交给: an officer of the firm's district or of the city, the institution's office or a broker follows it now.
    Raises as `note_progress`."""
    row = asking.locked(follow_up.pk)
    asking.check_follower(row, by)
    if not row.is_running:
        raise ValidationError(_("这项对接已经结束。"))
    if to.pk == row.owner_id:
        raise ValidationError(_("现在就是由%(who)s跟进。") % {"who": to})
    if to not in possible_owners(row.match):
        raise ValidationError(_("请选择本区县的专员或市级专员、成果所在院校的专员，或有账号的持证技术经纪人。"))
    asking.hand_to(row, to, by=by)
    follow_up.refresh_from_db()


@transaction.atomic
def hand_to_deal(follow_up: FollowUp, *, by, note: str = "") -> FollowUp:
    """洽谈 or 意向 → 已转入成交: from now on a deal carries the pair. Called by the room that keeps deals, inside its
    transaction; returns the locked row. Raises as `note_progress`."""
    row = _followed(follow_up, by)
    asking.move(row, State.DEAL, by=by, note=note, next_on=None)
    follow_up.refresh_from_db()
    return row


@transaction.atomic
def close_after_deal(follow_up: FollowUp, *, note: str, by) -> None:
    """已转入成交 → 已结束, when the deal failed. Whoever may fail the deal may do this: it was asked there."""
    row = asking.locked(follow_up.pk)
    if row.status == State.DEAL:
        asking.close(row, FollowUp.CloseReason.NO_DEAL, by=by, note=note)
    follow_up.refresh_from_db()


def reveal_side(side: Willingness, *, by) -> RevealedContact:
    """The contact that a willing side named, to whom it agreed to be named. Written down as any other look at one.

    Raises PermissionDenied before both sides are willing, after the end, and for everybody else.
    """
    follow_up = side.follow_up
    if not follow_up.is_agreed:
        raise PermissionDenied(_("双方都愿意对接后，才能查看联系方式。"))
    if side.contact is None:
        raise ValidationError(_("这一方在洽谈时没有留联系人，请向单位或跟进人询问。"))
    return reveal_contact(side.contact, by=by, reason=_("对接“%(match)s”") % {"match": follow_up.match.achievement})


def _followed(follow_up: FollowUp, by) -> FollowUp:
    row = asking.locked(follow_up.pk)
    asking.check_follower(row, by)
    if row.status == State.DEAL:
        raise ValidationError(_("这项对接已转入成交，进展记在成交项目里。"))
    if not row.is_agreed:
        raise ValidationError(_("双方都愿意对接、且没有结束的对接才能记录进展。"))
    return row


def _check_note(note: str) -> None:
    if not note.strip():
        raise ValidationError(_("请写下进展或原因。"))


def _check_day(day: date) -> None:
    if not timezone.localdate() < day <= timezone.localdate() + FARTHEST_DAY:
        raise ValidationError(_("下次跟进日期请选明天以后、一年以内。"))
