"""Links of a renewal campaign, as `core.issued_links` makes them. `RenewalRequest.issue` makes earlier links void."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from achievements.models import Achievement
from core.issued_links import id_of_token, is_issued, issued_token
from portfolio.models import RenewalRequest

SALT = "portfolio.renewal"


def token_of(request: RenewalRequest) -> str:
    return issued_token(SALT, request.public_id, request.issue)


def link_of(request: RenewalRequest) -> str:
    """The whole address, to pass on."""
    path = reverse("renewal", args=[token_of(request)])
    return f"{settings.SITE_ADDRESS}{path}"


def request_of_token(token: str) -> RenewalRequest | None:
    """The request that the link opens: None if it is wrong, revoked or its campaign is over."""
    rows = RenewalRequest.objects.select_related("campaign__institution")
    request = rows.filter(public_id=id_of_token(token), revoked_at=None).first()
    if request is None or not is_issued(token, SALT, request.public_id, request.issue):
        return None
    return None if request.campaign.is_over else request


def recipient_of(request: RenewalRequest, achievements: list[Achievement]) -> str:
    """The college, or the person in charge of the achievements."""
    return request.college or (achievements[0].lead_person if achievements else "")


def days_left(request: RenewalRequest) -> int:
    return (request.campaign.closes_on - timezone.localdate()).days
