"""催付: who may ask whom for what, and how often."""

import re
from datetime import timedelta
from decimal import Decimal
from functools import partial
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone
from docx import Document

from audit.models import AuditRecord
from audit.wording import describe_record
from deals.letters import letter_as_word, letter_context
from deals.models import Confirmation, Contract, Instalment, Payment, PaymentLetter
from deals.services.payment_letters import MAX_PER_CONTRACT, LetterTerms, may_send_letter, send_payment_letter
from notices.models import Notice
from tests import factories as make
from tests.concurrency import run_both

pytestmark = pytest.mark.django_db


def today():
    return timezone.localdate()


@pytest.fixture
def instalment():
    """74.5万, due forty days ago, of a contract that both sides have confirmed."""
    deal = make.deal(stage="signed", signed_wan=Decimal(149))
    contract = make.confirmed(
        make.contract(deal=deal, seller=deal.seller, buyer=deal.buyer, amount_wan=Decimal(149), listed=False)
    )
    return Instalment.objects.create(
        contract=contract, due_on=today() - timedelta(days=40), amount_wan=Decimal("74.50"), condition="验收合格后"
    )


def terms(**values) -> LetterTerms:
    return LetterTerms(**{"pay_until": today() + timedelta(days=15)} | values)


def test_a_letter_is_sent_logged_and_read_by_both_sides(signed_in, instalment):
    contract = instalment.contract
    office, buyer = make.institution_officer(contract.seller), make.firm_officer(contract.buyer)
    Payment.objects.create(deal=contract.deal, contract=contract, amount_wan=Decimal("4.50"), received_on=today())
    letter = send_payment_letter(instalment, terms(note="付款账户以合同为准。"), by=office)
    assert (letter.sender, letter.open_wan, letter.notified_count) == (contract.seller, Decimal(70), 1)
    entry = AuditRecord.objects.get(action="发出催付函")
    assert (entry.object_id, entry.actor) == (str(contract.pk), office)
    lines = describe_record(entry, make.city_officer())
    assert "未付金额：空 → 70 万元" in lines and not re.search("[a-z]", "".join(lines))
    notice = Notice.objects.get(recipient=buyer, about=f"letter {letter.public_id}")
    assert "万元" not in notice.text  # no amount: a notice is read in front of others
    assert notice.path == reverse("payment_letter", args=[letter.public_id])
    page = signed_in(buyer).get(notice.path).text
    assert "还有70 万元没有支付" in page and "付款账户以合同为准。" in page
    word = signed_in(buyer).get(reverse("payment_letter_word", args=[letter.public_id]))
    text = "\n".join(part.text for part in Document(BytesIO(b"".join(word))).paragraphs)
    for piece in (
        f"{contract.buyer_name}：",
        contract.seller_name,
        "74.5 万元（付款条件：验收合格后）",
        "70 万元",
        "{",
    ):
        assert (piece in text) is (piece != "{")
    assert office.email not in text or not office.email
    assert signed_in(make.firm_officer(make.firm("大连旁观有限公司"))).get(notice.path).status_code == 404


def test_the_citys_wording_is_that_of_page_and_word_and_is_tried_before(signed_in, instalment):
    city = make.city_officer()
    address = reverse("admin:notices_text", args=["deals.payment_letter"])
    posted = {"subject": "付款商请函", "body": "{欠付情况}\n盼于{付款期限}前付清。", "line": "请看{合同}"}
    client = signed_in(city)
    paper = client.post(address, posted | {"deed": "print"})
    assert "试打印（Word）" in client.get(address).text and paper["Content-Type"].endswith("wordprocessingml.document")
    tried = [part.text for part in Document(BytesIO(paper.content)).paragraphs]
    assert tried[0] == "付款商请函" and "盼于2026年10月23日前付清。" in tried and not PaymentLetter.objects.exists()
    letter = send_payment_letter(instalment, terms(), by=city)
    client.post(address, posted | {"deed": "save"})
    for title in ("付款提醒函", "付款商请函"):
        parts = [part.text for part in Document(BytesIO(letter_as_word(letter))).paragraphs]
        assert parts[0] == title == letter_context(letter)["title"]
        assert parts[2] == letter_context(letter)["request"] and "还有74.5 万元没有支付" in parts[2]
        letter.sent_at = timezone.now()  # as one that is sent after the city has changed the words


