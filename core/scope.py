"""What a user may see follows from the roles they hold; read once, asked everywhere."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """Ids are those of the organisations and reporting units the user speaks for in that role.

    Ask for rows of a person by `user_id`: nobody's is 0, which no row has. A visitor's own key is None, and rows
    without a user would be theirs.
    """

    user_id: int = 0
    is_city: bool = False
    is_auditor: bool = False
    is_sysadmin: bool = False
    institution_ids: frozenset[int] = frozenset()
    firm_ids: frozenset[int] = frozenset()
    region_ids: frozenset[int] = frozenset()
    agency_ids: frozenset[int] = frozenset()
    organisation_ids: frozenset[int] = frozenset()
    roles: frozenset[str] = frozenset()

    @property
    def sees_all(self) -> bool:
        """City staff and the auditor read every district; only city staff also write."""
        return self.is_city or self.is_auditor

    @property
    def is_district(self) -> bool:
        return bool(self.region_ids)

    @property
    def is_broker(self) -> bool:
        return "broker" in self.roles


NOBODY = Scope()


def scope_of(user) -> Scope:
    """The scope of any request's user; an anonymous or switched-off one has none."""
    return user.scope if user is not None and user.is_active and user.is_authenticated else NOBODY


def scope_of_memberships(user) -> Scope:
    """Read the memberships of a user (one query). A superuser counts as city staff and system administrator."""
    rows = list(user.memberships.values_list("role", "organisation_id", "organisation__stat_region_id"))

    def organisations(role):
        return frozenset(organisation for r, organisation, _region in rows if r == role)

    return Scope(
        user_id=user.pk,
        is_city=user.is_superuser or any(r == "city_officer" for r, *_rest in rows),
        is_auditor=any(r == "auditor" for r, *_rest in rows),
        is_sysadmin=user.is_superuser or any(r == "sysadmin" for r, *_rest in rows),
        institution_ids=organisations("institution_officer"),
        firm_ids=organisations("firm_officer"),
        region_ids=frozenset(region for r, _organisation, region in rows if r == "district_officer" and region),
        agency_ids=organisations("broker"),
        organisation_ids=frozenset(organisation for _r, organisation, _region in rows),
        roles=frozenset(r for r, *_rest in rows),
    )
