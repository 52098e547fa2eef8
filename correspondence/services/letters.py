"""每月一封信: send them, and stop or resume them for one person or for all of an institution."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Contact, Organisation, User
from audit.services import record
from correspondence.letter_links import page_link, stop_link
from correspondence.letter_text import KEY, ItemMonth, item_months, month_before, recipients_of, write_letter
from correspondence.models import CompleterLetter, LetterPreference, LetterSettings
from notices.services.single_mails import SingleMail, send_single_mails
from notices.texts.writing import TextWriter

AT_ONCE = 100


def settings_of(institution: Organisation) -> LetterSettings | None:
    return LetterSettings.objects.filter(institution=institution).first()


def send_monthly_letters(today: date | None = None) -> int:
    """Letters about the month before, for each institution that sends them. Returns how many were sent.

    Each person gets one letter a month: the constraint `completer_letter_once_a_month` holds for two workers, too, and
    a second run sends nothing. Nothing is sent about a month without happenings.
    """
    month, number = month_before(today or timezone.localdate()), 0
    for row in LetterSettings.objects.filter(is_on=True).select_related("institution"):
        waiting = recipients_of(row.institution).exclude(letters__month=month)
        waiting = waiting.exclude(letter_preference__stopped_at__isnull=False)
        contacts = list(waiting.select_related("organisation"))
        for start in range(0, len(contacts), AT_ONCE):
            number += _send(contacts[start : start + AT_ONCE], month, with_feedback=row.includes_feedback)
    return number


def _send(contacts: list[Contact], month: date, *, with_feedback: bool) -> int:
    number, writer = 0, TextWriter(KEY)
    months = item_months(contacts, month, with_feedback=with_feedback)
    for contact in contacts:
        if not any(row.happenings for row in months[contact.pk]):
            continue
        with transaction.atomic():
            # Settings and preference may have changed since the list was read.
            is_on = LetterSettings.objects.filter(institution=contact.organisation_id, is_on=True).exists()
            stopped = LetterPreference.objects.filter(contact=contact, stopped_at__isnull=False).exists()
            if not is_on or stopped:
                continue
            letter, is_new = CompleterLetter.objects.get_or_create(
                contact=contact, month=month, defaults={"item_count": len(months[contact.pk])}
            )
            if not is_new:
                continue
            send_single_mails([mail_of(letter, contact, months[contact.pk], writer)])
            record("发送每月来信", letter, by=None)
            number += 1
    return number


def mail_of(
    letter: CompleterLetter, contact: Contact, rows: list[ItemMonth], writer: TextWriter | None = None
) -> SingleMail:
    stop = stop_link(letter)
    page = page_link(letter)
    written = write_letter(contact, letter.month, rows, name=contact.name, page=page, stop=stop, writer=writer)
    if written is None:
        raise ValueError("nothing happened in the month of the letter")
    return SingleMail(contact.email, written.subject, written.body, stop)


def preview_of(contact: Contact, month: date, rows: list[ItemMonth]) -> str:
    """The text as it would be sent, without the links, which exist once it is sent. Empty if nothing happened."""
    unknown = "（发送时生成）"
    written = write_letter(contact, month, rows, name=contact.masked_name, page=unknown, stop=unknown)
    return written.body if written else ""


@transaction.atomic
def set_letters(institution: Organisation, *, is_on: bool, includes_feedback: bool, by: User) -> LetterSettings:
    """Start or stop the letters of an institution, and say whether feedback stands in them."""
    if institution.pk not in by.scope.institution_ids:
        raise PermissionDenied("这不是您的单位。")
    before = settings_of(institution)
    values = {
        "is_on": is_on,
        "includes_feedback": includes_feedback,
        "changed_by": by,
        "changed_at": timezone.now(),
    }
    row, _made = LetterSettings.objects.update_or_create(institution=institution, defaults=values)
    changes = {
        name: [bool(before and getattr(before, name)), getattr(row, name)] for name in ("is_on", "includes_feedback")
    }
    record("设置每月来信", row, by=by, changes=changes)
    return row


@transaction.atomic
def stop_letters(contact: Contact, *, by: User | None) -> None:
    """Send this person no more letters: by the office, or by the person through the link (`by` None). Safe to repeat.

    What the person has stopped stays the person's word, even if the office stops it again.
    """
    _check(contact, by)
    row, _made = LetterPreference.objects.select_for_update().get_or_create(contact=contact)
    if row.stopped_at and (row.stopped_by_id is None or by is not None):
        return
    row.stopped_at, row.stopped_by = row.stopped_at or timezone.now(), by
    row.save(update_fields=["stopped_at", "stopped_by"])
    record("停发每月来信", row, by=by, changes={"by_link": [None, by is None]})


@transaction.atomic
def resume_letters(contact: Contact, *, by: User | None) -> None:
    """Send letters again. Raises ValidationError if the office resumes what the person has stopped."""
    _check(contact, by)
    row = LetterPreference.objects.select_for_update().filter(contact=contact, stopped_at__isnull=False).first()
    if row is None:
        return
    if by is not None and row.stopped_by_id is None:
        raise ValidationError("是本人停收的，只能由本人恢复。")
    row.stopped_at, row.stopped_by = None, None
    row.save(update_fields=["stopped_at", "stopped_by"])
    record("恢复每月来信", row, by=by, changes={"by_link": [None, by is None]})


def months_of(contacts: Iterable[Contact], month: date, institution: Organisation) -> dict[int, list[ItemMonth]]:
    """`item_months` with feedback if the institution lets it stand in the letters."""
    chosen = settings_of(institution)
    return item_months(contacts, month, with_feedback=bool(chosen and chosen.includes_feedback))


def _check(contact: Contact, by: User | None) -> None:
    if by is not None and contact.organisation_id not in by.scope.institution_ids:
        raise PermissionDenied("这不是您单位的联系人。")
