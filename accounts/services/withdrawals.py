"""Withdrawn consents of persons, by keyed hash, so that a later form or sheet does not bring them back."""

import re
from collections.abc import Iterable

from django.utils.crypto import salted_hmac

from accounts.models import ConsentWithdrawal


def record_withdrawal(organisation_id: int, values: Iterable[str]) -> None:
    """Remember that the person with these values (name, telephone, mail address) gives this organisation no consent."""
    ConsentWithdrawal.objects.bulk_create(
        [
            ConsentWithdrawal(organisation_id=organisation_id, fingerprint=fingerprint)
            for fingerprint in {_fingerprint(organisation_id, value) for value in values if value.strip()}
        ],
        ignore_conflicts=True,
    )


def withdrawn_values(values: Iterable[tuple[int, str]]) -> set[tuple[int, str]]:
    """Those of the (organisation id, value) pairs for which a consent was withdrawn. One query."""
    fingerprints = {(organisation, value): _fingerprint(organisation, value) for organisation, value in values if value}
    if not fingerprints:
        return set()
    withdrawn = set(
        ConsentWithdrawal.objects.filter(organisation__in={organisation for organisation, _value in fingerprints})
        .values_list("fingerprint", flat=True)
    )  # fmt: skip
    return {pair for pair, fingerprint in fingerprints.items() if fingerprint in withdrawn}


def _fingerprint(organisation_id: int, value: str) -> str:
    plain = re.sub(r"[\s\-()（）]", "", value).casefold()
    plain = re.sub(r"^(\+|00)?86(?=1\d{10}$)", "", plain)
    return salted_hmac("accounts.withdrawal", f"{organisation_id}:{plain}", algorithm="sha256").hexdigest()
