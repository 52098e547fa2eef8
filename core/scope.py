"""The scope of a user: which organisations and regions the roles of the user cover. Read once per request."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


@dataclass(frozen=True)
class Scope:
    """Primary keys of the organisations and reporting regions for which the user acts in each role.

    Querysets filter a person's rows by `user_id`. It is 0, which no row has, for anonymous users; their primary
    key None would match rows without a user.
    """

    user_id: int = 0
    is_city: bool = False
    is_auditor: bool = False
    is_sysadmin: bool = False
    institution_ids: frozenset[int] = frozenset()
    firm_ids: frozenset[int] = frozenset()
    region_ids: frozenset[int] = frozenset()
    agency_ids: frozenset[int] = frozenset()
    bureau_ids: frozenset[int] = frozenset()
    organisation_ids: frozenset[int] = frozenset()
    roles: frozenset[str] = frozenset()

    @property
    def sees_all(self) -> bool:
        """City staff and auditors read all districts; only city staff also write."""
        return self.is_city or self.is_auditor

    @property
    def is_district(self) -> bool:
        return bool(self.region_ids)

    @property
    def is_broker(self) -> bool:
        return "broker" in self.roles


NOBODY = Scope()


class ScopedUser(Protocol):
    """What this module needs of the user model, which is in an app above."""

    pk: Any
    is_active: Any
    is_superuser: Any
    memberships: Any

    @property
    def is_authenticated(self) -> bool: ...

    @property
    def scope(self) -> Scope: ...


def scope_of(user: "ScopedUser | AnonymousUser | None") -> Scope:
    """The scope of a request's user; NOBODY for anonymous and inactive users."""
    if user is None or not user.is_active or not user.is_authenticated:
        return NOBODY
    scope: Scope = user.scope  # type: ignore[union-attr]  # AnonymousUser is not authenticated
    return scope


def is_outsider(user: "ScopedUser | AnonymousUser", organisation_id: int) -> bool:
    """Whether somebody is signed in who does not act for the organisation, so that its link does not let them speak."""
    scope = scope_of(user)
    return scope.user_id != 0 and organisation_id not in scope.firm_ids | scope.institution_ids


def scope_of_memberships(user: ScopedUser) -> Scope:
    """Read the memberships of a user (one query). A superuser is also city staff and system administrator."""
    rows = list(user.memberships.values_list("role", "organisation_id", "organisation__stat_region_id"))

    def organisations(role: str) -> frozenset[int]:
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
        bureau_ids=organisations("bureau_officer"),
        organisation_ids=frozenset(organisation for _r, organisation, _region in rows),
        roles=frozenset(r for r, *_rest in rows),
    )
