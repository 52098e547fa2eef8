"""Steps of people who sign in: password, code of an authenticator, mails."""

import re

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.test import Client
from django.urls import reverse

from authentication.encryption import decrypt, encrypt
from authentication.models import AccountMail
from authentication.services import second_factors
from authentication.services.account_mails import send_account_mail

PASSWORD = "Demo-pass-2026"  # of every user of the factories
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def sign_in(client: Client, username: str, password: str = PASSWORD, **extra):
    return client.post(reverse("login"), {"username": username, "password": password}, **extra)


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def give_totp(user, secret: str = SECRET) -> Authenticator:
    return Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": encrypt(secret)})


def code_of(authenticator: Authenticator, *, periods: int = 0) -> str:
    """What the authenticator shows, now or so many half minutes later."""
    secret = decrypt(authenticator.data["secret"])
    _before, now, _after = second_factors.yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(secret, now + periods))


def answer(client: Client, code: str, **extra):
    return client.post(reverse("mfa_authenticate"), {"code": code}, **extra)


def prove_again(client: Client, password: str = PASSWORD):
    return client.post(reverse("account_reauthenticate"), {"password": password})


def send_mails() -> list:
    """What a worker does. Returns the mails in the outbox."""
    for pk in AccountMail.objects.unsent().order_by("pk").values_list("pk", flat=True):
        send_account_mail(pk)
    return mail.outbox


def link_in(message) -> str:
    """The path of the link in a mail."""
    return re.search(r"http://127\.0\.0\.1:8000(/\S+)", message.body).group(1)
