"""One row that may hold data of the person who made a request, and the conditions by which rows are looked for."""

from dataclasses import dataclass

from django.db.models import Model, Q

from accounts.models import Organisation
from privacy.models import DataRequest

MAX_ROWS = 50
"""So many rows of a kind are listed; a name alone may be that of many people."""


@dataclass(frozen=True)
class PersonRecord:
    """One row. `is_sure`: it belongs to the account or the mailbox by which the person was verified.

    Name, telephone, and any other address are what the request says; an officer compares them with the proof.
    """

    kind: str
    row: Model
    organisation: Organisation | None
    label: str
    is_sure: bool
    details: tuple[tuple[str, object], ...] = ()
    """(label, value) for the copy, where they are not fields of the row."""

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.row.pk}"


def reaches(request: DataRequest) -> Q:
    """Rows with the mail address or telephone that the request names."""
    reaches = Q(pk__in=[])
    if request.email:
        reaches |= Q(email__iexact=request.email)
    if request.phone:
        reaches |= Q(phone=request.phone)
    return reaches


def is_mailbox(request: DataRequest, email: str) -> bool:
    """Whether the person has confirmed the request by a link mailed to this address."""
    by_mail = request.verified_how == DataRequest.Verification.MAIL
    return by_mail and bool(email) and email.casefold() == request.email.casefold()


def in_unit(request: DataRequest, *paths: str) -> Q:
    """Rows of the unit that the person named; all, if none was named."""
    if not request.unit:
        return Q()
    named = Q()
    for path in paths:
        named |= Q(**{f"{path}__icontains": request.unit})
    return named
