from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import ERASED_NAME, Contact, ContactShare, Organisation, SignUp, User
from accounts.services.withdrawals import record_withdrawal, withdrawn_values
from audit.services import record


@dataclass(frozen=True)
class RevealedContact:
    name: str
    phone: str
    email: str


def reveal_contact(contact: Contact, *, by: User, reason: str) -> RevealedContact:
    """The full contact details of a person, after writing an audit record with user and reason.

    Permitted for users of the organisation, the district officers of the firm, city staff, and users with whom the
    person shares the contact (`share_contact`). District officers and city staff also need the person's general
    consent. Raises PermissionDenied without permission, ValidationError without reason or consent.
    """
    has_consent = _is_own(contact, by) or ContactShare.objects.open_to(by).filter(contact=contact).exists()
    if not (has_consent or may_ask_for_contact(contact, by)):
        raise PermissionDenied("您不能查看这个联系人。")
    purpose = _purpose(reason)
    if not has_consent and contact.consented_at is None:
        raise ValidationError("联系人没有同意对外提供联系方式，请通过所在单位转达。")
    record("查看联系方式", contact, by=by, changes={"reason": [None, purpose]})
    return RevealedContact(contact.name, contact.phone, contact.email)


def may_ask_for_contact(contact: Contact, by: User) -> bool:
    """Whether the user works with the contact's organisation. Auditors, who only read, do not."""
    scope = by.scope
    return _is_own(contact, by) or scope.is_city or contact.organisation.stat_region_id in scope.region_ids


def _is_own(contact: Contact, by: User) -> bool:
    return contact.organisation_id in by.scope.organisation_ids


def reveal_applicant(sign_up: SignUp, *, by: User, reason: str) -> RevealedContact:
    """The contact details of an applicant, for the staff who decide. The application includes the consent."""
    if not (by.scope.is_city or sign_up.stat_region_id in by.scope.region_ids):
        raise PermissionDenied("这份申请由其他区市县审核。")
    record("查看联系方式", sign_up, by=by, changes={"reason": [None, _purpose(reason)]})
    return RevealedContact(sign_up.name, sign_up.phone, sign_up.email)


def share_contact(contact: Contact, *, with_: Organisation | User, about: str, by: User | None) -> None:
    """Record the consent that an organisation's users, or one user, may see the contact in the matter `about`.

    The caller has obtained this consent. A second call changes nothing, and so does one for a person who has withdrawn
    the consent or had the data deleted: a form that names the person again is not the person's word.
    """
    if _has_withdrawn([contact]):
        return
    key = "user" if isinstance(with_, User) else "organisation"
    lookup: dict[str, Any] = {"contact": contact, "about": about, "ended_at": None, key: with_}
    _share, created = ContactShare.objects.get_or_create(**lookup)
    if created:
        record("同意提供联系方式", contact, by=by, changes={key: [None, str(with_)], "about": [None, about]})


def end_shares(about: str, *, by: User | None) -> None:
    """End all shares of contacts in the matter `about`."""
    for share in ContactShare.objects.filter(about=about, ended_at=None).select_related("contact"):
        if ContactShare.objects.filter(pk=share.pk, ended_at=None).update(ended_at=timezone.now()):
            record("停止提供联系方式", share.contact, by=by, changes={"about": [about, None]})


@dataclass(frozen=True)
class ContactDetails:
    """A contact as entered in a form or sheet. `consents`: the person agreed to be named to the other side."""

    organisation_id: int
    name: str
    phone: str = ""
    email: str = ""
    consents: bool = False

    @property
    def key(self) -> tuple[int, str, str, str]:
        return (self.organisation_id, self.name, self.phone, self.email)


