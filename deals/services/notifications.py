"""What people are told about their deals. Both sides know each other by then; no sum stands in a notice."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Organisation, Role
from deals.models import Contract, Deal
from notices.models import NoticeKind
from notices.recipients import officers_of
from notices.services import notify, settle_notices
from notices.services.notifications import NoticeDraft


def contract_submitted(contract: Contract, by) -> None:
    """Both sides are asked to confirm."""
    if contract.deal is None:
        return
    text = _("合同“%(name)s”已提交登记，请核对并确认。") % {"name": contract.name[:60]}
    _tell(contract.deal, text, f"{_about(contract)} submitted", _about(contract), by)


def contract_registered(contract: Contract, by) -> None:
    if contract.deal is None:
        return
    text = _("合同“%(name)s”已认定登记。") % {"name": contract.name[:60]}
    if not contract.is_confirmed:
        text += _("请双方核对并确认。")
    _tell(contract.deal, text, f"{_about(contract)} registered", _about(contract), by)


def contract_confirmed(contract: Contract, side: str) -> None:
    """The confirming side waits for nothing any more."""
    settle_notices(_about(contract), [NoticeKind.SIDES], _people(getattr(contract, side)))


def _tell(deal: Deal, text: str, key: str, about: str, by) -> None:
    people = {*_people(deal.seller), *_people(deal.buyer)}
    if deal.broker and deal.broker.user_id:
        people.add(deal.broker.user_id)
    path = reverse("deal", args=[deal.public_id])
    notify(NoticeDraft(person, NoticeKind.SIDES, text, path, about, key) for person in people - {by.pk})


def _people(organisation: Organisation | None) -> list[int]:
    if organisation is None:
        return []
    role = Role.INSTITUTION if organisation.kind == Organisation.Kind.INSTITUTION else Role.FIRM
    return officers_of([organisation.pk], role)[organisation.pk]


def _about(contract: Contract) -> str:
    return f"contract {contract.public_id}"
