"""The signed link at the end of a mail. It never expires and can do one thing only: stop that person's mail."""

from django.core.signing import BadSignature, Signer

from accounts.models import User

SALT = "notices.unsubscribe"


def token_of(user: User) -> str:
    return Signer(salt=SALT).sign(str(user.pk))


def whose(token: str) -> User | None:
    """The user of such a link, None for any other text."""
    try:
        return User.objects.filter(pk=int(Signer(salt=SALT).unsign(token))).first()
    except (BadSignature, ValueError):
        return None
