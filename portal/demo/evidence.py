"""Evidence for the money and the landings of the demo city: payment plans, vouchers, checks of the registration office.

Payments of the past are checked by direct writes with the dates of the past. The landed companies go the way of
everybody: a side records them, the other confirms, the office checks. Some of each kind still wait.
"""

import hashlib
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.core.files.base import ContentFile
from django.db.models import F
from django.utils import timezone

from accounts.models import Role, User
from deals.models import CheckResult, Confirmation, Contract, Deal, DealFile, Instalment, Landing, Payment
from deals.services.evidence_checks import check_landing
from deals.services.landings import add_landing
from portal.demo.confirmations import CONTACT, officers_by_organisation
from portal.demo.people import DemoContext
from sheets.credit_code import check_character

UNCHECKED, REFUSED_AT, NO_VOUCHER_AT = 3, 1, 2
"""The latest payments wait for the office; one of them is refused, one has no voucher."""
COMPANIES = (
    ("大连澄海膜材料科技有限公司（演示）", "91210211MA0DEM1A0", Decimal(500), 8, True),
    ("大连启源精密传感有限公司（演示）", "91210213MA0DEM2A0", Decimal(300), 5, False),
)
PDF = b"""%%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj
4 0 obj<</Length %d>>stream
%s
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
%%%%EOF
"""


def load_evidence(demo: DemoContext) -> int:
    """Returns the number of instalments."""
    if Instalment.objects.exists():
        return 0
    officer = _second_officer(demo)
    _link_payments()
    _add_vouchers(officer)
    count = _plan_payments()
    _land_companies(demo, officer)
    _leave_doubts()
    return count


def _second_officer(demo: DemoContext) -> User:
    """Who checks what the first officer recorded."""
    others = User.objects.filter(memberships__role=Role.CITY).exclude(pk=demo.city.pk)
    return others.order_by("pk").first() or demo.city


def _link_payments() -> None:
    first = {}
    for pk, deal in Contract.objects.filter(deal__isnull=False).order_by("-pk").values_list("pk", "deal"):
        first[deal] = pk
    payments = list(Payment.objects.filter(contract=None))
    for payment in payments:
        payment.contract_id = first.get(payment.deal_id)
    Payment.objects.bulk_update(payments, ["contract"])


def _add_vouchers(officer: User) -> None:
    payments = list(Payment.objects.select_related("deal").order_by("received_on", "pk"))
    waiting = payments[-UNCHECKED:]
    for number, payment in enumerate(payments):
        if payment in waiting and waiting.index(payment) == NO_VOUCHER_AT:
            continue
        payment.voucher = _voucher(payment, number)
    Payment.objects.bulk_update([payment for payment in payments if payment.voucher_id], ["voucher"])
    for payment in payments:
        at = timezone.make_aware(datetime.combine(payment.received_on + timedelta(days=5), time(15)))
        result, text = CheckResult.ACCEPTED, "已核对银行回单"
        if payment in waiting:
            if waiting.index(payment) != REFUSED_AT or payment.voucher_id is None:
                continue
            result, text = CheckResult.REFUSED, "回单上的付款单位不是受让方，请补双方说明或更正"
        Payment.objects.filter(pk=payment.pk).update(
            check_result=result,
            check_text=text,
            checked_by=officer,
            checked_at=min(at, timezone.now()),
            checked_hash=F("evidence_hash"),
        )


def _voucher(payment: Payment, number: int) -> DealFile:
    line = (
        f"BT /F1 14 Tf 30 120 Td (DEMO BANK RECEIPT {number + 1:04}: {payment.amount_wan} x 10000 CNY) Tj ET".encode()
    )
    content = PDF % (len(line), line)
    voucher = DealFile(
        deal=payment.deal,
        name=f"银行回单_{payment.received_on:%Y%m%d}（演示）.pdf",
        content_type="application/pdf",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=payment.made_by,
        uploaded_at=payment.made_at,
    )
    voucher.file.save(f"demo_voucher_{number + 1:04}.pdf", ContentFile(content), save=False)
    voucher.save(force_insert=True)
    return voucher