def test_not_twice_within_a_week_whoever_sends(instalment):
    send_payment_letter(instalment, terms(), by=make.institution_officer(instalment.contract.seller))
    city = make.city_officer()
    with pytest.raises(ValidationError, match=r"已在 .*发过催付函，请在 .*以后再发"):
        send_payment_letter(instalment, terms(), by=city)
    week = timedelta(days=7, seconds=1)
    PaymentLetter.objects.update(
        sent_at=timezone.now() - week, sent_on=today() - timedelta(days=7), pay_until=today() - timedelta(days=7)
    )
    assert send_payment_letter(instalment, terms(), by=city).sender.kind == "city"


def test_a_plan_in_many_parts_is_no_way_to_flood_the_buyer(instalment):
    office, contract = make.institution_officer(instalment.contract.seller), instalment.contract
    Instalment.objects.filter(pk=instalment.pk).update(amount_wan=Decimal(1))
    rows = [
        Instalment.objects.create(contract=contract, due_on=today() - timedelta(days=30), amount_wan=Decimal(1))
        for _ in range(MAX_PER_CONTRACT)
    ]
    for row in rows:
        send_payment_letter(row, terms(), by=office)
    with pytest.raises(ValidationError, match="7 天内已发过 3 封催付函"):
        send_payment_letter(instalment, terms(), by=office)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_send_one(instalment):
    senders = [make.city_officer(), make.institution_officer(instalment.contract.seller)]

    def send(by) -> bool:
        try:
            send_payment_letter(Instalment.objects.get(pk=instalment.pk), terms(), by=by)
        except ValidationError:
            return False
        return True

    outcomes = run_both(*(partial(send, by) for by in senders))
    assert PaymentLetter.objects.count() == 1
    assert sorted(outcomes) == [False, True]


def test_who_may_send(instalment):
    contract = instalment.contract
    allowed = [make.city_officer(), make.district_officer("jinpu"), make.institution_officer(contract.seller)]
    refused = [
        make.firm_officer(contract.buyer),
        make.auditor(),
        make.district_officer("210224"),
        make.firm_officer(make.firm("大连旁观有限公司")),
    ]
    assert all(may_send_letter(contract, user) for user in allowed)
    assert not any(may_send_letter(contract, user) for user in refused)
    for user in refused:
        with pytest.raises(PermissionDenied):
            send_payment_letter(instalment, terms(), by=user)
    assert not PaymentLetter.objects.exists()


def test_a_contract_that_the_buyer_has_not_confirmed_asks_nobody_for_money(instalment):
    """Else a seller could write a contract with any firm and send it letters."""
    office = make.institution_officer(instalment.contract.seller)
    Confirmation.objects.of(instalment.contract).filter(role="buyer").update(status="pending")
    with pytest.raises(ValidationError, match="还没有经双方确认"):
        send_payment_letter(instalment, terms(), by=office)
    make.confirmed(instalment.contract)
    Confirmation.objects.of(instalment.contract).filter(role="buyer").update(
        objected_at=timezone.now(), reason="amount"
    )
    with pytest.raises(ValidationError, match="有未处理的异议"):
        send_payment_letter(instalment, terms(), by=office)
    Contract.objects.filter(pk=instalment.contract_id).update(amount_wan=Decimal(150))  # facts that nobody confirmed
    with pytest.raises(ValidationError, match="还没有经双方确认"):
        send_payment_letter(instalment, terms(), by=office)


def test_nothing_is_asked_that_is_paid_or_not_due(instalment):
    office, contract = make.institution_officer(instalment.contract.seller), instalment.contract
    later = Instalment.objects.create(contract=contract, due_on=today(), amount_wan=Decimal("74.50"))
    with pytest.raises(ValidationError, match="没有逾期未付的款项"):
        send_payment_letter(later, terms(), by=office)
    Payment.objects.create(deal=contract.deal, contract=contract, amount_wan=Decimal("74.50"), received_on=today())
    with pytest.raises(ValidationError, match="没有逾期未付的款项"):
        send_payment_letter(instalment, terms(), by=office)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"note": "请打 13800001234 联系小王"}, "手机"),
        ({"pay_until": "yesterday"}, "不能早于今天"),
        ({"note": "长" * 201}, "200"),
    ],
)
def test_bad_input_sends_nothing_and_says_why(signed_in, instalment, values, message):
    if values.get("pay_until") == "yesterday":
        values = {"pay_until": today() - timedelta(days=1)}
    client = signed_in(make.institution_officer(instalment.contract.seller))
    url = reverse("payment_letter_new", args=[instalment.public_id])
    answer = client.post(url, {"pay_until": (today() + timedelta(days=9)).isoformat()} | values)
    assert answer.status_code == 422 and message in answer.text
    assert not PaymentLetter.objects.exists() and not Notice.objects.filter(about__startswith="letter").exists()
