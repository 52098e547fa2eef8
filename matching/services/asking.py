"""After the nod both sides are asked: 愿意, 不愿意 with a reason, or 想了解更多. Both willing, the follow-up begins.

Every step locks the follow-up's row first: two sides that answer in the same moment must see each other.
"""

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Contact
from accounts.services.contacts import end_shares, share_contact
from audit.services import record, record_many
from demands.permissions import manages
from matching.models import BrokerRequest, FollowUp, FollowUpStep, Inquiry, Match, Question, Willingness
from matching.services import telling

Side = Question.Side
State = FollowUp.Status
Answer = Willingness.Status
FIRST_STEP_WITHIN = timedelta(days=7)
"""The follow-up's first day, counted from the day both sides were willing."""


def answer_by() -> date:
    return timezone.localdate() + timedelta(days=settings.ANSWER_DAYS)


# --- Asked and taken back with the match's own review -------------------------------------------------------------
def ask_sides(matches: Collection[Match], *, by) -> list[FollowUp]:
    """Open the follow-up of each newly accepted match and ask both of its sides; inside the caller's transaction.

    One that was taken back before anybody answered is opened anew.
    """
    now = timezone.now()
    earlier = {row.match_id: row for row in FollowUp.objects.filter(match__in=[match.pk for match in matches])}
    again = [row for row in earlier.values() if row.status == State.WITHDRAWN]
    matches_by_key = {match.pk: match for match in matches}
    for row in again:
        row.status, row.owner, row.opened_at, row.match = State.ASKING, by, now, matches_by_key[row.match_id]
    FollowUp.objects.bulk_update(again, ["status", "owner", "opened_at"])
    Willingness.objects.filter(follow_up__in=again).update(due_on=answer_by(), reminded_at=None)
    new = FollowUp.objects.bulk_create(
        FollowUp(match=match, owner=by, opened_at=now) for match in matches if match.pk not in earlier
    )
    Willingness.objects.bulk_create(
        Willingness(follow_up=row, side=side, due_on=answer_by()) for row in new for side in Side
    )
    opened = new + again
    FollowUpStep.objects.bulk_create(FollowUpStep(follow_up=row, status=State.ASKING, by=by) for row in opened)
    record_many("征询双方意愿", {row: {"status": [None, State.ASKING]} for row in opened}, by=by)
    telling.accepted(opened)
    return opened


def take_back_question(match: Match, *, by) -> None:
    """The match is not accepted any more: nobody is asked. Raises ValidationError once a side has answered or asked."""
    row = FollowUp.objects.select_for_update().standing().filter(match=match).first()
    if row is not None:
        check_nobody_answered(match)
        move(row, State.WITHDRAWN, by=by)
        telling.taken_back(row)


def check_nobody_answered(match: Match) -> None:
    """Raises ValidationError once a side has answered or asked, or somebody ended it."""
    standing = FollowUp.objects.standing().filter(match=match)
    untouched = standing.asking().exclude(sides__status__in=[Answer.MORE, Answer.WILLING, Answer.UNWILLING])
    if standing.exists() and not untouched.exists():
        raise ValidationError(
            _("“%(match)s”的双方已开始答复，不能再撤回采纳；如需停止，请结束这项对接。") % {"match": match}
        )


def after_verdict(match: Match, before: str | None, *, by) -> None:
    """What follows when a match's status was `before` and is now another; None where the step left it alone."""
    if before in (None, match.status):
        return
    if match.status == Match.Status.ACCEPTED:
        ask_sides([match], by=by)
    elif before == Match.Status.ACCEPTED:
        take_back_question(match, by=by)


# --- A side answers --------------------------------------------------------------------------------------------------
@transaction.atomic
def answer_willing(side: Willingness, *, contact: Contact, consents: bool, by, spoken_with: str = "", note="") -> None:
    """愿意: `contact`, one of the side's own people, agrees to be named to the other side and to whoever follows it.

    `spoken_with`: who said so by telephone, where an officer writes it down. Both willing, contacts are shared and the
    follow-up begins. Raises PermissionDenied, and ValidationError without consent or when it is too late to answer.
    """
    follow_up = _may_answer(side, by, spoken_with)
    if contact.organisation_id != side.organisation.pk:
        raise ValidationError(_("请选择本单位的联系人。"))
    if not consents:
        raise ValidationError(_("对接需要联系人同意把联系方式提供给对方，请勾选同意。"))
    _answer(side, Answer.WILLING, by, spoken_with, note, contact=contact)
    telling.settled(side)
    answers = dict(follow_up.sides.values_list("side", "status"))
    if set(answers.values()) == {Answer.WILLING}:
        _begin(follow_up, by=by)
    else:
        telling.answered(side)


