from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Contact, ContactShare, Organisation, SignUp, User
from audit.services import record


@dataclass(frozen=True)
class RevealedContact:
    name: str
    phone: str
    email: str


def reveal_contact(contact: Contact, *, by, reason: str) -> RevealedContact:
    """The one way to a person's full contact details (law 7): who saw them and why is written first.

    Own organisation's officers, the district of the firm, and city staff may ask, and whoever the person agreed to in
    one matter (`share_contact`). Everyone but these last and the own organisation needs the person's general consent.
    Raises PermissionDenied without scope, ValidationError without reason or consent.
    """
    agreed = _is_own(contact, by) or ContactShare.objects.open_to(by).filter(contact=contact).exists()
    if not (agreed or may_ask_for_contact(contact, by)):
        raise PermissionDenied(_("您不能查看这个联系人。"))
    purpose = _purpose(reason)
    if not agreed and contact.consented_at is None:
        raise ValidationError(_("联系人没有同意对外提供联系方式，请通过所在单位转达。"))
    record(_("查看联系方式"), contact, by=by, changes={"reason": [None, purpose]})
    return RevealedContact(contact.name, contact.phone, contact.email)


def may_ask_for_contact(contact: Contact, by) -> bool:
    """Whether `by` has to do with the contact's organisation; who only reads everything, like an auditor, has not."""
    scope = by.scope
    return _is_own(contact, by) or scope.is_city or contact.organisation.stat_region_id in scope.region_ids


def _is_own(contact: Contact, by) -> bool:
    return contact.organisation_id in by.scope.organisation_ids


def reveal_applicant(sign_up: SignUp, *, by, reason: str) -> RevealedContact:
    """The same for the person who signed a firm up, to the staff who decide; consent came with the application."""
    if not (by.scope.is_city or sign_up.stat_region_id in by.scope.region_ids):
        raise PermissionDenied(_("这份申请由其他区市县审核。"))
    record(_("查看联系方式"), sign_up, by=by, changes={"reason": [None, _purpose(reason)]})
    return RevealedContact(sign_up.name, sign_up.phone, sign_up.email)


def share_contact(contact: Contact, *, with_: Organisation | User, about: str, by) -> None:
    """The person agreed that this organisation's officers, or this user, may have the contact in this matter.

    The caller has the person's consent to just that. Agreed once is enough.
    """
    key = "user" if isinstance(with_, User) else "organisation"
    _share, made = ContactShare.objects.get_or_create(contact=contact, about=about, ended_at=None, **{key: with_})
    if made:
        record(_("同意提供联系方式"), contact, by=by, changes={key: [None, str(with_)], "about": [None, about]})


def end_shares(about: str, *, by) -> None:
    """The matter is over: contacts given in it are not shown any more."""
    for share in ContactShare.objects.filter(about=about, ended_at=None).select_related("contact"):
        if ContactShare.objects.filter(pk=share.pk, ended_at=None).update(ended_at=timezone.now()):
            record(_("停止提供联系方式"), share.contact, by=by, changes={"about": [about, None]})


@dataclass(frozen=True)
class ContactDetails:
    """A contact as a form or a sheet gives it. `consents`: the person agreed to be named to the other side."""

    organisation_id: int
    name: str
    phone: str = ""
    email: str = ""
    consents: bool = False

    @property
    def key(self) -> tuple:
        return (self.organisation_id, self.name, self.phone, self.email)


def keep_contacts(wanted: Iterable[ContactDetails]) -> dict[ContactDetails, Contact]:
    """The contact of each of `wanted`: the one the organisation has already, or a new one; few queries for many.

    Consent once given stays; a known contact without it gets it when the details say so.
    """
    wanted = list(dict.fromkeys(wanted))
    known = {
        (row.organisation_id, row.name, row.phone, row.email): row
        for row in Contact.objects.filter(organisation__in={details.organisation_id for details in wanted})
    }
    new = {details.key: details for details in wanted if details.key not in known}
    made = Contact.objects.bulk_create(
        Contact(organisation_id=d.organisation_id, name=d.name, phone=d.phone, email=d.email) for d in new.values()
    )
    known |= dict(zip(new, made, strict=True))
    agreed = {known[d.key].pk for d in wanted if d.consents and known[d.key].consented_at is None}
    if agreed:
        Contact.objects.filter(pk__in=agreed, consented_at__isnull=True).update(consented_at=timezone.now())
    return {details: known[details.key] for details in wanted}


def _purpose(reason):
    if not reason.strip():
        raise ValidationError(_("请写明查看联系方式的用途，例如“通知参加 12 月对接会”。"))
    return reason.strip()[:200]
