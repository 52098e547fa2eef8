"""Out of the house, once: the row is locked while it is sent, so a second delivery of the task passes by, and a killed
worker's lock vanishes with its connection. What fails is tried again later, what was lost is swept up.

Between a server's "accepted" and our COMMIT a crash can hide that it was sent. The second sending then carries the
same Message-ID (webhook-id), by which receiving servers drop the copy.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerLost
from redis.exceptions import RedisError

from audit.services import record
from notices.channels import Refused, deliver
from notices.models import Delivery

log = logging.getLogger(__name__)
MOST_ATTEMPTS = 8
FIRST_PAUSE = timedelta(minutes=2)


def send_soon(ids: Iterable[int]) -> None:
    """Ask a worker for it once the transaction has committed. A lost broker is not an error: the sweeper follows."""
    ids = list(ids)
    if ids:
        transaction.on_commit(lambda: _ask_worker(ids))


def send_delivery(delivery_id: int) -> bool:
    """Send one, if it still has to be; True if it went out now."""
    with transaction.atomic():
        row = (
            Delivery.objects.due()
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("recipient", "notice")
            .filter(pk=delivery_id)
            .first()
        )
        if row is None:
            return False
        row.attempts += 1
        try:
            deliver(row)
        except Refused as error:
            row.status, row.error = Delivery.Status.FAILED, str(error)[:300]
        except Exception as error:  # whatever a mail server or gateway does, the row must say so
            log.warning("delivery %s: attempt %s failed: %s", row.pk, row.attempts, type(error).__name__)
            row.error = f"{type(error).__name__}: {error}"[:300]
            row.try_after = timezone.now() + FIRST_PAUSE * 2 ** (row.attempts - 1)
            if row.attempts >= MOST_ATTEMPTS:
                row.status = Delivery.Status.FAILED
        else:
            row.status, row.error, row.sent_at = Delivery.Status.SENT, "", timezone.now()
        row.save(update_fields=["status", "error", "attempts", "try_after", "sent_at"])
    return row.status == Delivery.Status.SENT


def send_again(delivery: Delivery, *, by) -> None:
    """Staff let a failed one be tried again."""
    again = Delivery.objects.filter(pk=delivery.pk, status=Delivery.Status.FAILED).update(
        status=Delivery.Status.QUEUED, try_after=timezone.now(), attempts=0
    )
    if again:
        record("重新发送", delivery, by=by, changes={"status": ["failed", "queued"]})
        send_soon([delivery.pk])


def sweep_deliveries() -> int:
    """Ask again for everything whose time has come; returns how many. What a worker is just sending passes by."""
    ids = list(Delivery.objects.due().order_by("try_after").values_list("pk", flat=True)[:500])
    _ask_worker(ids)
    return len(ids)


def _ask_worker(ids: list[int]) -> None:
    from notices.tasks import send_delivery as task  # the task calls this module

    for number in ids:
        try:
            task.delay(number)
        except (BrokerLost, RedisError, OSError):
            log.warning("broker lost, the sweeper will send deliveries again")
            return
