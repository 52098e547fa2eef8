"""The work that an agent did for a pair under a mandate: the demand it wrote, and the approach it conducted."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from brokers.models import Broker
from demands.models import Demand
from enquiries.models import Approach
from mandates.models import Mandate, MandatedAct
from matching.models import Match


def acts_for(matches: Collection[int]) -> QuerySet[MandatedAct]:
    """Acts about the demand of one of these matches, or about an approach that became one of them."""
    demands = Demand.objects.filter(matches__in=matches).order_by().values("pk")
    approaches = Approach.objects.filter(match__in=matches).order_by().values("pk")
    return MandatedAct.objects.filter(
        Q(subject_type="demands.demand", subject_id__in=demands)
        | Q(subject_type="enquiries.approach", subject_id__in=approaches)
    )


def broker_by_mandate(match: Match) -> Broker | None:
    """The broker who last acted for one of the sides under a mandate that is in force now."""
    in_force = Mandate.objects.in_force().filter(client__in=[match.demand.firm_id, match.achievement.institution_id])
    act = acts_for([match.pk]).filter(mandate__in=in_force).select_related("mandate__broker__agency", "by").first()
    if act is None:
        return None
    return act.mandate.broker or Broker.objects.active().filter(user=act.by_id).select_related("agency").first()
