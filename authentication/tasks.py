from datetime import timedelta

from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone

from authentication.models import USUAL_FOR, AccountMail, AddressChange, KnownDevice, UserSession
from authentication.services import account_mails


@shared_task
def send_account_mail(mail_id: int) -> None:
    account_mails.send_account_mail(mail_id)


@shared_task
def sweep_account_mails() -> None:
    account_mails.sweep_account_mails()


@shared_task
def forget_expired() -> None:
    """Delete devices that are no longer usual, ended sessions, and mails and changes of address after a month."""
    now = timezone.now()
    KnownDevice.objects.filter(last_seen_at__lt=now - USUAL_FOR).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    AccountMail.objects.filter(asked_at__lt=now - timedelta(days=30)).delete()
    AddressChange.objects.filter(asked_at__lt=now - timedelta(days=30)).delete()