def save_contacts(details_list: Iterable[ContactDetails]) -> dict[ContactDetails, Contact]:
    """Get or create the contact of each entry, in few queries for many.

    Consent is added to an existing contact if the details have it, unless the person has withdrawn it
    (`withdraw_consent`), and is never removed. A person who had the data deleted is not entered again.
    """
    details_list = list(dict.fromkeys(details_list))
    contacts = {
        (row.organisation_id, row.name, row.phone, row.email): row
        for row in Contact.objects.filter(organisation__in={details.organisation_id for details in details_list})
    }
    new = {details.key: details for details in details_list if details.key not in contacts}
    created = Contact.objects.bulk_create(_new_contacts(list(new.values())))
    contacts |= dict(zip(new, created, strict=True))
    named = [contacts[d.key] for d in details_list if d.consents and contacts[d.key].consented_at is None]
    consenting = {contact.pk for contact in named} - _has_withdrawn(named)
    if consenting:
        Contact.objects.filter(pk__in=consenting, consented_at__isnull=True).update(consented_at=timezone.now())
    return {details: contacts[details.key] for details in details_list}


def withdraw_consent(contact: Contact, *, by: User | None) -> list[ContactShare]:
    """The person withdraws the consent: nobody else sees the contact from now on. Returns the shares that ended.

    A form or sheet that names the person again does not bring the consent back. The caller tells the parties.
    """
    record_withdrawal(contact.organisation_id, (contact.phone, contact.email))
    ended = list(ContactShare.objects.filter(contact=contact, ended_at=None).select_related("organisation", "user"))
    ContactShare.objects.filter(pk__in=[share.pk for share in ended], ended_at=None).update(ended_at=timezone.now())
    had_consent = contact.consented_at is not None
    now = timezone.now()
    Contact.objects.filter(pk=contact.pk).update(consented_at=None, withdrawn_at=now)
    contact.refresh_from_db()
    changes = {"consented_at": [had_consent, False], "shares": [len(ended), 0]}
    record("撤回同意", contact, by=by, changes=changes)
    return ended


def erase_contact(contact: Contact, *, by: User | None) -> list[ContactShare]:
    """Delete the data of a contact; the row stays, because other rows refer to it. Returns the shares that ended."""
    ended = withdraw_consent(contact, by=by)
    Contact.objects.filter(pk=contact.pk).update(name=ERASED_NAME, phone="", email="")
    contact.refresh_from_db()
    record("删除个人信息", contact, by=by)
    return ended


def correct_contact(contact: Contact, *, name: str, phone: str, email: str, by: User) -> None:
    """Replace name, telephone and mail address by what the person says. The audit trail keeps that, not what."""
    contact.name, contact.phone, contact.email = name.strip(), phone.strip(), email.strip()
    contact.full_clean()
    contact.save(update_fields=["name", "phone", "email"])
    record("更正个人信息", contact, by=by)


def _new_contacts(details_list: list[ContactDetails]) -> list[Contact]:
    """Unsaved contacts; an empty one, that is not shown, for a person who has withdrawn the consent."""
    values = {
        details: [(details.organisation_id, value) for value in (details.phone, details.email) if value]
        for details in details_list
    }
    withdrawn = withdrawn_values(pair for pairs in values.values() for pair in pairs)
    now = timezone.now()
    return [
        Contact(organisation_id=d.organisation_id, name=ERASED_NAME, withdrawn_at=now)
        if withdrawn.intersection(values[d])
        else Contact(organisation_id=d.organisation_id, name=d.name, phone=d.phone, email=d.email)
        for d in details_list
    ]


def _has_withdrawn(contacts: Iterable[Contact]) -> set[int]:
    """The contacts whose persons have withdrawn the consent: marked so, or known by telephone or mail address."""
    contacts = list(contacts)
    values = {
        contact.pk: [(contact.organisation_id, value) for value in (contact.phone, contact.email) if value]
        for contact in contacts
    }
    withdrawn = withdrawn_values(pair for pairs in values.values() for pair in pairs)
    marked = {contact.pk for contact in contacts if contact.withdrawn_at}
    return marked | {pk for pk, pairs in values.items() if withdrawn.intersection(pairs)}


def _purpose(reason: str) -> str:
    if not reason.strip():
        raise ValidationError("请写明查看联系方式的用途，例如“通知参加 12 月对接会”。")
    return reason.strip()[:200]
