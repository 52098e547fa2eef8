"""The link of a monthly letter: it opens the person's page for some weeks, and stops the letters for ever."""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from core.issued_links import id_of_token, is_issued, issued_token
from correspondence.models import CompleterLetter

SALT = "correspondence.letter"
OPENS_FOR = timedelta(days=92)


def token_of(letter: CompleterLetter) -> str:
    return issued_token(SALT, letter.public_id)


def page_link(letter: CompleterLetter) -> str:
    return settings.SITE_ADDRESS + reverse("completer_letter", args=[token_of(letter)])


def stop_link(letter: CompleterLetter) -> str:
    return settings.SITE_ADDRESS + reverse("letter_stop", args=[token_of(letter)])


def letter_of_token(token: str) -> CompleterLetter | None:
    """The letter of a valid token; None for any other, and when the person's data was deleted."""
    rows = CompleterLetter.objects.select_related("contact__organisation")
    letter = rows.filter(public_id=id_of_token(token), contact__withdrawn_at=None).first()
    if letter is None or not is_issued(token, SALT, letter.public_id):
        return None
    return letter


def is_expired(letter: CompleterLetter) -> bool:
    return letter.made_at + OPENS_FOR < timezone.now()
