"""Links by which a person confirms the own share without an account: worked out from the secret key, not stored."""

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from deals.models import IncomeCase, IncomeShare

LENGTH, ID_LENGTH = 32, 10


def token_of(share: IncomeShare) -> str:
    """The public id, then the secret part: LENGTH hexadecimal digits."""
    text = f"{share.public_id}:{share.issue}"
    return share.public_id + salted_hmac("deals.income", text, algorithm="sha256").hexdigest()[:LENGTH]


def link_of(share: IncomeShare) -> str:
    """The whole address, to pass on to the person."""
    path = reverse("income_share_link", args=[token_of(share)])
    return f"{settings.SITE_ADDRESS}{path}"


def share_of_token(token: str) -> IncomeShare | None:
    """The share that the link opens: None if it is wrong, replaced, or its case was cancelled."""
    rows = IncomeShare.objects.select_related("case__institution")
    share = rows.filter(public_id=token[:ID_LENGTH]).exclude(case__status=IncomeCase.Status.CANCELLED).first()
    return share if share is not None and constant_time_compare(token_of(share), token) else None
