"""Deleting the data of a person in rows that other rows refer to: the row stays, the person does not."""

from collections.abc import Callable
from typing import Any

from accounts.models import ERASED_NAME, Contact, SignUp, User
from accounts.services.contacts import erase_contact
from accounts.services.members import end_membership
from achievements.models import Achievement, Completer
from achievements.services.people import erase_person
from audit.services import record
from brokerage.services.profiles import erase_profile
from brokers.models import Broker
from favourites.services import favourites
from mandates.services.mandates import end_mandates_of
from mechanism.models import Expert
from members.recipients import tell_members
from members.services.delegations import end_delegations_of
from members.services.sign_ups import decide
from notices.models import Delivery, Notice
from privacy.services.notifications import tell_parties
from privacy.services.office_erasure import OFFICE_ERASERS
from rounds.models import Attendee
from subscriptions.services import saved_searches

type Eraser = Callable[[Any, str, User], None]


def _erase_contact(contact: Contact, _name: str, by: User) -> None:
    address = contact.email
    tell_parties(contact, erase_contact(contact, by=by))
    _forget_address(address)


def _erase_completer(completer: Completer, name: str, by: User) -> None:
    erase_person(completer.achievement, name, by=by)


def _erase_lead_person(achievement: Achievement, name: str, by: User) -> None:
    erase_person(achievement, name, by=by)


def _erase_attendee(attendee: Attendee, name: str, by: User) -> None:
    """With what the person eats and needs, and where another one of its unit comes in its place."""
    rows = Attendee.objects.filter(party=attendee.party_id)
    rows.filter(pk=attendee.pk).update(name=ERASED_NAME, position="", dietary="", access="", stands_in_for="")
    rows.filter(stands_in_for=name).update(stands_in_for=ERASED_NAME)
    record("删除个人信息", attendee, by=by)


def _erase_broker(broker: Broker, _name: str, by: User) -> None:
    """The broker is no longer listed; the certificate number goes with the name."""
    values: dict[str, Any] = {"name": ERASED_NAME, "title": "", "certified_by": "", "is_active": False}
    Broker.objects.filter(pk=broker.pk).update(certificate_number=f"{ERASED_NAME}{broker.pk}", **values)
    end_mandates_of(broker, by=by)
    erase_profile(broker, by=by)
    if broker.contact:
        _erase_contact(broker.contact, "", by)
    record("删除个人信息", Broker(pk=broker.pk, name=ERASED_NAME), by=by)


def _erase_expert(expert: Expert, _name: str, by: User) -> None:
    Expert.objects.filter(pk=expert.pk).update(name=f"{ERASED_NAME}{expert.pk}", position="", is_active=False)
    record("删除个人信息", Expert(pk=expert.pk, name=ERASED_NAME), by=by)


def _erase_sign_up(sign_up: SignUp, _name: str, by: User) -> None:
    """An open application ends; the uploaded proof is removed from the storage."""
    address = sign_up.email
    if sign_up.status == SignUp.Status.SUBMITTED:
        decide(sign_up, SignUp.Status.REJECTED, by=by, note="申请人要求删除个人信息。")
    if sign_up.proof:
        sign_up.proof.delete(save=False)
    blank = {"phone": "", "email": "", "password_hash": "", "proof": "", "proof_name": ""}
    SignUp.objects.filter(pk=sign_up.pk).update(name=ERASED_NAME, username=f"erased{sign_up.pk}", **blank)
    _forget_address(address)
    record("删除个人信息", sign_up, by=by)


def _close_account(user: User, _name: str, by: User) -> None:
    """End the memberships, then make the account anonymous and unusable; what the user did stays in the trail."""
    for membership in user.memberships.select_related("organisation", "user"):
        organisation, key = membership.organisation, membership.pk
        end_membership(membership, by=None)
        tell_members(organisation, f"{user.name}注销了账号，已不在本单位。", event=f"left {key}")
    end_delegations_of(user, by=by)
    address = user.email
    user.set_unusable_password()
    values = {"name": ERASED_NAME, "phone": "", "email": "", "is_active": False, "password": user.password}
    User.objects.filter(pk=user.pk).update(username=f"closed-{user.pk}", **values)
    Notice.objects.filter(recipient=user, mail=None, push=None).delete()
    favourites.forget_user(user)
    saved_searches.forget_user(user)
    _forget_address(address)
    record("注销账号", User(pk=user.pk, name=ERASED_NAME), by=by)


def _forget_address(address: str) -> None:
    """Mails to the address: those not sent yet are dropped, of the others only the fact remains."""
    if not address:
        return
    mails = Delivery.objects.filter(address__iexact=address)
    mails.filter(status=Delivery.Status.QUEUED).update(status=Delivery.Status.DROPPED)
    mails.update(address="deleted@invalid", body="（已删除）")


ERASERS: dict[str, Eraser] = {
    "contact": _erase_contact,
    "completer": _erase_completer,
    "lead": _erase_lead_person,
    "attendee": _erase_attendee,
    "broker": _erase_broker,
    "expert": _erase_expert,
    "sign_up": _erase_sign_up,
    "user": _close_account,
    **OFFICE_ERASERS,
}
