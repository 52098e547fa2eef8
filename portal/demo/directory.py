"""Load the agencies and brokers of the demo city."""

from accounts.services.contacts import save_contacts
from brokers.models import Agency, Broker
from brokers.services.directory import create_agency, create_broker, deactivate_broker, verify_agency
from portal.demo.dataset import moment, rows
from portal.demo.people import DemoContext
from taxonomy.models import Industry

FIRST_VERIFIED_ON = -780
VERIFIED_EVERY = 13
"""Agencies are verified every 13 days, the first 780 days ago."""


def load_directory(demo: DemoContext) -> int:
    """Create the missing agencies and brokers and verify agencies. Returns how many were created."""
    industries = {industry.slug: industry for industry in Industry.objects.all()}
    agencies = {agency.organisation_id: agency for agency in Agency.objects.all()}
    new = [row for row in rows("agencies") if demo.organisations[row["id"]].pk not in agencies]
    contacts = save_contacts(demo.contact(row["id"], row["contact"]) for row in new)
    for row in new:
        agency = _enter_agency(row, industries, contacts, demo)
        agencies[agency.organisation_id] = agency
    numbers = set(Broker.objects.values_list("certificate_number", flat=True))
    new_brokers = [row for row in rows("brokers") if row["certificate_number"] not in numbers]
    contacts = save_contacts(demo.contact(row["agency"], row["contact"]) for row in new_brokers if row["agency"])
    for row in new_brokers:
        agency = agencies[demo.organisations[row["agency"]].pk] if row["agency"] else None
        _enter_broker(row, agency, industries, contacts, demo)
    return len(new) + len(new_brokers)


def _enter_agency(row: dict, industries: dict, contacts: dict, demo: DemoContext) -> Agency:
    agency = create_agency(
        organisation=demo.organisations[row["id"]],
        by=demo.city,
        kind=row["kind"],
        services=row["services"],
        contact=contacts[demo.contact(row["id"], row["contact"])],
        industries=[industries[slug] for slug in row["industries"]],
        regions=[demo.regions[code] for code in row["regions"]],
    )
    if row["verified"]:
        verify_agency(agency, by=demo.city)
        # Written directly: services only record today's date.
        days = FIRST_VERIFIED_ON + VERIFIED_EVERY * rows("agencies").index(row)
        Agency.objects.filter(pk=agency.pk).update(verified_at=moment(min(days, -1)))
    return agency


def _enter_broker(row: dict, agency: Agency | None, industries: dict, contacts: dict, demo: DemoContext) -> None:
    broker = create_broker(
        by=demo.city,
        user=demo.person_of_broker(row["id"]),
        agency=agency,
        contact=contacts[demo.contact(row["agency"], row["contact"])] if row["agency"] else None,
        industries=[industries[slug] for slug in row["industries"]],
        regions=[demo.regions[code] for code in row["regions"]],
        **{name: row[name] for name in ("name", "level", "certificate_number", "certified_by", "title")},
        issued_on=row["issued_on"],
        expires_on=row["expires_on"],
    )
    if not row["is_active"]:
        deactivate_broker(broker, by=demo.city, reason="已离开技术转移行业")
