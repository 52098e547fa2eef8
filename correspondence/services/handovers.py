"""交给完成人: hand a question over, replace or call back its link, mail and remind."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.services import record
from audit.transitions import constraint_message, transition
from core.due_days import month_and_day
from core.masking import mask_name
from correspondence.handover_links import link_of
from correspondence.models import Handover
from correspondence.people import address_of, completers_of, name_behind
from correspondence.targets import FIELDS, Target, achievement_of, is_waiting, targets_of
from enquiries.models import Approach
from notices.models import NoticeKind
from notices.services import notify, settle_notices
from notices.services.notifications import NoticeDraft
from notices.services.single_mails import SingleMail, send_single_mails
from notices.texts.writing import WrittenText, write_text

LONGEST = timedelta(days=60)
REMIND_BEFORE = timedelta(days=2)


@transaction.atomic
def hand_over(
    target: Target, person: str, *, closes_on: date, note: str = "", sends_at_once: bool = False, by: User
) -> Handover:
    """Let a completer answer by link. `person`: a fingerprint of `completers_of` the target's achievement.

    An earlier hand-over of the same question that is not decided is called back. Raises PermissionDenied for another
    institution's question; ValidationError if nothing waits, without such a person, or for a day out of range.
    """
    if not targets_of(by, type(target)).filter(pk=target.pk).exists():
        raise PermissionDenied("这不是您单位的问题。")
    achievement = achievement_of(target)
    if achievement is None or not is_waiting(target):
        raise ValidationError("这一条已经不等答复，或没有写明成果，不能交给完成人。")
    if achievement.institution_id not in by.scope.institution_ids:
        raise PermissionDenied("这不是您单位的成果。")
    name = completers_of(achievement).get(person)
    if not name:
        raise ValidationError({"person": "请选择这项成果的一位完成人。"})
    today = timezone.localdate()
    if not today <= closes_on <= today + LONGEST:
        raise ValidationError({"closes_on": f"链接有效期要在今天以后、{LONGEST.days} 天以内。"})
    field = FIELDS[type(target)]
    for earlier in Handover.objects.open().filter(**{field: target}):
        if earlier.answered_at and not earlier.is_over:
            raise ValidationError("完成人已经答复，请先处理那份答复，再交给别人。")
        call_back(earlier, by=by)
    handover = Handover(
        institution=achievement.institution, achievement=achievement, fingerprint=person, note=note,
        closes_on=closes_on, sends_at_once=sends_at_once and field != "follow_up", made_by=by, **{field: target},
    )  # fmt: skip
    handover.clean_fields(exclude=["institution", "achievement", *FIELDS.values()])
    try:
        with transaction.atomic():
            handover.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, Handover)) from None
    changes = {"person": [None, mask_name(name)], "handover": [None, handover.public_id]}
    record("交给完成人答复", target, by=by, changes=changes)
    record("交给完成人答复", handover, by=by, changes=changes | {"sends_at_once": [None, handover.sends_at_once]})
    return handover


def call_back(handover: Handover, *, by: User) -> None:
    """The link opens nothing any more; the office answers itself or asks somebody else."""
    require_office(handover, by)
    transition(
        handover,
        when={"revoked_at": None, "decided_at": None},
        values={"revoked_at": timezone.now()},
        refusal="这一条已经收回或处理过了。",
        action="收回交给完成人的问题",
        by=by,
    )
    settle(handover)


def replace_handover_link(handover: Handover, *, by: User) -> None:
    """A new link: the earlier one is void, for example because it was passed on."""
    require_office(handover, by)
    transition(
        handover,
        when={"issue": handover.issue, "revoked_at": None, "decided_at": None},
        values={"issue": handover.issue + 1},
        refusal="同事刚刚换过链接，或这一条已经处理，请刷新页面。",
        action="更换完成人的链接",
        by=by,
    )


def message_of(handover: Handover) -> WrittenText:
    """What the office sends with the link, by mail or a messenger. It does not name who asks."""
    day = f"{handover.closes_on.year} 年 {handover.closes_on.month} 月 {handover.closes_on.day} 日"
    values = {
        "称呼": recipient_of(handover),
        "成果": handover.achievement.title,
        "截止": day,
        "说明": handover.note,
        "链接": link_of(handover),
        "院校": str(handover.institution),
    }
    return write_text("correspondence.handover", values)


def recipient_of(handover: Handover) -> str:
    """The name, as long as the person stands among the completers."""
    return name_behind(handover.achievement, handover.fingerprint)


def mail_handover(handover: Handover, *, by: User | None) -> bool:
    """Mail the link if the achievement's contact is this person, has consented and has an address."""
    if by is not None:
        require_office(handover, by)
    address = address_of(handover.achievement, recipient_of(handover))
    if not address or handover.answered_at or not handover.is_open or handover.is_over:
        return False
    written = message_of(handover)
    send_single_mails([SingleMail(address, written.subject, written.body)])
    Handover.objects.filter(pk=handover.pk).update(reminded_at=timezone.now())
    record("发送完成人的链接", handover, by=by)
    return True


def remind_completers() -> int:
    """REMIND_BEFORE the last day, once: mail the person again; without an address ask the officer to pass the link on.

    Safe to run twice. Returns how many were reminded.
    """
    today, number = timezone.localdate(), 0
    due = Handover.objects.with_completer().filter(closes_on__gte=today, closes_on__lte=today + REMIND_BEFORE)
    due = due.exclude(reminded_at__date__gt=today - REMIND_BEFORE)
    for row in due.select_related("achievement__contact", "achievement__institution", "institution", "approach"):
        with transaction.atomic():
            fresh = Handover.objects.with_completer().select_for_update(skip_locked=True).filter(pk=row.pk)
            if not fresh.exclude(reminded_at__date__gt=today - REMIND_BEFORE).exists() or not is_waiting(row.target):
                continue
            if not mail_handover(row, by=None):
                Handover.objects.filter(pk=row.pk).update(reminded_at=timezone.now())
                title = row.achievement.title[:60]
                text = f"交给完成人的问题（{title}）还没有答复，{month_and_day(row.closes_on)}到期，请提醒对方。"
                tell_officer(row, text, f"remind {row.closes_on}")
            number += 1
    return number


def tell_officer(handover: Handover, text: str, event: str) -> None:
    """A notice to the officer who handed over, if the officer still acts for the institution."""
    path = page_of(handover)
    if handover.institution_id in handover.made_by.scope.institution_ids and handover.made_by.is_active:
        draft = NoticeDraft(
            handover.made_by_id, NoticeKind.COMPLETER, text, path, handover.about, f"{handover.about} {event}"
        )
        notify([draft])


def settle(handover: Handover) -> None:
    """The officer has dealt with what the notice asked for."""
    settle_notices(handover.about, [NoticeKind.COMPLETER], [handover.made_by_id])


def kind_of(handover: Handover) -> str:
    """The key of the inbox's kind that the question belongs to."""
    target = handover.target
    return str(target.kind) if isinstance(target, Approach) else FIELDS[type(target)]


def page_of(handover: Handover) -> str:
    """The page of the inbox where the answer is dealt with."""
    return reverse("inbox_item", args=[f"{kind_of(handover)}-{handover.target.public_id}"])


def require_office(handover: Handover, by: User) -> None:
    if handover.institution_id not in by.scope.institution_ids:
        raise PermissionDenied("这不是您单位交办的问题。")
