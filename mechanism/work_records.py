"""The platform's own record that a broker or an agency worked on a contract: a mandate, a pair that it followed, a bid.

The contract names the candidate, and both parties confirm its part; this adds that the work did not begin with the
contract. A mandate counts from the moment the platform recorded its confirmation, so that none is written afterwards.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from django.utils import timezone

from challenges.models import BidMember
from deals.models import Contract
from mandates.models import Mandate
from matching.models import BrokerRequest


def contracts_with_work_record(contracts: Collection[Contract]) -> set[int]:
    """Primary keys of the contracts whose broker or agency had a mandate of a party on the day it was signed, had taken
    the request to follow the pair, or had bid for the call together with the seller. Three queries."""
    followed = _followed_pairs(contracts) | _joint_bids(contracts)
    mandates = _mandates(contracts)
    return {
        contract.pk
        for contract in contracts
        if contract.pk in followed or any(_covers(mandate, contract) for mandate in mandates[_agent_key(contract)])
    }


def _followed_pairs(contracts: Collection[Contract]) -> set[int]:
    pairs = {
        contract.pk: (contract.deal.follow_up.match_id, contract.broker_id)
        for contract in contracts
        if contract.broker_id and contract.deal and contract.deal.follow_up
    }
    taken = BrokerRequest.objects.filter(
        match__in={match for match, _broker in pairs.values()}, status=BrokerRequest.Status.TAKEN
    )
    known = set(taken.values_list("match", "broker"))
    return {pk for pk, pair in pairs.items() if pair in known}


def _joint_bids(contracts: Collection[Contract]) -> set[int]:
    """Those of challenges (揭榜挂帅) whose awarded bid the agency was a member of: sealed before the deadline."""
    deals = {contract.deal_id for contract in contracts if contract.deal_id}
    members = BidMember.objects.active().filter(bid__won__deal__in=deals, organisation__agency__isnull=False)
    known = set(members.values_list("bid__won__deal", "organisation__agency"))
    return {contract.pk for contract in contracts if (contract.deal_id, _agent_key(contract)[1]) in known}


def _mandates(contracts: Collection[Contract]) -> dict[tuple[int | None, int | None], list[Mandate]]:
    """{(broker, agency) as contracts name them: their confirmed mandates of the parties}."""
    parties = {pk for contract in contracts for pk in (contract.seller_id, contract.buyer_id) if pk}
    rows = list(Mandate.objects.filter(client__in=parties, confirmed_at__isnull=False))
    of_agents = defaultdict(list)
    for key in {_agent_key(contract) for contract in contracts}:
        broker, agency = key
        of_agents[key] = [
            row for row in rows if (broker and row.broker_id == broker) or (agency and row.agency_id == agency)
        ]
    return of_agents


def _agent_key(contract: Contract) -> tuple[int | None, int | None]:
    """The broker and the agency whose mandates count for a contract: a broker also works by those of the agency."""
    agency = contract.agency_id or (contract.broker.agency_id if contract.broker else None)
    return contract.broker_id, agency


def _covers(mandate: Mandate, contract: Contract) -> bool:
    day: date | None = contract.signed_on or contract.registered_on
    if day is None or mandate.confirmed_at is None or mandate.client_id not in (contract.seller_id, contract.buyer_id):
        return False
    begins = max(mandate.starts_on, timezone.localdate(mandate.confirmed_at))
    ends = min(mandate.ends_on, timezone.localdate(mandate.closed_at)) if mandate.closed_at else mandate.ends_on
    return begins <= day <= ends
