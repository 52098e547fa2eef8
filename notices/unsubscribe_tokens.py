"""Signed tokens for the unsubscribe link of a mail. A token never expires and permits only to stop that user's mail."""

from django.core.signing import BadSignature, Signer

from accounts.models import User

SALT = "notices.unsubscribe"


def make_unsubscribe_token(user: User) -> str:
    return Signer(salt=SALT).sign(str(user.pk))


def user_from_token(token: str) -> User | None:
    """The user of a valid token; None for any other text."""
    try:
        return User.objects.filter(pk=int(Signer(salt=SALT).unsign(token))).first()
    except (BadSignature, ValueError):
        return None
