"""Links of questions handed over, as `core.issued_links` makes them; a later `issue` makes earlier links void."""

from django.conf import settings
from django.urls import reverse

from core.issued_links import id_of_token, is_issued, issued_token
from correspondence.models import Handover

SALT = "correspondence.handover"


def token_of(handover: Handover) -> str:
    return issued_token(SALT, handover.public_id, handover.issue)


def link_of(handover: Handover) -> str:
    """The whole address, to pass on."""
    return settings.SITE_ADDRESS + reverse("handover", args=[token_of(handover)])


def handover_of_token(token: str) -> Handover | None:
    """What the link opens: None if it is wrong, called back, or its last day has passed."""
    rows = Handover.objects.select_related(
        "institution", "achievement__institution", "approach__firm", "question", "follow_up__match__demand"
    )
    handover = rows.filter(public_id=id_of_token(token), revoked_at=None).first()
    if handover is None or not is_issued(token, SALT, handover.public_id, handover.issue):
        return None
    return None if handover.is_over else handover
