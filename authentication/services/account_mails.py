"""Mails about an account: stored when asked for, written and sent by a worker, so that asking takes the same time."""

import logging

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.models import User
from authentication.links import make_link_token
from authentication.models import AccountMail, AddressChange
from core.task_queue import enqueue
from notices.models import NoticeKind
from notices.services.notifications import NoticeDraft, notify

log = logging.getLogger(__name__)


def ask_mail(
    user: User | None, kind: AccountMail.Kind, *, sentence: str = "", address_change: AddressChange | None = None
) -> AccountMail:
    """Store the mail in the caller's transaction; a worker writes and sends it after the commit."""
    mail = AccountMail.objects.create(user=user, kind=kind, sentence=sentence[:300], address_change=address_change)
    transaction.on_commit(lambda: enqueue("authentication.tasks.send_account_mail", mail.pk))
    return mail


def tell_user(user: User, kind: AccountMail.Kind, sentence: str, *, key: str) -> None:
    """Tell the user by notice, and by mail if there is an address. Such mails cannot be switched off."""
    about = f"account {user.pk}"
    notify(
        [
            NoticeDraft(
                recipient_id=user.pk,
                kind=NoticeKind.SECURITY,
                text=sentence,
                path=reverse("account_security"),
                about=about,
                key=f"{about} {key} {timezone.now():%Y%m%d%H%M%S%f}"[:120],
            )
        ]
    )
    if user.email:
        ask_mail(user, kind, sentence=sentence)


def send_account_mail(mail_id: int) -> bool:
    """Send the mail unless it was sent or nobody is to get it. The row is locked meanwhile."""
    with transaction.atomic():
        mail = AccountMail.objects.unsent().select_for_update(skip_locked=True, of=("self",)).filter(pk=mail_id).first()
        if mail is None:
            return False
        letter = _write(mail) if mail.user else None
        if letter:
            subject, body, address = letter
            send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [address])
        AccountMail.objects.filter(pk=mail.pk).update(sent_at=timezone.now())
    return letter is not None


def sweep_account_mails() -> int:
    """Send what a lost broker or a failed attempt left, for an hour. Returns how many were sent."""
    sent = 0
    for pk in AccountMail.objects.unsent().order_by("pk").values_list("pk", flat=True)[:200]:
        try:
            sent += send_account_mail(pk)
        except OSError as error:  # of the mail server, for this mail or for all
            log.warning("mail %s about an account was not sent: %s", pk, type(error).__name__)
    return sent


def _write(mail: AccountMail) -> tuple[str, str, str] | None:
    """Subject, body and address; None if there is no address or the user is suspended."""
    user, change = mail.user, mail.address_change
    if user is None or not user.is_active:
        return None
    address, path = user.email, reverse("account_security")
    if mail.kind == AccountMail.Kind.RESET:
        uid, token = urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)
        path = reverse("password_reset_confirm", args=[uid, token])
    elif change is not None and mail.kind == AccountMail.Kind.CONFIRM_ADDRESS:
        address, path = change.new_address, reverse("address_confirm", args=[make_link_token(change, "confirm")])
    elif change is not None and mail.kind == AccountMail.Kind.ADDRESS_CHANGED:
        address, path = change.old_address, reverse("address_undo", args=[make_link_token(change, "undo")])
    if not address:
        return None
    subject = f"{settings.SITE['short_name']}：{mail.get_kind_display()}"
    context = {
        "mail": mail,
        "user": user,
        "change": change,
        "link": settings.SITE_ADDRESS + path,
        "site": settings.SITE,
    }
    return subject, render_to_string(f"authentication/mail/{mail.kind}.txt", context), address
