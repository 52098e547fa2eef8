"""Notices to the people of a deal about its contracts and its evidence. A text of the platform names no amount."""

from datetime import date

from django.urls import reverse

from accounts.models import Organisation, Role, User
from deals.models import Contract, Deal, Landing, Payment, PriceObjection
from notices.models import NoticeKind
from notices.recipients import officers_of
from notices.services import notify
from notices.services.notifications import NoticeDraft
from notices.texts.writing import write_sentence


def contract_registered(contract: Contract, by: User) -> None:
    if contract.deal is None:
        return
    text = write_sentence("deals.contract_registered", {"名称": contract.name[:60]})
    _notify_sides(contract.deal, text, f"{_subject(contract)} registered", _subject(contract), by)


def intermediaries_named(deal: Deal, by: User) -> None:
    """Tell those whom a new deal names besides its sides and who read it: its broker, and the agency that has bid with
    the seller. They are asked to confirm their part once there is a contract (`ConfirmableSubject` of contracts)."""
    named: dict[int, str] = {}
    if deal.agency is not None and deal.origin == Deal.Origin.CHALLENGE:
        organisation = deal.agency.organisation_id
        named = dict.fromkeys(officers_of([organisation], Role.BROKER)[organisation], "贵机构是服务机构")
    if deal.broker and deal.broker.user_id:
        named[deal.broker.user_id] = "您是技术经纪人"
    path, about = reverse("deal", args=[deal.public_id]), f"deal {deal.public_id}"
    notify(
        NoticeDraft(
            person,
            NoticeKind.SIDES,
            f"成交项目“{deal.name[:60]}”写明{part}。有了技术合同以后，会请您在“待办”里确认。",
            path,
            about,
            f"{about} named",
        )
        for person, part in named.items()
        if person != by.pk
    )


def evidence_refused(row: Payment | Landing) -> None:
    """Tell who recorded a payment or a landed company that the registration office has refused it."""
    if row.made_by_id is None:
        return
    what = "到账凭证" if isinstance(row, Payment) else "落地公司"
    values = {"名称": row.deal.name[:60], "凭证": what, "说明": row.check_text[:120]}
    text = write_sentence("deals.evidence_refused", values)
    path, about = reverse("deal", args=[row.deal.public_id]), f"{row._meta.model_name} {row.pk}"
    key = f"{about} refused {row.checked_at}"
    notify([NoticeDraft(row.made_by_id, NoticeKind.SIDES, text, path, about, key)])


def challenge_accepted(deal: Deal, list_number: str, accepted_on: date, by: User) -> None:
    """Tell both sides of the deal of a challenge that its work was accepted."""
    subject = f"deal {deal.public_id}"
    text = f"榜单 {list_number} 的成果已验收，验收日期 {accepted_on:%Y-%m-%d}。"
    _notify_sides(deal, text, f"{subject} accepted {accepted_on:%Y%m%d}", subject, by)


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


def price_objected(objection: PriceObjection) -> None:
    """Tell the seller's officers. The text of the objection is read on the page only."""
    deal, path = objection.publicity.deal, reverse("price_publicities")
    values = {"名称": deal.name[:60], "截止": str(objection.due_on)}
    text = write_sentence("deals.price_objected", values)
    about = f"price objection {objection.public_id}"
    people = _officer_ids(deal.seller)
    notify(NoticeDraft(person, NoticeKind.SIDES, text, path, about, about) for person in people)


def price_objection_settled(objection: PriceObjection) -> None:
    """Tell who objected, if they were signed in."""
    if objection.raised_by_id is None:
        return
    values = {"名称": objection.publicity.title[:60], "结果": objection.outcome[:120]}
    text = write_sentence("deals.price_objection_settled", values)
    path = reverse("price_publicity", args=[objection.publicity.public_id])
    about = f"price objection {objection.public_id}"
    notify([NoticeDraft(objection.raised_by_id, NoticeKind.SIDES, text, path, about, f"{about} settled")])
