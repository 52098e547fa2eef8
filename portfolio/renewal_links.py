"""Links of a renewal campaign: worked out from the secret key, so that the office can show them again.

A copy of the database opens nothing. `RenewalRequest.issue` makes earlier links void.
"""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from achievements.models import Achievement
from portfolio.models import RenewalRequest

LENGTH, ID_LENGTH = 32, 10


def token_of(request: RenewalRequest) -> str:
    """The public id, then the secret part: LENGTH hexadecimal digits."""
    text = f"{request.public_id}:{request.issue}"
    return request.public_id + salted_hmac("portfolio.renewal", text, algorithm="sha256").hexdigest()[:LENGTH]


def link_of(request: RenewalRequest) -> str:
    """The whole address, to pass on."""
    path = reverse("renewal", args=[token_of(request)])
    return f"{settings.SITE_ADDRESS}{path}"


def request_of_token(token: str) -> RenewalRequest | None:
    """The request that the link opens: None if it is wrong, revoked or its campaign is over."""
    rows = RenewalRequest.objects.select_related("campaign__institution")
    request = rows.filter(public_id=token[:ID_LENGTH], revoked_at=None).first()
    if request is None or not constant_time_compare(token_of(request), token):
        return None
    return None if request.campaign.is_over else request


def recipient_of(request: RenewalRequest, achievements: list[Achievement]) -> str:
    """The college, or the person in charge of the achievements."""
    return request.college or (achievements[0].lead_person if achievements else "")


def days_left(request: RenewalRequest) -> int:
    return (request.campaign.closes_on - timezone.localdate()).days
