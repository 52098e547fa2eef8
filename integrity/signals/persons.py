"""A broker, an agency or an officer who is a party of what he brings about, writes or registers."""

from collections.abc import Iterator

from integrity.signals.amounts import of_contract
from integrity.signals.facts import ContractFacts, Finding, Limits, PartyKey, Snapshot


def interested_person(snapshot: Snapshot, limits: Limits) -> Iterator[Finding]:
    """One finding for each contract with such a person."""
    owners: dict[PartyKey, set[PartyKey]] = {}
    for row in snapshot.ownerships:
        owners.setdefault(row.owned, set()).add(row.owner)
    for contract in snapshot.contracts:
        reasons = [
            *_broker_reasons(snapshot, contract),
            *_agency_reasons(snapshot, contract, owners),
            *_officer_reasons(snapshot, contract),
        ]
        if reasons:
            yield of_contract("interested_person", contract, "；".join(reasons) + "。")


def _broker_reasons(snapshot: Snapshot, contract: ContractFacts) -> list[str]:
    broker = snapshot.brokers.get(contract.broker or 0)
    if broker is None:
        return []
    for side, key in (("卖方", contract.seller), ("买方", contract.buyer)):
        parties = snapshot.parties.get(key)
        if parties is None:
            continue
        if broker.user and broker.user in parties.people:
            return [f"技术经纪人{broker.name}也代表{side}{parties.name}"]
        if parties.legal_representative and parties.legal_representative == broker.name:
            return [f"技术经纪人{broker.name}与{side}{parties.name}的法定代表人同名"]
    return []


def _agency_reasons(snapshot: Snapshot, contract: ContractFacts, owners: dict[PartyKey, set[PartyKey]]) -> list[str]:
    agency = contract.agency
    if agency is None:
        return []
    for side, key in (("卖方", contract.seller), ("买方", contract.buyer)):
        if agency == key:
            return [f"服务机构{snapshot.name_of(agency)}就是{side}"]
        if agency in owners.get(key, ()) or key in owners.get(agency, ()):
            return [f"服务机构{snapshot.name_of(agency)}与{side}{snapshot.name_of(key)}有股权关系"]
        if isinstance(key, int) and (why := snapshot.declared.get(frozenset({agency, key}))):
            return [f"服务机构{snapshot.name_of(agency)}与{side}{snapshot.name_of(key)}是关联单位：{why}"]
    return []


def _officer_reasons(snapshot: Snapshot, contract: ContractFacts) -> list[str]:
    deal = snapshot.deals.get(contract.deal or 0)
    authors = contract.authors | (deal.authors if deal else frozenset())
    for side, key in (("卖方", contract.seller), ("买方", contract.buyer)):
        parties = snapshot.parties.get(key)
        officers = sorted(authors & snapshot.staff.keys() & parties.people) if parties else []
        if parties and officers:
            return [f"办理这项登记的工作人员{snapshot.staff[officers[0]]}也代表{side}{parties.name}"]
    return []
