"""Who could help with a need: brokers and agencies by field, district and record, institutions by field.

Each is proposed with its reasons, which are rows of the registry and nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts.models import Contact, Organisation
from achievements.models import Achievement
from brokers.models import Agency, Broker
from core.scope import scope_of
from demands.models import Demand
from taxonomy.models import Industry

FIELD, NEIGHBOUR_FIELD, DISTRICT, TAKEN, WAITING, SENIOR = 3.0, 2.0, 2.0, 0.5, -0.5, 0.5
"""What speaks for a broker or an agency: the need's own field, one of the same chain, its district; each request taken
(up to MOST_TAKEN) and each still unanswered; the highest level."""
MOST_TAKEN = 4


@dataclass(frozen=True)
class Advice:
    """Somebody who could help, and why: 熟悉高端装备, 服务金普新区, 已接受 2 项委托."""

    who: Broker | Agency | Organisation
    weight: float
    reasons: list[str] = field(default_factory=list)
    contact: Contact | None = None


def brokers_for(demand: Demand, *, user, limit: int = 5) -> list[Advice]:
    """Certified brokers the user may see who know the field or serve the district, best first. Four queries."""
    taken = Count("requests", Q(requests__status="taken"), distinct=True)
    waiting = Count("requests", Q(requests__status="asked"), distinct=True)
    brokers = (
        Broker.objects.visible_to(user)
        .certified()
        .filter(pk__in=Broker.objects.filter(_near(demand)).values("pk"))
        .select_related("agency__organisation")
        .prefetch_related("industries", "regions")
        .annotate(taken=taken, waiting=waiting)
    )
    scope = scope_of(user)
    told = scope.sees_all or scope.is_district
    return _best((_broker(broker, demand, told=told) for broker in brokers), limit)


def agencies_for(demand: Demand, *, user, limit: int = 3) -> list[Advice]:
    """Agencies of the public directory that know the field or serve the district, best first. Three queries."""
    agencies = (
        Agency.objects.visible_to(user)
        .listed()
        .filter(pk__in=Agency.objects.filter(_near(demand)).values("pk"))
        .select_related("organisation")
        .prefetch_related("industries", "regions")
    )
    return _best((Advice(agency, *_weigh(agency, demand)) for agency in agencies), limit)


def institutions_for(demand: Demand, *, user, limit: int = 3) -> list[Advice]:
    """Institutions with the most achievements on offer in the need's field, and the contact of their offices where
    the user may ask for it (`reveal_contact` decides again and writes it down). Two queries; none without a field.
    """
    if demand.industry is None:
        return []
    own = Count("pk", Q(industry=demand.industry))
    counted = (
        Achievement.objects.visible_to(user)
        .available()
        .filter(industry__in=_chain(demand.industry))
        .order_by()
        .values("institution", "institution__name", "institution__stat_region")
        .annotate(own=own, all=Count("pk"))
        .order_by("-own", "-all", "institution__name")[:limit]
    )
    found = list(counted)
    contacts = _office_contacts(user, [row["institution"] for row in found])
    near = Organisation.objects.in_bulk([row["institution"] for row in found]) if found else {}
    return [
        Advice(near[row["institution"]], row["own"], _counted(row, demand), contacts.get(row["institution"]))
        for row in found
    ]


def _counted(row: dict, demand: Demand) -> list[str]:
    if row["own"]:
        return [_("“%(field)s”方向有 %(count)d 项成果可对接") % {"field": demand.industry.name, "count": row["own"]}]
    return [_("相近方向有 %(count)d 项成果可对接") % {"count": row["all"]}]


def _office_contacts(user, institutions: list[int]) -> dict[int, Contact]:
    contacts = Contact.objects.visible_to(user).filter(organisation__in=institutions, consented_at__isnull=False)
    return {contact.organisation_id: contact for contact in contacts.order_by("-pk")}


def _near(demand: Demand) -> Q:
    """Who knows the field or serves the district. Without either everybody may be asked."""
    near = Q()
    if demand.industry is not None:
        near |= Q(industries__in=_chain(demand.industry))
    if demand.firm.stat_region_id:
        near |= Q(regions=demand.firm.stat_region_id)
    return near


def _chain(industry: Industry):
    """The field, the one above it and those below the same one."""
    top = industry.parent_id or industry.pk
    return Industry.objects.filter(Q(pk=top) | Q(parent=top)).values("pk")


def _broker(broker: Broker, demand: Demand, *, told: bool) -> Advice:
    """`told`: whether the reader may know what the broker was asked and took."""
    weight, reasons = _weigh(broker, demand)
    if told and broker.taken:
        reasons.append(_("已接受 %(count)d 项委托") % {"count": broker.taken})
    if told and broker.waiting:
        reasons.append(_("另有 %(count)d 项委托待答复") % {"count": broker.waiting})
    if broker.level == Broker.Level.SENIOR:
        weight += SENIOR
    return Advice(broker, weight + TAKEN * min(broker.taken, MOST_TAKEN) + WAITING * broker.waiting, reasons)


def _weigh(helper: Broker | Agency, demand: Demand) -> tuple[float, list[str]]:
    """Field and district: what they add up to, and how to say it."""
    weight, reasons = 0.0, []
    fields = {industry.pk: industry for industry in helper.industries.all()}
    if demand.industry is not None:
        own = fields.get(demand.industry_id)
        top = demand.industry.parent_id or demand.industry_id
        chain = own or next((one for one in fields.values() if top in (one.pk, one.parent_id)), None)
        if chain is not None:
            weight += FIELD if own else NEIGHBOUR_FIELD
            reasons.append(_("熟悉%(field)s") % {"field": chain.name})
    region = next((one for one in helper.regions.all() if one.pk == demand.firm.stat_region_id), None)
    if region is not None:
        weight += DISTRICT
        reasons.append(_("服务%(region)s") % {"region": region.name})
    return weight, reasons


def _best(found: Iterable[Advice], limit: int) -> list[Advice]:
    return sorted(found, key=lambda one: (-one.weight, str(one.who), one.who.pk))[:limit]