def _plan_payments() -> int:
    """Two instalments for each contract of a deal: after the signing, and after the acceptance."""
    instalments = []
    contracts = Contract.objects.filter(deal__isnull=False, amount_wan__gt=0, status__in=Contract.LIVE)
    for contract in contracts.exclude(signed_on=None).select_related("deal__made_by").order_by("pk"):
        half = (contract.amount_wan / 2).quantize(Decimal("0.01"))
        rest = contract.amount_wan - half
        for days, amount, condition in ((90, half, "合同签订后 90 日内"), (400, rest, "验收合格后")):
            due_on = contract.signed_on + timedelta(days=days)
            instalments.append(
                Instalment(
                    contract=contract,
                    due_on=due_on,
                    amount_wan=amount,
                    condition=condition,
                    made_by=contract.deal.made_by,
                )
            )
    Instalment.objects.bulk_create(instalments, batch_size=500)
    return len(instalments)


def _land_companies(demo: DemoContext, officer: User) -> None:
    """One company that the office has checked, one that it has not, and a name of before companies had a code."""
    officers = officers_by_organisation()
    rows = Deal.objects.with_pair().filter(stage__in=["performing", "landed"])
    deals = [deal for deal in rows.order_by("follow_up_id", "pk") if officers.get(deal.seller_id or 0)]
    regions = [demo.regions["gaoxin"], demo.regions["jinpu"]]
    for deal, region, (name, body, capital, jobs, is_checked) in zip(deals, regions, COMPANIES, strict=False):
        landing = add_landing(
            deal,
            kind=Landing.Kind.COMPANY,
            name=name,
            credit_code=body + check_character(body),
            capital_wan=capital,
            region=region,
            landed_on=max(deal.stage_on, timezone.localdate() - timedelta(days=20)),
            jobs=jobs,
            by=officers[deal.seller_id or 0][0],
        )
        if is_checked:
            _confirm_by_contact(landing)
            check_landing(landing, accept=True, text="已核对营业执照", by=officer)
    for deal in deals[2:3]:
        Landing.objects.create(
            deal=deal,
            kind=Landing.Kind.COMPANY,
            name="大连某某环境科技公司（演示，只有名称）",
            region=deal.buyer.stat_region if deal.buyer else None,
            landed_on=deal.stage_on,
            made_by=deal.made_by,
        )


def _confirm_by_contact(landing: Landing) -> None:
    """The other side confirms by the link that its recorded contact got."""
    Confirmation.objects.of(landing).pending().update(
        status=Confirmation.Status.CONFIRMED,
        capacity=Confirmation.Capacity.LINK,
        person=CONTACT,
        confirmed_at=timezone.now(),
    )


def _leave_doubts() -> None:
    """Listed contracts of firms: one buyer and one seller without a place; one contract with a number of before."""
    listed = Contract.objects.filter(status="registered", deal=None, doubt="", seller=None).order_by("-pk")
    buyer, seller = listed.filter(is_buyer_local=False)[:1], listed.filter(is_buyer_local=True)[5:6]
    for contract in buyer:
        Contract.objects.filter(pk=contract.pk).update(is_buyer_local=None, buyer_region=None, doubt="place")
    for contract in seller:
        Contract.objects.filter(pk=contract.pk).update(is_seller_local=None, seller_region=None, doubt="place")
    by_hand = Contract.objects.filter(status="registered", deal__isnull=False, source_file=None, doubt="")
    for contract in by_hand.order_by("-registered_on", "-pk")[:1]:
        year = contract.registered_on.year if contract.registered_on else timezone.localdate().year
        Contract.objects.filter(pk=contract.pk).update(number=f"受理{year}0371", doubt="number")