@transaction.atomic
def answer_unwilling(
    side: Willingness, *, reason: str, by, note: str = "", share_reason: bool = False, spoken_with: str = ""
) -> None:
    """不愿意: the follow-up is over. Staff read the reason; the other side only if `share_reason`. Raises as above."""
    follow_up = _may_answer(side, by, spoken_with)
    if reason not in Willingness.Reason.values:
        raise ValidationError(_("请选择不愿意的原因。"))
    if reason == Willingness.Reason.OTHER and not note.strip():
        raise ValidationError(_("请用一句话说明原因。"))
    _answer(side, Answer.UNWILLING, by, spoken_with, note, reason=reason, is_reason_shared=share_reason)
    telling.settled(side)
    telling.answered(side)
    close(follow_up, FollowUp.CloseReason.UNWILLING, by=by)


@transaction.atomic
def inquire(side: Willingness, *, text: str, by, spoken_with: str = "") -> Inquiry:
    """想了解更多: a question for the staff; the limit begins anew with their reply. Raises as above."""
    _may_answer(side, by, spoken_with)
    text = text.strip()[:500]
    if not text:
        raise ValidationError(_("请写下想了解的内容。"))
    if side.inquiries.filter(replied_at=None).exists():
        raise ValidationError(_("上一个问题还在等答复，请稍候。"))
    _update(side, {"status": Answer.MORE, "spoken_with": spoken_with.strip()[:30]})
    inquiry = Inquiry.objects.create(willingness=side, text=text, asked_by=by)
    record("想了解更多", side.follow_up, by=by, changes={"side": [None, side.side], "status": ["asked", "more"]})
    telling.inquired(inquiry)
    return inquiry


@transaction.atomic
def reply_to_inquiry(inquiry: Inquiry, *, text: str, by) -> None:
    """Staff answer a side's question; from today it has the whole time again. Raises PermissionDenied outside the own
    district, ValidationError for an empty or a second reply."""
    side = inquiry.willingness
    follow_up = locked(side.follow_up_id)
    if not manages(by, follow_up.match.demand.firm):
        raise PermissionDenied(_("对接咨询由本区县专员或市级专员答复。"))
    text = text.strip()[:1000]
    if not text:
        raise ValidationError(_("请写下答复。"))
    replied = Inquiry.objects.filter(pk=inquiry.pk, replied_at=None).update(
        reply=text, replied_by=by, replied_at=timezone.now()
    )
    if not replied:
        raise ValidationError(_("这个问题已经答复过了。"))
    Willingness.objects.filter(pk=side.pk, status=Answer.MORE).update(due_on=answer_by(), reminded_at=None)
    record("答复对接咨询", follow_up, by=by, changes={"side": [None, side.side]})
    inquiry.refresh_from_db()
    telling.replied(inquiry)


def remind_sides() -> int:
    """Remind each side whose limit is near, once for each limit. Returns how many were reminded now."""
    count = 0
    sides = Willingness.objects.to_be_reminded()
    for side in sides.select_related("follow_up__match__achievement", "follow_up__match__demand__firm"):
        with transaction.atomic():
            waiting = Willingness.objects.filter(pk=side.pk, reminded_at=None, due_on=side.due_on)
            if waiting.filter(status__in=Willingness.OPEN).update(reminded_at=timezone.now()):
                telling.reminded(side)
                count += 1
    return count


# --- What both this and `following` need -----------------------------------------------------------------------------
def may_follow(follow_up: FollowUp, by) -> bool:
    """The city, the firm's district, and whoever follows it."""
    return manages(by, follow_up.match.demand.firm) or follow_up.owner_id == by.pk


def check_follower(follow_up: FollowUp, by) -> None:
    if not may_follow(follow_up, by):
        raise PermissionDenied(_("“%(match)s”不由您跟进。") % {"match": follow_up.match.achievement})


def close(follow_up: FollowUp, reason: str, *, by, note: str = "") -> None:
    """End a locked follow-up; contacts given for it are not shown any more."""
    changes = {"closed_reason": reason, "closed_note": note.strip()[:300], "closed_at": timezone.now()}
    move(follow_up, State.CLOSED, by=by, note=note, **changes)
    end_shares(follow_up.about, by=by)
    telling.ended(follow_up, by)


def share_with(follow_up: FollowUp, users: Iterable, *, by) -> None:
    """Whoever follows an agreed pair may have both contacts, as both people agreed."""
    for side in follow_up.sides.exclude(contact=None).select_related("contact"):
        for user in users:
            share_contact(side.contact, with_=user, about=follow_up.about, by=by)


