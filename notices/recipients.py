"""The users and mail addresses that receive the notices of an organisation or a district."""

from collections import defaultdict
from collections.abc import Collection

from accounts.models import Contact, Membership, Role


def officers_of(organisations: Collection[int], role: str) -> dict[int, list[int]]:
    """{organisation id: ids of its active users with this role}. One query."""
    users = defaultdict(list)
    rows = Membership.objects.filter(organisation__in=organisations, role=role, user__is_active=True)
    for organisation, user in rows.values_list("organisation_id", "user_id"):
        users[organisation].append(user)
    return users


def district_officers(regions: Collection[int]) -> dict[int, list[int]]:
    """{reporting unit (region id): ids of its active district officers}. One query."""
    users = defaultdict(list)
    rows = Membership.objects.filter(
        role=Role.DISTRICT, organisation__stat_region__in=regions, user__is_active=True
    ).values_list("organisation__stat_region_id", "user_id")
    for region, user in rows:
        users[region].append(user)
    return users


def addresses_of(organisations: Collection[int], role: str) -> dict[int, list[str]]:
    """{organisation id: mail addresses of its active users with this role}. Two queries.

    An organisation without such an address gets that of the contact with the latest consent. Only for sending mail:
    a page must not show these addresses (law 7 in docs/architecture.md).
    """
    addresses = defaultdict(list)
    rows = Membership.objects.filter(organisation__in=organisations, role=role, user__is_active=True)
    for organisation, email in rows.exclude(user__email="").order_by("pk").values_list("organisation", "user__email"):
        addresses[organisation].append(email)
    without = set(organisations) - addresses.keys()
    contacts = Contact.objects.filter(organisation__in=without, consented_at__isnull=False).exclude(email="")
    for organisation, email in contacts.order_by("consented_at", "pk").values_list("organisation", "email"):
        addresses[organisation] = [email]  # ordered by consent: the latest remains
    return addresses
