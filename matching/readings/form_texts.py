"""What the second reader gets of a form that is being filled in: no firm, no contact, no person, no order."""

from collections.abc import Iterable

from accounts.models import Contact, Organisation, User
from core.confidentiality import find_secrecy_marking
from demands.masking import firm_names
from matching.readings.texts import masked


class FormMasking:
    """Masks the texts of a form and of a document for it.

    `organisation`: the one whose record it is, if it is chosen already. `people`: names and numbers that the form has
    in its own fields. `hides_firms`: whether names of firms are masked, as they are for a demand; if its firm is not
    chosen yet, those of all firms that the user may see.
    """

    def __init__(
        self, by: User, organisation: Organisation | None, people: Iterable[str] = (), *, hides_firms: bool
    ) -> None:
        ids = by.scope.institution_ids | by.scope.firm_ids
        ids |= {organisation.pk} if organisation else set()
        contacts = Contact.objects.filter(organisation__in=ids).values_list("name", "phone", "email")
        self._contacts = [value for row in [*contacts, tuple(people)] for value in row if value]
        self._names: list[str] = []
        if hides_firms:
            firms = Organisation.objects.firms()
            firms = firms.filter(pk__in=ids) if organisation or by.scope.firm_ids else firms.visible_to(by)
            for name, short_name, code in firms.values_list("name", "short_name", "credit_code"):
                self._names += [*firm_names(name, short_name), *([code] if code else [])]

    def __call__(self, text: str) -> str:
        return masked(text, self._names, self._contacts)


def secrecy_marking(texts: Iterable[str]) -> str:
    """The first secrecy marking of the texts, or "". Texts with one leave the house in no way."""
    return next((marking for text in texts if (marking := find_secrecy_marking(text))), "")
