"""Notices to the people of a deal about its contracts. A notice never names an amount."""

from django.urls import reverse

from accounts.models import Organisation, Role, User
from deals.models import Contract, Deal
from notices.models import NoticeKind
from notices.recipients import officers_of
from notices.services import notify
from notices.services.notifications import NoticeDraft


def contract_registered(contract: Contract, by: User) -> None:
    if contract.deal is None:
        return
    text = "合同“%(name)s”已认定登记。" % {"name": contract.name[:60]}
    _notify_sides(contract.deal, text, f"{_subject(contract)} registered", _subject(contract), by)


def _notify_sides(deal: Deal, text: str, key: str, about: str, by: User) -> None:
    """Notify the officers of both sides and the broker, except the user who acted."""
    people = {*_officer_ids(deal.seller), *_officer_ids(deal.buyer)}
    if deal.broker and deal.broker.user_id:
        people.add(deal.broker.user_id)
    path = reverse("deal", args=[deal.public_id])
    notify(NoticeDraft(person, NoticeKind.SIDES, text, path, about, key) for person in people - {by.pk})


def _officer_ids(organisation: Organisation | None) -> list[int]:
    if organisation is None:
        return []
    role = Role.INSTITUTION if organisation.kind == Organisation.Kind.INSTITUTION else Role.FIRM
    return officers_of([organisation.pk], role)[organisation.pk]


def _subject(contract: Contract) -> str:
    return f"contract {contract.public_id}"