def locked(pk: int) -> FollowUp:
    """The row itself, held until the transaction ends: all that is decided on it is decided in turn."""
    rows = FollowUp.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("match__demand__firm", "match__achievement__institution").get(pk=pk)


def move(follow_up: FollowUp, status: str, *, by, note: str = "", **changes) -> None:
    """A locked follow-up's next state, with its step and the trail."""
    before = follow_up.status
    moved = FollowUp.objects.filter(pk=follow_up.pk, status=before).update(status=status, **changes)
    if not moved:
        raise ValidationError(_("这项对接的状态刚被改变，请刷新后再看。"))
    follow_up.refresh_from_db()
    FollowUpStep.objects.create(
        follow_up=follow_up, status=status, note=note.strip()[:1000], next_on=follow_up.next_on, by=by
    )
    record("更新对接状态", follow_up, by=by, changes={"status": [before, status]})


def _may_answer(side: Willingness, by, spoken_with: str) -> FollowUp:
    """The locked follow-up, if this person may answer for the side: its officers, or staff who write down a call."""
    follow_up = locked(side.follow_up_id)
    if spoken_with.strip():
        if not manages(by, follow_up.match.demand.firm):
            raise PermissionDenied(_("电话答复由本区县专员或市级专员记录。"))
    elif not Willingness.objects.represented_by(by).filter(pk=side.pk).exists():
        raise PermissionDenied(_("只有被征询的单位可以答复；记录电话答复时，请写明是谁答复的。"))
    side.refresh_from_db()
    if follow_up.status != State.ASKING or not side.is_open:
        raise ValidationError(
            _("这项对接现在是“%(status)s”，您的答复是“%(answer)s”，不能再次答复；如有变化，请联系跟进人。")
            % {"status": follow_up.get_status_display(), "answer": side.get_status_display()}
        )
    return follow_up


def _answer(side: Willingness, status: str, by, spoken_with: str, note: str, **columns) -> None:
    columns |= {
        "status": status,
        "note": note.strip()[:300],
        "answered_by": by,
        "answered_at": timezone.now(),
        "spoken_with": spoken_with.strip()[:30],
    }
    before = side.status
    _update(side, columns)
    told = {"side": [None, side.side], "status": [before, status]}
    if side.spoken_with:
        told["by_phone"] = [None, True]
    record("答复对接意愿", side.follow_up, by=by, changes=told)


def _update(side: Willingness, columns: dict) -> None:
    if not Willingness.objects.filter(pk=side.pk, status__in=Willingness.OPEN).update(**columns):
        raise ValidationError(_("这一方已经答复过了。"))
    side.refresh_from_db()


def _begin(follow_up: FollowUp, *, by) -> None:
    """双方同意: each side may see the other's contact, whoever follows it both."""
    today = timezone.localdate()
    move(follow_up, State.TALKS, by=by, agreed_at=timezone.now(), next_on=today + FIRST_STEP_WITHIN)
    share_contacts(follow_up, by=by)
    telling.agreed(follow_up, by)


def share_contacts(follow_up: FollowUp, *, by) -> None:
    """Each side may see the contact that the other one named, if it named one, and whoever follows it both."""
    others = {Side.FIRM: follow_up.match.achievement.institution, Side.OFFICE: follow_up.match.demand.firm}
    for row in follow_up.sides.exclude(contact=None).select_related("contact"):
        share_contact(row.contact, with_=others[row.side], about=follow_up.about, by=by)
    share_with(follow_up, [follow_up.owner], by=by)


def broker_took(request: BrokerRequest, *, by) -> None:
    """A broker took the request: the follow-up of its match is theirs."""
    row = FollowUp.objects.filter(match=request.match_id, status__in=FollowUp.RUNNING).first()
    if row is not None:
        hand_to(locked(row.pk), by, by=by)


def hand_to(follow_up: FollowUp, owner, *, by) -> None:
    """A locked follow-up gets another owner, who may have the contacts once both sides are willing."""
    before = follow_up.owner
    FollowUp.objects.filter(pk=follow_up.pk).update(owner=owner)
    follow_up.owner = owner
    FollowUpStep.objects.create(
        follow_up=follow_up,
        status=follow_up.status,
        by=by,
        next_on=follow_up.next_on,
        note=_("由%(before)s交给%(after)s跟进") % {"before": before, "after": owner},
    )
    record("更换跟进人", follow_up, by=by, changes={"owner": [str(before), str(owner)]})
    telling.handed(follow_up, owner, by)
    if follow_up.is_agreed:
        share_with(follow_up, [owner], by=by)
