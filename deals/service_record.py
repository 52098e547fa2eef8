"""What agencies and brokers have brought about: registered contracts that both sides confirmed, counted, never stored.

Numbers of contracts only: a sum could tell what one firm paid.
"""

from collections.abc import Iterable

from django.db.models import Count, Q

from brokers.models import Agency, Broker
from deals.models import Contract


def contracts_of_brokers(brokers: Iterable[Broker]) -> dict[int, int]:
    """Broker's key → how many, for those that have any. Both sides confirmed the broker's part too. One query."""
    rows = Contract.objects.registered().broker_confirmed().filter(broker__in=[one.pk for one in brokers])
    return dict(rows.order_by().values_list("broker").annotate(Count("pk")))


def contracts_of_agency(agency: Agency) -> int:
    """Those that name the agency, and those of its brokers whose part was confirmed."""
    rows = Contract.objects.registered().confirmed()
    own = Q(agency=agency, broker=None)
    of_brokers = Q(pk__in=Contract.objects.broker_confirmed().filter(broker__agency=agency).values("pk"))
    return rows.filter(own | of_brokers).count()
