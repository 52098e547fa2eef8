"""How many contracts agencies and brokers brought about: registered and confirmed by both sides.

Counted on request and never stored. Only numbers, because a sum could tell what one firm paid.
"""

from collections.abc import Iterable

from django.db.models import Count, Q

from brokers.models import Agency, Broker
from deals.models import Contract


def contract_counts_of_brokers(brokers: Iterable[Broker]) -> dict[int, int]:
    """{primary key of a broker: number} for those with contracts whose sides confirmed the broker's part. One query."""
    contracts = Contract.objects.registered().broker_confirmed().filter(broker__in=[broker.pk for broker in brokers])
    return dict(contracts.order_by().values_list("broker").annotate(Count("pk")))


def contract_count_of_agency(agency: Agency) -> int:
    """Contracts that name the agency without a broker, and those in which the part of one of its brokers is
    confirmed."""
    of_agency = Contract.objects.confirmed().confirmed_by("agency").filter(agency=agency, broker=None)
    of_brokers = Contract.objects.broker_confirmed().filter(broker__agency=agency)
    either = Q(pk__in=of_agency.values("pk")) | Q(pk__in=of_brokers.values("pk"))
    return Contract.objects.registered().filter(either).count()
