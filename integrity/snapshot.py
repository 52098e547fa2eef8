"""Reads what the signals need from the database. The number of queries does not depend on the number of rows."""

import re
from collections import defaultdict
from hashlib import md5
from typing import Any

from django.db.models import F, Min, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Contact, Membership, Organisation, Role, User
from achievements.models import Achievement
from brokers.models import Broker
from deals.models import Contract, Deal, Payment
from deals.registration.party_lookup import name_key
from integrity.authors import authors_of_contracts
from integrity.models import Ownership, RegisteredDetails
from integrity.relations import declared_relations
from integrity.signals.facts import (
    BrokerFacts,
    ContractFacts,
    DealFacts,
    OwnershipFacts,
    PartyFacts,
    PartyKey,
    PaymentFacts,
    Snapshot,
)
from taxonomy.models import TransferWay

PARTY_KINDS = (Organisation.Kind.FIRM, Organisation.Kind.INSTITUTION, Organisation.Kind.AGENCY)
PARTY_ROLES = (Role.FIRM, Role.INSTITUTION, Role.BROKER)
STAFF_ROLES = (Role.CITY, Role.DISTRICT)
LOOKED_AT = (Contract.Status.SUBMITTED, Contract.Status.REGISTERED)
SHORTEST_PHONE = 7
_NOT_DIGIT = re.compile(r"\D")


def take_snapshot() -> Snapshot:
    """All contracts that are submitted or registered, all deals but failed ones, all payments but struck ones."""
    reader, today = _Reader(), timezone.localdate()
    ownerships = Ownership.objects.in_effect(today)
    return Snapshot(
        contracts=reader.contracts(Contract.objects.filter(status__in=LOOKED_AT).order_by("pk")),
        payments=reader.payments(Payment.objects.counted()),
        deals={deal.pk: deal for deal in reader.deals(Deal.objects.active())},
        parties=reader.parties,
        brokers={pk: BrokerFacts(name, user) for pk, name, user in Broker.objects.values_list("pk", "name", "user_id")},
        declared=declared_relations(today),
        ownerships=[
            OwnershipFacts(*row) for row in ownerships.order_by("pk").values_list("owner_id", "owned_id", "share")
        ],
        staff=dict(User.objects.filter(memberships__role__in=STAFF_ROLES).values_list("pk", "name")),
    )


