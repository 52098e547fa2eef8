"""Who is to be told: the people who speak for an organisation, a district or the city."""

from collections import defaultdict
from collections.abc import Collection

from accounts.models import Contact, Membership, Role


def officers_of(organisations: Collection[int], role: str) -> dict[int, list[int]]:
    """{organisation: ids of the active users who speak for it in this role}, in one question."""
    found = defaultdict(list)
    rows = Membership.objects.filter(organisation__in=organisations, role=role, user__is_active=True)
    for organisation, user in rows.values_list("organisation_id", "user_id"):
        found[organisation].append(user)
    return found


def district_officers(regions: Collection[int]) -> dict[int, list[int]]:
    """{reporting unit: ids of its active officers}."""
    found = defaultdict(list)
    rows = Membership.objects.filter(
        role=Role.DISTRICT, organisation__stat_region__in=regions, user__is_active=True
    ).values_list("organisation__stat_region_id", "user_id")
    for region, user in rows:
        found[region].append(user)
    return found


def addresses_of(organisations: Collection[int], role: str) -> dict[int, list[str]]:
    """{organisation: mail addresses of those who speak for it in this role; where none of them has one, of the contact
    who agreed last to be reached}. Two questions. Only for mails: no page may show what this returns (law 7)."""
    found = defaultdict(list)
    rows = Membership.objects.filter(organisation__in=organisations, role=role, user__is_active=True)
    for organisation, email in rows.exclude(user__email="").order_by("pk").values_list("organisation", "user__email"):
        found[organisation].append(email)
    without = set(organisations) - found.keys()
    contacts = Contact.objects.filter(organisation__in=without, consented_at__isnull=False).exclude(email="")
    for organisation, email in contacts.order_by("consented_at", "pk").values_list("organisation", "email"):
        found[organisation] = [email]
    return found
