"""The name of an organisation for a reader. Every page, file, mail, card, figure and calendar takes it from here.

A firm may be anonymous in one matter (a demand, a meeting) and named in another. Therefore a name belongs to three
things: the organisation, who reads, and the matter that the name stands beside. What a reader gets depends on that
matter alone and never on the firm's other matters, so that no two places can be compared to learn a name.
"""

from typing import TYPE_CHECKING, Protocol

from accounts.models import Organisation, User
from core.scope import NOBODY, Scope, scope_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

type Reader = User | AnonymousUser | Scope | None
"""A user; the scope of somebody without an account, as the holder of an invitation code; None for the public."""

PUBLIC: Reader = None
SEES_ALL = Scope(is_auditor=True)
"""For texts that only city staff and auditors open."""


class Matter(Protocol):
    """What an organisation is named for. The app of the record implements it on the model."""

    def alias_of(self, organisation: Organisation) -> str:
        """The name by which readers who are not admitted know the organisation; empty if it is not anonymous here."""
        ...

    def admits(self, scope: Scope) -> bool:
        """Whether this matter itself gives the reader the name, as a follow-up that both sides agreed to does."""
        ...


def name_for(organisation: Organisation, reader: Reader, matter: Matter, *, short: bool = False) -> str:
    """The full or short name of an organisation, or its alias in `matter` for a reader who may not know the name.

    No query: `matter` answers from rows that the caller has selected.
    """
    if knows_name(organisation, reader, matter):
        return (short and organisation.short_name) or organisation.name
    return matter.alias_of(organisation)


def knows_name(organisation: Organisation, reader: Reader, matter: Matter) -> bool:
    """Whether the reader may connect the organisation with the matter."""
    if not matter.alias_of(organisation):
        return True
    scope = reader if isinstance(reader, Scope) else scope_of(reader)
    return scope != NOBODY and (is_of(organisation, scope) or matter.admits(scope))


def is_of(organisation: Organisation, scope: Scope) -> bool:
    """Whether the reader is of the organisation, or of the staff that look after it."""
    return (
        scope.sees_all
        or organisation.pk in scope.firm_ids | scope.institution_ids
        or (organisation.kind == Organisation.Kind.FIRM and organisation.stat_region_id in scope.region_ids)
    )