class _Reader:
    """Reads the parties first: a contract that names a registered firm only in words is taken as its contract."""

    def __init__(self) -> None:
        self.parties: dict[PartyKey, PartyFacts] = {}
        self.by_name: dict[str, int] = {}
        phones, people = _phones(), _people()
        details = {row.organisation_id: row for row in RegisteredDetails.objects.all()}
        organisations = Organisation.objects.filter(kind__in=PARTY_KINDS).order_by("-pk")
        for pk, name, former_names, kind in organisations.values_list("pk", "name", "former_names", "kind"):
            row = details.get(pk)
            self.parties[pk] = PartyFacts(
                name,
                is_institution=kind == Organisation.Kind.INSTITUTION,
                address=name_key(row.address) if row else "",
                legal_representative=name_key(row.legal_representative) if row else "",
                phones=frozenset(phones[pk] | ({phone_key(row.phone)} if row else set())) - {""},
                people=frozenset(people[pk]),
            )
            self.by_name |= {name_key(former): pk for former in former_names} | {name_key(name): pk}
        self._keys: dict[str, PartyKey] = {}

    def party(self, pk: int | None, name: str) -> PartyKey:
        if pk is not None:
            return pk
        if name not in self._keys:
            key = name_key(name)
            self._keys[name] = self.by_name.get(key) or key
            self.parties.setdefault(self._keys[name], PartyFacts(name))
        return self._keys[name]

    def contracts(self, rows: QuerySet[Contract]) -> list[ContractFacts]:
        authors = authors_of_contracts(rows)
        columns = (
            *("pk", "facts_hash", "list_hash", "status", "number", "seller_id", "seller_name", "buyer_id"),
            *("buyer_name", "amount_wan", "signed_on", "registered_on", "deal_id", "broker_id"),
            "agency__organisation_id",
        )
        return [
            ContractFacts(
                pk=pk,
                version=md5(f"{facts} {listed} {status}".encode(), usedforsecurity=False).hexdigest(),
                number=number,
                seller=self.party(seller, seller_name),
                buyer=self.party(buyer, buyer_name),
                amount=amount,
                signed_on=signed_on,
                registered_on=registered_on,
                deal=deal,
                broker=broker,
                agency=agency,
                authors=frozenset(authors.get(pk, ())),
            )
            for pk, facts, listed, status, number, seller, seller_name, buyer, buyer_name, amount, signed_on,
            registered_on, deal, broker, agency in rows.values_list(*columns).iterator(chunk_size=5000)
        ]  # fmt: skip

    def payments(self, rows: QuerySet[Payment]) -> list[PaymentFacts]:
        columns = (
            *("pk", "evidence_hash", "deal_id", "amount_wan", "received_on"),
            *("deal__seller_id", "deal__seller_name", "deal__buyer_id", "deal__buyer_name"),
        )
        return [
            PaymentFacts(pk, version, deal, self.party(buyer, buyer_name), self.party(seller, seller_name), amount, day)
            for pk, version, deal, amount, day, seller, seller_name, buyer, buyer_name in rows.order_by(
                "pk"
            ).values_list(*columns)
        ]

    def deals(self, rows: QuerySet[Deal]) -> list[DealFacts]:
        achievement = Coalesce(
            F("follow_up__match__achievement"), F("meeting__match__achievement"), F("outside_achievement")
        )
        values = rows.order_by("pk").annotate(
            about=achievement,
            first_on=Min("steps__on"),
            signed_day=Min("steps__on", filter=Q(steps__stage=Deal.Stage.SIGNED)),
        )
        columns = (
            *("pk", "facts_hash", "name", "seller_id", "seller_name", "buyer_id", "buyer_name", "signed_wan", "stage"),
            *("way", "licence", "about", "first_on", "signed_day", "made_by_id", "follow_up__owner_id"),
        )
        stored = list(values.values_list(*columns))
        prices = _prices({row[11] for row in stored if row[11]})
        return [self._deal(row, prices) for row in stored]

    def _deal(self, row: tuple, prices: dict[int, tuple]) -> DealFacts:
        pk, version, name, seller, seller_name, buyer, buyer_name, amount, stage, way, licence, about = row[:12]
        first_on, signed_on, *authors = row[12:]
        title, low, high = prices.get(about, ("", None, None))
        is_exclusive = way == TransferWay.ASSIGNMENT or licence in (Deal.Licence.EXCLUSIVE, Deal.Licence.SOLE)
        return DealFacts(
            pk=pk,
            version=version,
            name=name,
            seller=self.party(seller, seller_name),
            buyer=self.party(buyer, buyer_name),
            amount=amount,
            first_on=first_on,
            signed_on=signed_on if stage != Deal.Stage.INTENT else None,
            achievement=about,
            achievement_title=title,
            is_exclusive=is_exclusive,
            price_min=low,
            price_max=high,
            authors=frozenset(author for author in authors if author),
        )


def phone_key(phone: str) -> str:
    """The digits without the country; empty for a number that is too short to tell somebody."""
    digits = _NOT_DIGIT.sub("", phone)
    digits = digits[2:] if len(digits) == 13 and digits.startswith("86") else digits
    return digits if len(digits) >= SHORTEST_PHONE else ""


def _phones() -> dict[int, set[str]]:
    """Phones of contacts, and of users who act for the organisation."""
    phones: dict[int, set[str]] = defaultdict(set)
    contacts = Contact.objects.exclude(phone="").values_list("organisation_id", "phone")
    members = Membership.objects.active().filter(role__in=PARTY_ROLES).exclude(user__phone="")
    for organisation, phone in (*contacts, *members.values_list("organisation_id", "user__phone")):
        phones[organisation].add(phone_key(phone))
    return phones


def _people() -> dict[int, set[int]]:
    """Users who act for an organisation."""
    people: dict[int, set[int]] = defaultdict(set)
    members = Membership.objects.active().filter(role__in=PARTY_ROLES)
    for organisation, user in members.values_list("organisation_id", "user_id"):
        people[organisation].add(user)
    return people


def _prices(achievements: set[int]) -> dict[int, tuple[str, Any, Any]]:
    """{achievement: (title, lowest, highest price)}."""
    rows = Achievement.objects.filter(pk__in=achievements)
    return {row[0]: row[1:] for row in rows.values_list("pk", "title", "price_min_wan", "price_max_wan")}
