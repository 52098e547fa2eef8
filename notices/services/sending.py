"""Sending deliveries exactly once as far as possible.

The row is locked while it is sent: a second run of the task skips it, and the lock of a killed worker ends with its
connection. Failed deliveries are tried again later; the sweeper enqueues what a lost broker has forgotten.

If the process dies between the server's acceptance and the COMMIT, the delivery is sent a second time. It then carries
the same Message-ID (webhook-id), by which receivers recognise duplicates.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from audit.services import record
from core.database_clock import database_now
from core.task_queue import enqueue
from notices.channels import DeliveryRefused, deliver
from notices.models import Delivery

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 8
FIRST_RETRY_DELAY = timedelta(minutes=2)
"""The delay doubles with each attempt."""


def enqueue_deliveries(ids: Iterable[int]) -> None:
    """Enqueue sending after the commit. A broker that does not respond is no error: the sweeper enqueues later."""
    ids = list(ids)
    if ids:
        transaction.on_commit(lambda: _enqueue(ids))


def send_delivery(delivery_id: int) -> bool:
    """Send the delivery if it is due and no other worker is sending it. Returns whether it was sent now."""
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
        except DeliveryRefused as error:
            row.status, row.error = Delivery.Status.FAILED, str(error)[:300]
        except Exception as error:  # mail servers and gateways fail in many ways; the row records each
            log.warning("delivery %s: attempt %s failed: %s", row.pk, row.attempts, type(error).__name__)
            row.error = f"{type(error).__name__}: {error}"[:300]
            row.try_after = database_now() + FIRST_RETRY_DELAY * 2 ** (row.attempts - 1)
            if row.attempts >= MAX_ATTEMPTS:
                row.status = Delivery.Status.FAILED
        else:
            row.status, row.error, row.sent_at = Delivery.Status.SENT, "", timezone.now()
        row.save(update_fields=["status", "error", "attempts", "try_after", "sent_at"])
    return row.status == Delivery.Status.SENT


def send_again(delivery: Delivery, *, by: User) -> None:
    """Put a failed delivery back into the queue, under a new message id."""
    queued = Delivery.objects.filter(pk=delivery.pk, status=Delivery.Status.FAILED).update(
        status=Delivery.Status.QUEUED, try_after=timezone.now(), attempts=0, resends=F("resends") + 1
    )
    if queued:
        record("重新发送", delivery, by=by, changes={"status": ["failed", "queued"]})
        enqueue_deliveries([delivery.pk])


def sweep_deliveries() -> int:
    """Enqueue the deliveries that are due, at most 500. Returns how many."""
    ids = list(Delivery.objects.due().order_by("try_after").values_list("pk", flat=True)[:500])
    _enqueue(ids)
    return len(ids)


def _enqueue(ids: list[int]) -> None:
    for delivery_id in ids:
        if not enqueue("notices.tasks.send_delivery", delivery_id):
            log.warning("broker unavailable; the sweeper will enqueue the deliveries")
            return
