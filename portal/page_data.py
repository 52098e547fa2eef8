"""schema.org data of the public pages that are no achievement and no demand: public facts only, no persons."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, Region
from brokers.models import Agency
from challenges.models import Challenge
from portal.districts import DistrictRows
from portal.structured_data import DESCRIPTION_LENGTH
from rounds.models import DockingRound

type Kind = Organisation | Region | DistrictRows | Agency | DockingRound | Challenge
SCHEMA = "https://schema.org"


@dataclass(frozen=True)
class PageData:
    """`title` and `description`: as a shared page is shown; `facts`: the schema.org type and what belongs to it."""

    title: str
    description: str
    facts: dict[str, Any]

    def structured(self, address: str) -> dict[str, Any]:
        data = {"@context": SCHEMA, "name": self.title, "description": self.description, "url": address, **self.facts}
        return {name: value for name, value in data.items() if value}


def page_data(item: Kind) -> PageData:
    describe: dict[type, Callable[[Any], PageData]] = {
        Organisation: _institution,
        Region: _district,
        DistrictRows: _districts,
        Agency: _agency,
        DockingRound: _round,
        Challenge: _challenge,
    }
    return describe[type(item)](item)


def _institution(row: Organisation) -> PageData:
    facts = {"@type": "CollegeOrUniversity", "alternateName": row.short_name, "sameAs": row.website}
    return PageData(row.name, _short(row.profile) or f"{row.name}在平台公开的科技成果", facts)


def _district(row: Region) -> PageData:
    facts = {"@type": "AdministrativeArea", "containedInPlace": {"@type": "City", "name": settings.CITY.name}}
    return PageData(row.name, f"{row.name}的企业在找什么技术，有哪些成果和服务机构可以用，问谁。", facts)


def _districts(table: DistrictRows) -> PageData:
    places = [
        {
            "@type": "ListItem",
            "position": number,
            "name": row.region.name,
            "url": reverse("district_detail", args=[row.region.code]),
        }
        for number, row in enumerate(table.rows, start=1)
    ]
    facts = {"@type": "CollectionPage", "mainEntity": {"@type": "ItemList", "itemListElement": places}}
    return PageData("各区市县", f"{settings.CITY.name}各区市县的企业在找什么技术，最缺哪些产业链，该问谁。", facts)


def _agency(row: Agency) -> PageData:
    """Reads `organisation__stat_region`."""
    organisation = row.organisation
    area = organisation.stat_region.name if organisation.stat_region else ""
    facts = {
        "@type": "ProfessionalService",
        "sameAs": organisation.website,
        "areaServed": area,
        "knowsAbout": list(row.service_labels),
    }
    about = _short(organisation.profile) or "、".join(row.service_labels)
    return PageData(organisation.name, about, facts)


def _round(row: DockingRound) -> PageData:
    hosts = row.organiser_names("host")
    facts = {
        "@type": "Event",
        "startDate": timezone.localtime(row.starts_at).isoformat(),
        "endDate": timezone.localtime(row.ends_at).isoformat(),
        "eventStatus": f"{SCHEMA}/EventScheduled",
        "eventAttendanceMode": f"{SCHEMA}/OfflineEventAttendanceMode",
        "location": {"@type": "Place", "name": row.place, "address": row.place} if row.place else None,
        "organizer": [{"@type": "Organization", "name": name} for name in hosts],
    }
    return PageData(row.name, _short(row.description) or row.themes, facts)


def _challenge(row: Challenge) -> PageData:
    """The firm is left out, named or not: the page names it as far as it may be named. Reads `demand__firm`."""
    facts = {
        "@type": "Demand",
        "identifier": row.list_number,
        "priceSpecification": {
            "@type": "PriceSpecification",
            "price": f"{row.prize_wan * 10_000:.0f}",
            "priceCurrency": "CNY",
        },
        "validThrough": timezone.localtime(row.closes_at).isoformat(),
    }
    return PageData(row.public_title, _short(row.public_text("problem")), facts)


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= DESCRIPTION_LENGTH else f"{flat[:DESCRIPTION_LENGTH]}…"
