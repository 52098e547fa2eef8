"""Letters: a mail to an address that need not belong to a user, with a link that only whoever holds it can use."""

from collections.abc import Iterable
from dataclasses import dataclass

from notices.models import Delivery
from notices.services.sending import send_soon


@dataclass(frozen=True, slots=True)
class Letter:
    """`body`: plain text as it is sent."""

    address: str
    subject: str
    body: str


def send_letters(letters: Iterable[Letter]) -> int:
    """Queue each letter in the caller's transaction; workers send it after the commit. Returns how many."""
    rows = Delivery.objects.bulk_create(
        [
            Delivery(
                channel=Delivery.Channel.LETTER,
                address=letter.address[:254],
                subject=letter.subject[:200],
                body=letter.body,
            )
            for letter in letters
        ],
        batch_size=500,
    )
    send_soon(row.pk for row in rows)
    return len(rows)
