"""催付: the seller or an officer reminds the buyer politely of an instalment that is overdue."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse

from accounts.models import Membership, Organisation, Role, User
from audit.services import record
from core.public_text import personal_data_message, personal_finds
from deals.letters import KEY, notice_values
from deals.models import Contract, Instalment, PaymentLetter
from deals.permissions import represents
from deals.services.contracts import lock_contract
from notices.models import NoticeKind
from notices.recipients import officers_of
from notices.services import notify
from notices.services.notifications import NoticeDraft
from notices.texts.writing import write_text

ASKED_DAYS = 15
"""Days that the form gives the buyer, if the sender does not change them."""


MAX_PER_CONTRACT = 3
"""Letters about the instalments of one contract within PAYMENT_LETTER_EVERY."""


@dataclass(frozen=True)
class LetterTerms:
    """What the sender decides: until when the buyer should pay, and a sentence of the sender's own."""

    pay_until: date
    note: str = ""


def may_send_letter(contract: Contract, user: User) -> bool:
    """The seller's officers, the city, and the officers of a district that reports one of the two sides."""
    scope = user.scope
    if scope.is_city or represents(user, contract.seller):
        return True
    return scope.is_district and bool({contract.seller_region_id, contract.buyer_region_id} & scope.region_ids)


def letter_obstacle(instalment: Instalment, last: PaymentLetter | None) -> str:
    """Why no letter can be sent about an instalment now; empty if one can. `last`: the latest letter about it.

    Only a contract that binds the buyer may be used to ask it for money: both sides confirmed it, or an official list
    states it, and nobody objects. Else anybody could write a contract and send a firm letters about it.
    """
    contracts = Contract.objects.filter(pk=instalment.contract_id).without_objection()
    if not (contracts.confirmed().exists() or contracts.registered().officially_listed().exists()):
        return "这份合同还没有经双方确认，或有未处理的异议，不能据此催付。请先请双方确认合同。"
    if not Instalment.objects.overdue().filter(pk=instalment.pk).exists():
        return "这一期没有逾期未付的款项，不用催付。"
    if last is not None and PaymentLetter.objects.recent().filter(pk=last.pk).exists():
        day = last.next_on
        sent = f"{last.sender}已在 {last.sent_on.month} 月 {last.sent_on.day} 日发过催付函"
        return f"{sent}，请在 {day.month} 月 {day.day} 日以后再发。"
    if PaymentLetter.objects.recent().filter(instalment__contract=instalment.contract_id).count() >= MAX_PER_CONTRACT:
        days = settings.PAYMENT_LETTER_EVERY.days
        return f"就这份合同 {days} 天内已发过 {MAX_PER_CONTRACT} 封催付函，请过几天再发，或直接与对方联系。"
    return ""


@transaction.atomic
def send_payment_letter(instalment: Instalment, terms: LetterTerms, *, by: User) -> PaymentLetter:
    """Write the letter down and notify the buyer's own users. Raises PermissionDenied, ValidationError."""
    contract = instalment.contract
    if not may_send_letter(contract, by):
        raise PermissionDenied("催付函由转让方和区县、市级专员发出。")
    lock_contract(contract)  # two senders at once: one letter
    last = instalment.letters.select_related("sender", "sent_by").first()
    if obstacle := letter_obstacle(instalment, last):
        raise ValidationError(obstacle)
    note = " ".join(terms.note.split())
    if finds := personal_finds(note):
        raise ValidationError({"note": personal_data_message(finds)})
    letter = PaymentLetter(
        instalment=instalment,
        due_on=instalment.due_on,
        open_wan=_open_amount(instalment),
        pay_until=terms.pay_until,
        note=note,
        sender=_sender(contract, by),
        sent_by=by,
    )
    letter.full_clean(exclude=["instalment", "sender", "sent_by"])
    recipients = _buyer_officers(contract)
    letter.notified_count = len(recipients)
    letter.save(force_insert=True)
    record(
        "发出催付函",
        contract,
        by=by,
        changes={
            "letter": [None, letter.due_on.isoformat()],
            "open_wan": [None, str(letter.open_wan)],
            "until": [None, letter.pay_until.isoformat()],
        },
    )
    line = write_text(KEY, notice_values(letter)).line
    notify(_notice(letter, recipient, line) for recipient in recipients)
    return letter


def latest_letters(instalments: list[Instalment]) -> dict[int, PaymentLetter]:
    """{pk of the instalment: its latest letter}. One query."""
    letters = PaymentLetter.objects.filter(instalment__in=[row.pk for row in instalments])
    return {row.instalment_id: row for row in letters.select_related("sender", "sent_by").order_by("sent_at", "pk")}


def _open_amount(instalment: Instalment) -> Decimal:
    amount: Decimal = Instalment.objects.unpaid().get(pk=instalment.pk).open_wan  # type: ignore[attr-defined]  # annotated
    return amount


def _sender(contract: Contract, by: User) -> Organisation:
    """The seller if the user is of it, else the office of the officer."""
    if contract.seller is not None and represents(by, contract.seller):
        return contract.seller
    role = Role.CITY if by.scope.is_city else Role.DISTRICT
    membership = Membership.objects.filter(user=by, role=role).select_related("organisation").order_by("pk").first()
    if membership is None:
        raise PermissionDenied("您的账号没有可以署名的单位。")
    return membership.organisation


def _buyer_officers(contract: Contract) -> list[int]:
    """The users of the firm or institution that has itself confirmed that it is the buyer, or that a list names."""
    buyer = contract.buyer
    if buyer is None:
        return []
    role = Role.INSTITUTION if buyer.kind == Organisation.Kind.INSTITUTION else Role.FIRM
    return officers_of([buyer.pk], role)[buyer.pk]


def _notice(letter: PaymentLetter, recipient: int, line: str) -> NoticeDraft:
    path = reverse("payment_letter", args=[letter.public_id])
    about = f"letter {letter.public_id}"
    return NoticeDraft(recipient, NoticeKind.SIDES, line, path, about, about)
