"""Mails to addresses that belong to no user account, such as an invitation with a personal link."""

from collections.abc import Iterable
from dataclasses import dataclass

from notices.models import Delivery
from notices.services.sending import enqueue_deliveries


@dataclass(frozen=True, slots=True)
class SingleMail:
    """`body` is plain text, sent as it is. `unsubscribe_url` stops such mails when it is posted to, without sign-in."""

    address: str
    subject: str
    body: str
    unsubscribe_url: str = ""


def send_single_mails(mails: Iterable[SingleMail]) -> int:
    """`queue_single_mails`; returns how many."""
    return len(queue_single_mails(mails))


def queue_single_mails(mails: Iterable[SingleMail]) -> list[Delivery]:
    """Store a delivery for each mail in the caller's transaction; workers send after the commit. Returns the rows in
    the order of the mails."""
    rows = Delivery.objects.bulk_create(
        [
            Delivery(
                channel=Delivery.Channel.SINGLE_MAIL,
                address=mail.address[:254],
                subject=mail.subject[:200],
                body=mail.body,
                unsubscribe_url=mail.unsubscribe_url,
            )
            for mail in mails
        ],
        batch_size=500,
    )
    enqueue_deliveries(row.pk for row in rows)
    return rows
