"""Whether a bidder and the firm of a challenge are the same, hold shares of each other, are declared as related, or the
bidder works for the firm under a mandate."""

from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation
from challenges.models import Challenge
from integrity.models import Ownership
from integrity.relations import declared_relations
from mandates.models import Mandate


def relation_to_firm(challenge: Challenge, organisation: Organisation) -> str:
    """How they are related, as words; empty if they are not."""
    own = challenge.demand.firm_id
    if organisation.pk == own:
        return "发榜企业本身"
    today = timezone.localdate()
    pair = Q(owner=own, owned=organisation.pk) | Q(owner=organisation.pk, owned=own)
    if Ownership.objects.in_effect(today).filter(pair).exists():
        return "登记了持股关系"
    agents = Q(agency__organisation=organisation) | Q(broker__agency__organisation=organisation)
    if Mandate.objects.in_force().filter(agents, client=own).exists():
        return "受发榜企业委托"
    return declared_relations(today).get(frozenset({own, organisation.pk}), "")
