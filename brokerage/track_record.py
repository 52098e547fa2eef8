"""What the public page counts of a broker or an agency: pairs followed, contracts, answering time.

Counted from the platform's records on request; nobody types them. Only numbers, and the answering time only from
MIN_REQUESTS on, as for institutions.
"""

from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from brokerage.models import HelpRequest
from brokers.models import Agency, Broker
from core.workdays import count_workdays
from deals.service_record import contract_count_of_agency, contract_counts_of_brokers
from mandates.models import Mandate
from matching.models import BrokerRequest

MIN_REQUESTS = 5


@dataclass(frozen=True)
class TrackRecord:
    """pairs: followed by request, taken; contracts: registered, the part confirmed by both parties; clients: mandates
    confirmed so far. days: working days to the answer of each request, ascending, None for none."""

    pairs: int
    contracts: int
    clients: int
    days: tuple[int | None, ...]

    @property
    def has_times(self) -> bool:
        return len(self.days) >= MIN_REQUESTS

    @property
    def median_days(self) -> int | None:
        return self.days[(len(self.days) - 1) // 2] if self.days else None


def track_record(owner: Broker | Agency) -> TrackRecord:
    """Five queries."""
    is_broker = isinstance(owner, Broker)
    people = Q(broker=owner) if is_broker else Q(broker__agency=owner)
    pairs = BrokerRequest.objects.filter(people, status=BrokerRequest.Status.TAKEN).count()
    contracts = (
        contract_counts_of_brokers([owner]).get(owner.pk, 0)
        if isinstance(owner, Broker)
        else contract_count_of_agency(owner)
    )
    mandated = Q(broker=owner) if is_broker else Q(agency=owner) | Q(broker__agency=owner)
    clients = Mandate.objects.filter(mandated, confirmed_at__isnull=False).values("client").distinct().count()
    return TrackRecord(pairs, contracts, clients, _answer_days(owner))


def _answer_days(owner: Broker | Agency) -> tuple[int | None, ...]:
    """Of requests that were sent to the owner alone, and are answered or late. Withdrawn ones say nothing."""
    rows = HelpRequest.objects.filter(Q(broker=owner) if isinstance(owner, Broker) else Q(agency=owner))
    late = Q(status=HelpRequest.Status.SENT, answer_due_on__lt=timezone.localdate())
    answered = Q(answered_at__isnull=False)
    days = [
        None if answered_at is None else count_workdays(timezone.localdate(asked_at), timezone.localdate(answered_at))
        for asked_at, answered_at in rows.filter(late | answered).values_list("asked_at", "answered_at")
    ]
    return tuple(sorted(days, key=lambda day: (day is None, day or 0)))
