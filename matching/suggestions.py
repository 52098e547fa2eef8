"""Suggestions of brokers, agencies and institutions that could help with a demand.

Brokers and agencies are chosen by field, district and record, institutions by field. The reasons come from rows of the
registry.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q

from accounts.models import Contact, Organisation, User
from achievements.models import Achievement
from brokers.models import Agency, Broker
from core.scope import scope_of
from demands.models import Demand
from taxonomy.models import Industry

FIELD_WEIGHT, RELATED_FIELD_WEIGHT, DISTRICT_WEIGHT = 3.0, 2.0, 2.0
"""Weights of the demand's industry, of an industry in the same branch, and of the demand's district."""
TAKEN_WEIGHT, WAITING_WEIGHT, SENIOR_WEIGHT = 0.5, -0.5, 0.5
"""Weights of each request taken (up to MAX_TAKEN), of each unanswered request, and of the highest level."""
MAX_TAKEN = 4


@dataclass(frozen=True)
class Suggestion:
    """A broker, agency or institution with reasons: 熟悉高端装备, 服务金普新区, 已接受 2 项委托."""

    who: Broker | Agency | Organisation
    weight: float
    reasons: list[str] = field(default_factory=list)
    contact: Contact | None = None


def suggest_brokers(demand: Demand, *, user: User | AnonymousUser, limit: int = 5) -> list[Suggestion]:
    """Return certified brokers that the user may see, of the field or the district, best first. Four queries."""
    facts = _facts_for(user, demand)
    taken = Count("requests", Q(requests__status="taken"), distinct=True)
    waiting = Count("requests", Q(requests__status="asked"), distinct=True)
    brokers = (
        Broker.objects.visible_to(user)
        .certified()
        .filter(pk__in=Broker.objects.filter(_matches_field_or_district(facts)).values("pk"))
        .select_related("agency__organisation")
        .prefetch_related("industries", "regions")
        .annotate(taken=taken, waiting=waiting)
    )
    scope = scope_of(user)
    shows_requests = scope.sees_all or scope.is_district
    return _best((_broker(broker, facts, shows_requests=shows_requests) for broker in brokers), limit)


def suggest_agencies(demand: Demand, *, user: User | AnonymousUser, limit: int = 3) -> list[Suggestion]:
    """Return agencies of the public directory, of the field or the district, best first. Three queries."""
    facts = _facts_for(user, demand)
    agencies = (
        Agency.objects.visible_to(user)
        .listed()
        .filter(pk__in=Agency.objects.filter(_matches_field_or_district(facts)).values("pk"))
        .select_related("organisation")
        .prefetch_related("industries", "regions")
    )
    return _best((Suggestion(agency, *_weight_and_reasons(agency, facts)) for agency in agencies), limit)


def suggest_institutions(demand: Demand, *, user: User, limit: int = 3) -> list[Suggestion]:
    """Return institutions with the most achievements on offer in the demand's field. Two queries; none without a field.

    The contact of the office is added if the user may ask for it; `reveal_contact` checks this again and records it.
    """
    if demand.industry is None:
        return []
    own = Count("pk", Q(industry=demand.industry))
    counted = (
        Achievement.objects.visible_to(user)
        .available()
        .filter(industry__in=_branch(demand.industry))
        .order_by()
        .values("institution", "institution__name", "institution__stat_region")
        .annotate(own=own, all=Count("pk"))
        .order_by("-own", "-all", "institution__name")[:limit]
    )
    rows = list(counted)
    contacts = _office_contacts(user, [row["institution"] for row in rows])
    institutions = Organisation.objects.in_bulk([row["institution"] for row in rows]) if rows else {}
    return [
        Suggestion(
            institutions[row["institution"]], row["own"], _count_reason(row, demand), contacts.get(row["institution"])
        )
        for row in rows
    ]


def _count_reason(row: dict, demand: Demand) -> list[str]:
    if row["own"]:
        return ["“%(field)s”方向有 %(count)d 项成果可对接" % {"field": demand.industry.name, "count": row["own"]}]
    return ["相近方向有 %(count)d 项成果可对接" % {"count": row["all"]}]


def _office_contacts(user: User, institutions: list[int]) -> dict[int, Contact]:
    contacts = Contact.objects.visible_to(user).filter(organisation__in=institutions, consented_at__isnull=False)
    return {contact.organisation_id: contact for contact in contacts.order_by("-pk")}


class _Facts(NamedTuple):
    """The industry and the district (id) of a demand that the reader may know."""

    industry: Industry | None
    region_id: int | None


def _facts_for(user: User | AnonymousUser, demand: Demand) -> _Facts:
    """What an anonymous demand hides must not stand in the reasons either."""
    if demand.is_anonymous and not Demand.objects.unmasked_for(user).filter(pk=demand.pk).exists():
        region = demand.public_region
        return _Facts(demand.public_industry, region.pk if region else None)
    # A problem that nobody has registered as a demand has no firm.
    return _Facts(demand.industry, demand.firm.stat_region_id if demand.firm_id else None)


def _matches_field_or_district(facts: _Facts) -> Q:
    """Return the condition of a common field or district; a false one if the demand has neither."""
    condition = Q(pk__in=[])
    if facts.industry is not None:
        condition |= Q(industries__in=_branch(facts.industry))
    if facts.region_id:
        condition |= Q(regions=facts.region_id)
    return condition


def _branch(industry: Industry):
    """Return the industry, its parent and the other children of the parent."""
    top = industry.parent_id or industry.pk
    return Industry.objects.filter(Q(pk=top) | Q(parent=top)).values("pk")


def _broker(broker: Broker, facts: _Facts, *, shows_requests: bool) -> Suggestion:
    """`shows_requests`: whether the reader may see the numbers of the broker's requests."""
    weight, reasons = _weight_and_reasons(broker, facts)
    if shows_requests and broker.taken:
        reasons.append("已接受 %(count)d 项委托" % {"count": broker.taken})
    if shows_requests and broker.waiting:
        reasons.append("另有 %(count)d 项委托待答复" % {"count": broker.waiting})
    if broker.level == Broker.Level.SENIOR:
        weight += SENIOR_WEIGHT
    weight += TAKEN_WEIGHT * min(broker.taken, MAX_TAKEN) + WAITING_WEIGHT * broker.waiting
    return Suggestion(broker, weight, reasons)


def _weight_and_reasons(party: Broker | Agency, facts: _Facts) -> tuple[float, list[str]]:
    """Return the weight and the reasons of field and district."""
    weight, reasons = 0.0, []
    fields = {industry.pk: industry for industry in party.industries.all()}
    if facts.industry is not None:
        own = fields.get(facts.industry.pk)
        top = facts.industry.parent_id or facts.industry.pk
        related = own or next((field for field in fields.values() if top in (field.pk, field.parent_id)), None)
        if related is not None:
            weight += FIELD_WEIGHT if own else RELATED_FIELD_WEIGHT
            reasons.append("熟悉%(field)s" % {"field": related.name})
    region = next((region for region in party.regions.all() if region.pk == facts.region_id), None)
    if region is not None:
        weight += DISTRICT_WEIGHT
        reasons.append("服务%(region)s" % {"region": region.name})
    return weight, reasons


def _best(suggestions: Iterable[Suggestion], limit: int) -> list[Suggestion]:
    return sorted(suggestions, key=lambda suggestion: (-suggestion.weight, str(suggestion.who), suggestion.who.pk))[
        :limit
    ]
