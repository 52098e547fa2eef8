"""Attempts to move figures with money, landings, numbers and places: rows 1 to 5 and 8 of the audit.

Each test is written as the attacker does it, through the services and pages that everybody has.
"""

from copy import deepcopy
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.services.members import add_member
from accounts.services.source_files import store_source_file
from audit.models import AuditRecord
from deals.models import Confirmation, Contract, Deal, Instalment, Landing, Payment
from deals.registration.imports import check_contract_list
from deals.services.confirmations import confirm
from deals.services.contract_checks import confirm_outside, set_place
from deals.services.contract_imports import import_contracts
from deals.services.contracts import correct_number, draft_contract, edit_contract, register_contract
from deals.services.deal_parts import Upload, add_voucher, receive_payment, remove_evidence, strike_payment
from deals.services.deals import correct_deal, sign_deal
from deals.services.evidence_checks import check_landing, check_payment, landing_warnings, payment_warnings
from deals.services.instalments import plan_instalment, withdraw_instalment
from deals.services.landings import add_landing, complete_landing
from deals.services.price_publicity import object_to_price, publish_price, settle_objection
from mechanism.kpi.counting import count_figure
from mechanism.kpi.period import parse_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.unconfirmed import count_unconfirmed
from mechanism.models import Venture, VentureYear
from notices.models import Notice
from tests import factories as make
from tests.achievements import uploads
from tests.deals.contract_lists import workbook
from tests.kept_rows import kept_rows

pytestmark = pytest.mark.django_db
WAN = Decimal(120)
LOCAL_CODE, OTHER_CODE = "91210211MA0LANDE1U", "91110108MA0LANDE2Q"
VOUCHER = Upload("银行回单.pdf", uploads.PDF)


def today(days: int = 0):
    return timezone.localdate() + timedelta(days=days)


def scope() -> FigureScope:
    return FigureScope(parse_period(str(today().year)))


def counted(key: str) -> Decimal:
    return count_figure(FIGURES[key], scope()).totals.total


def apart(key: str) -> dict[str, int]:
    return {left.state: left.rows for left in count_unconfirmed(FIGURES[key], scope())}


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker):
    """(city officer, another one, a deal signed eight days ago for 120万, confirmed by both, with a broker)."""
    with kept_rows(django_db_blocker):
        city, registrar = make.city_officer(), make.city_officer()
        agency = make.organisation("agency", "经纪机构")
        broker = make.broker(user=make.user(Role.BROKER, agency))
        deal = make.deal(stage_on=today(-20), broker=broker, outside_achievement=make.achievement(), made_by=city)
        sign_deal(deal, on=today(-8), signed_wan=WAN, way="commissioned", by=city)
        yield city, registrar, make.confirmed(deal)


@pytest.fixture
def copied(db, kept):
    """Each test changes objects of its own."""
    return deepcopy(kept)


@pytest.fixture
def city(copied):
    return copied[0]


@pytest.fixture
def registrar(copied):
    return copied[1]


@pytest.fixture
def deal(copied):
    return copied[2]


@pytest.fixture
def office(deal):
    return make.institution_officer(deal.seller)


@pytest.fixture
def buyer(deal):
    return make.firm_officer(deal.buyer)


def pay(deal, by, amount=Decimal(50), on=None, **values) -> Payment:
    return receive_payment(deal, amount_wan=amount, received_on=on or today(-2), by=by, **values)


def answer(row, *people):
    for person in people:
        confirm(Confirmation.objects.of(row).addressed_to(person).pending().get(), by=person)


def imported(by, *rows):
    return import_contracts(store_source_file("contracts", content=workbook(*rows), name="名单.xlsx", by=by), by=by)


# --- Row 1: a correction by list changes what it names ----------------------------------------------------------------
def test_a_corrected_buyer_moves_with_its_organisation_district_and_place(city):
    firm = make.organisation("firm", "大连示例轴承有限公司", stat_region=make.region("gaoxin"))
    imported(city, {"买方名称": "北京某某集团有限公司", "买方所在地": "北京"})
    contract = Contract.objects.get()
    assert (contract.buyer, contract.is_buyer_local) == (None, False)
    preview = check_contract_list(workbook({"买方所在地": ""}), "名单.xlsx", by=city)
    shown = "；".join(map(str, preview.warnings))
    assert "买方名称 “北京某某集团有限公司”→“大连示例轴承有限公司”" in shown
    assert "买方统计归口 “无”→“高新区”" in shown and "买方在连 “否”→“是”" in shown
    imported(city, {"买方所在地": ""})
    contract.refresh_from_db()
    assert (contract.buyer, contract.buyer_region, contract.is_buyer_local) == (firm, firm.stat_region, True)
    changes = AuditRecord.objects.get(action="按登记名单更正").changes
    assert changes["is_buyer_local"] == [False, True] and changes["buyer"][1] and changes["buyer_region"][1]


def test_a_corrected_place_alone_is_followed_and_what_stays_open_is_a_doubt(city):
    unknown = {"买方名称": "某某新材料研究中心", "买方所在地": "北京"}
    imported(city, unknown)
    imported(city, unknown | {"买方所在地": "甘井子区"})
    contract = Contract.objects.get()
    assert (contract.is_buyer_local, contract.buyer_region.name, contract.doubt) == (True, "甘井子区", "")
    imported(city, {"买方名称": "另一家没有登记的单位", "买方所在地": ""})
    contract.refresh_from_db()
    assert (contract.is_buyer_local, contract.buyer_region, contract.doubt) == (None, None, "place")
    set_place(contract, side="buyer", region=None, by=city)
    assert (contract.is_buyer_local, contract.doubt) == (False, "")


def test_a_list_that_gives_the_contract_of_a_deal_to_another_firm_is_a_doubt(city, deal, office, buyer):
    contract = draft_contract(deal, by=city)
    number = make.registration_number(on=today(-1))
    register_contract(contract, number=number, registered_on=today(-1), amount_wan=WAN, by=city)
    other = make.firm("大连第三方化工有限公司")
    row = {"登记编号": number, "卖方名称": deal.seller.name, "买方名称": other.name, "登记日期": str(today(-1))}
    imported(city, row | {"签订日期": str(today(-8)), "技术交易额（万元）": ""})
    contract.refresh_from_db()
    assert (contract.buyer, contract.doubt) == (other, "changed")
    confirm_outside(contract, by=city)
    assert contract.doubt == ""


# --- Row 2: struck payments ------------------------------------------------------------------------------------------
def test_a_struck_payment_is_money_nowhere(deal, city, registrar, office, buyer):
    contract = draft_contract(deal, by=city)
    payment = pay(deal, office, voucher=VOUCHER)
    answer(payment, buyer)
    check_payment(payment, accept=True, text="", by=registrar)
    assert counted("paid") == 50
    plan = plan_instalment(contract, due_on=today(-1), amount_wan=Decimal(50), by=office)
    assert not Instalment.objects.unpaid().exists()
    strike_payment(payment, reason="记错项目", by=city)
    assert counted("paid") == 0 and apart("paid") == {}
    assert list(Instalment.objects.overdue()) == [plan]
    with pytest.raises(ValidationError, match="已经划去"):
        check_payment(payment, accept=True, text="", by=registrar)


# --- Row 3: money above the contract, before the signing, by one side -------------------------------------------------
def test_a_payment_dated_before_the_signing_is_refused(deal, office):
    draft = draft_contract(deal, by=office)
    for day in (today(-9), today(-2500)):
        with pytest.raises(ValidationError, match="早于签约日期"):
            pay(deal, office, Decimal(5000), on=day)
    edit_contract(draft, by=office, signed_on=today(-3000))  # the date of the contract is a party's word
    with pytest.raises(ValidationError, match="早于签约日期"):
        pay(deal, office, Decimal(50), on=today(-2500))


def test_payments_are_not_more_than_the_contract(deal, office, buyer, city):
    with pytest.raises(ValidationError, match="超过合同成交额或签约金额"):
        pay(deal, deal.broker.user, Decimal(99999))
    contract = draft_contract(deal, by=office)
    pay(deal, buyer, Decimal(70))
    with pytest.raises(ValidationError, match=r"这笔 51 万元加上已记的 70.00 万元，超过合同成交额 120.00 万元"):
        pay(deal, deal.broker.user, Decimal(51))
    pay(deal, deal.broker.user, Decimal(50))
    for change in (
        lambda: edit_contract(contract, by=office, amount_wan=Decimal(100)),
        lambda: register_contract(
            contract,
            number=make.registration_number(on=today()),
            registered_on=today(),
            amount_wan=Decimal(100),
            by=city,
        ),
    ):
        with pytest.raises(ValidationError, match="不能低于它"):
            change()
    assert not hasattr(Contract.objects.get(), "paid") and Contract.objects.get().amount_wan == 120


def test_a_signed_amount_cannot_sink_below_what_was_paid(deal, office, city):
    pay(deal, office, Decimal(100))
    with pytest.raises(ValidationError, match="不能低于它"):
        correct_deal(deal, signed_wan=Decimal(60), by=city)
    contract = draft_contract(deal, by=office)
    assert contract.payments.get().amount_wan == 100  # the first contract takes what was paid before it


def test_a_payment_counts_with_both_sides_a_voucher_and_the_office(deal, office, buyer, city, registrar):
    payment = pay(deal, office)
    assert (counted("paid"), apart("paid")) == (0, {"pending": 1})
    assert list(Payment.objects.one_sided()) == [payment]
    answer(payment, buyer)
    assert (counted("paid"), apart("paid")) == (0, {"unchecked": 1})
    with pytest.raises(ValidationError, match="还没有凭证"):
        check_payment(payment, accept=True, text="", by=registrar)
    add_voucher(payment, upload=VOUCHER, by=office)
    assert list(Payment.objects.awaiting_check()) == [payment]
    for person in (office, buyer, deal.broker.user, make.district_officer("jinpu"), make.auditor(), make.sysadmin()):
        with pytest.raises(PermissionDenied):
            check_payment(payment, accept=True, text="", by=person)
    check_payment(payment, accept=False, text="回单金额为 5 万元", by=registrar)
    assert counted("paid") == 0 and payment.is_refused
    assert Notice.objects.filter(recipient=office, text__contains="结果是不符：回单金额").exists()
    check_payment(payment, accept=True, text="已核对原件", by=registrar)
    assert (counted("paid"), apart("paid")) == (50, {})
    with pytest.raises(ValidationError, match="已经核实，不能更换"):
        add_voucher(payment, upload=Upload("另一份.pdf", uploads.PDF + b"2"), by=office)
    with pytest.raises(ValidationError, match="一笔到账的凭证，不能移除"):
        remove_evidence(payment.voucher, by=office)
    Payment.objects.filter(pk=payment.pk).update(voucher=make.voucher(deal))  # by which way whatever
    assert counted("paid") == 0


def test_nobody_checks_what_they_recorded_and_a_changed_record_is_not_checked_unseen(deal, office, buyer, city):
    payment = pay(deal, city, voucher=VOUCHER)
    with pytest.raises(PermissionDenied, match="另一位专员"):
        check_payment(payment, accept=True, text="", by=city)
    seen = payment.evidence_hash
    add_voucher(payment, upload=Upload("另一份.pdf", uploads.PDF + b"2"), by=office)
    with pytest.raises(ValidationError, match="刚被改变"):
        check_payment(payment, accept=True, text="", seen=seen, by=make.city_officer())


def test_one_voucher_for_two_payments_is_refused_in_a_deal_and_shown_across_deals(deal, office, city):
    first = pay(deal, office, Decimal(10), voucher=VOUCHER)
    with pytest.raises(ValidationError, match="已经上传过"):
        pay(deal, office, Decimal(20), voucher=VOUCHER)
    other = make.deal(stage_on=today(-20), seller=deal.seller)
    sign_deal(other, on=today(-8), signed_wan=WAN, way="service", by=city)
    second = pay(other, office, Decimal(10), voucher=VOUCHER)
    assert set(payment_warnings([first, second])) == {first.pk, second.pk}


def test_a_payment_plan_stays_within_the_contract(deal, office, buyer):
    contract = draft_contract(deal, by=office)
    first = plan_instalment(contract, due_on=today(-4), amount_wan=Decimal(60), by=office)
    second = plan_instalment(contract, due_on=today(30), amount_wan=Decimal(60), by=buyer)
    for values, message in (
        ({"due_on": today(60), "amount_wan": Decimal("0.01")}, "超过合同成交额"),
        ({"due_on": today(-9), "amount_wan": Decimal(1)}, "早于签订日期"),
        ({"due_on": today(365 * 40), "amount_wan": Decimal(1)}, "核对年份"),
    ):
        with pytest.raises(ValidationError, match=message):
            plan_instalment(contract, by=office, **values)
    with pytest.raises(PermissionDenied):
        plan_instalment(contract, due_on=today(9), amount_wan=Decimal(1), by=make.firm_officer())
    pay(deal, office, Decimal(20))
    overdue = Instalment.objects.overdue().get()
    assert (overdue, overdue.open_wan) == (first, 40)
    assert [row.open_wan for row in Instalment.objects.unpaid()] == [40, 60]
    states = [row.state_on(today()) for row in contract.instalments.with_paid()]
    assert states == ["overdue", "planned"]
    withdraw_instalment(second, reason="双方书面同意改期", by=office)
    assert list(Instalment.objects.unpaid()) == [first]


# --- Row 4: landings -------------------------------------------------------------------------------------------------
def company(deal, by, **values) -> Landing:
    values = {"credit_code": LOCAL_CODE, "capital_wan": Decimal(500), "region": make.region("gaoxin")} | values
    return add_landing(deal, kind="company", name="大连示例新材料有限公司", landed_on=today(-3), by=by, **values)


def rate() -> Decimal:
    return count_figure(FIGURES["local_rate"], scope()).totals.part


def test_a_typed_company_does_not_move_the_local_rate(deal, office, buyer, city, registrar):
    make.contract(deal=deal, seller=deal.seller, is_buyer_local=False, amount_wan=WAN)
    with pytest.raises(ValidationError, match="统一社会信用代码"):
        company(deal, office, credit_code="")
    old = Landing.objects.create(deal=deal, kind="company", name="某某公司", region=make.region(), landed_on=today(-3))
    make.confirmed(old)
    assert rate() == 0 and list(Landing.objects.incomplete()) == [old]
    with pytest.raises(ValidationError, match="还没有信用代码"):
        check_landing(old, accept=True, text="", by=registrar)
    values = {"credit_code": LOCAL_CODE.lower(), "capital_wan": Decimal(500), "name": "大连示例新材料有限公司"}
    complete_landing(old, by=office, **values)
    assert old.credit_code == LOCAL_CODE
    check_landing(old, accept=True, text="营业执照已核对", by=registrar)
    assert rate() == 0  # the parties have not said so of the company with this code
    answer(old, buyer)
    assert rate() == 120
    Landing.objects.filter(pk=old.pk).update(credit_code=OTHER_CODE)
    assert rate() == 0


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"credit_code": "91210211MA0LANDE1X"}, "校验"),
        ({"credit_code": "123"}, "18 位"),
        ({"capital_wan": Decimal(0)}, "注册资本"),
        ({"region": None}, "外地的请写省市"),
        ({"place": "北京"}, "两项填一项"),
    ],
)
def test_a_company_without_its_registration_is_refused(deal, office, values, message):
    with pytest.raises(ValidationError, match=message):
        company(deal, office, **values)


def test_a_company_is_new_is_no_party_and_is_checked_by_another_officer(deal, office, city, registrar):
    with pytest.raises(ValidationError, match="不是为它新设的公司"):
        add_landing(deal, kind="company", name="老公司", landed_on=today(-21), by=office, credit_code=LOCAL_CODE,
                    capital_wan=1, region=make.region())  # fmt: skip
    type(deal.buyer).objects.filter(pk=deal.buyer_id).update(credit_code=LOCAL_CODE)
    deal.buyer.refresh_from_db()
    with pytest.raises(ValidationError, match="成交双方之一"):
        company(deal, office)
    landing = company(deal, city, credit_code=OTHER_CODE)
    assert "不是大连" in landing_warnings([landing])[landing.pk][0]
    with pytest.raises(PermissionDenied, match="另一位专员"):
        check_landing(landing, accept=True, text="", by=city)
    with pytest.raises(IntegrityError), transaction.atomic():
        Landing.objects.filter(pk=landing.pk).update(
            check_result="accepted", checked_by=city, checked_at=timezone.now(), checked_hash="x", credit_code=""
        )


def test_an_accepted_company_is_a_venture_whose_later_numbers_stand_at_the_deal(signed_in, deal, office, registrar):
    landing = company(deal, office)
    check_landing(landing, accept=True, text="", by=registrar)
    venture = Venture.objects.get(landing=landing)
    assert (venture.credit_code, venture.achievement, venture.region) == (LOCAL_CODE, deal.achievement, landing.region)
    VentureYear.objects.create(venture=venture, year=today().year, jobs=12, revenue_wan=Decimal(340), source="年报")
    page = signed_in(office).get(reverse("deal", args=[deal.public_id])).text
    assert "12 人，营业收入 340.00 万元（年报）" in page


# --- Row 5: numbers --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("ABC-1", "格式不对"),
        ("2019210200000001", "年份是 2019 年"),
        ("{year}110100000001", "应为 2102"),
        ("{year}210200000000", "流水号不能是 000000"),
        ("{year}21020000001", "格式不对"),
    ],
)
def test_a_number_out_of_the_national_scheme_is_refused(deal, city, number, message):
    contract = draft_contract(deal, by=city)
    with pytest.raises(ValidationError, match=message):
        register_contract(
            contract, number=number.format(year=today().year), registered_on=today(), amount_wan=WAN, by=city
        )
    contract.refresh_from_db()
    assert contract.status == "preparing"


def test_one_number_in_any_writing_is_one_contract(deal, city):
    number = make.registration_number(7)
    make.contract(number=number)
    contract = draft_contract(deal, by=city)
    for written in (number, f" {number[:4]}-{number[4:8]} {number[8:]}", number[2:], number.translate(FULL_WIDTH)):
        with pytest.raises(ValidationError, match="已有合同使用这个登记编号"):
            register_contract(contract, number=written, registered_on=today(), amount_wan=WAN, by=city)
    with pytest.raises(IntegrityError), transaction.atomic():
        make.contract(number=number[2:])


FULL_WIDTH = {ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)}


def test_a_wrong_number_of_before_is_corrected_by_the_list_and_counts_once(city):
    """ABC-1 by hand, then the right number by list, without the day of signing."""
    seller, buyer = make.institution(), make.organisation("firm", "大连示例轴承有限公司", stat_region=make.region())
    contract = make.contract(number="ABC-1", seller=seller, buyer=buyer, amount_wan=WAN, doubt="number", listed=False)
    make.confirmed(contract)
    number = make.registration_number(8)
    row = {"登记编号": number, "合同成交额（万元）": "120", "签订日期": "", "登记日期": str(today())}
    assert "将改为名单的编号" in str(check_contract_list(workbook(row), "名单.xlsx", by=city).warnings)
    imported(city, row)
    contract.refresh_from_db()
    assert (Contract.objects.count(), contract.number, contract.doubt) == (1, number, "")
    assert counted("turnover") == 120


def test_a_number_is_corrected_by_hand_with_a_reason_and_the_list_proves_it_no_longer(city):
    contract = make.contract(number=make.registration_number(1))
    taken = make.contract(number=make.registration_number(2))
    for number, message in ((taken.number, "已有合同"), ("X-9", "格式不对"), (contract.number, "与现在的相同")):
        with pytest.raises(ValidationError, match=message):
            correct_number(contract, number=number, reason="录入有误", by=city)
    with pytest.raises(PermissionDenied):
        correct_number(contract, number=make.registration_number(3), reason="录入有误", by=make.district_officer())
    correct_number(contract, number=make.registration_number(3), reason="录入有误", by=city)
    assert contract.number == make.registration_number(3) and not contract.is_officially_listed
    assert AuditRecord.objects.get(action="更正登记编号").changes["reason"] == [None, "录入有误"]


def test_the_same_contract_under_another_number_is_flagged_by_hand_and_by_list_without_a_day(city, deal):
    other = make.contract(seller=deal.seller, buyer=deal.buyer, amount_wan=WAN, signed_on=today(-8))
    contract = draft_contract(deal, by=city)
    register_contract(contract, number=make.registration_number(900), registered_on=today(), amount_wan=WAN, by=city)
    assert contract.doubt == "double"
    row = {"卖方名称": other.seller_name, "买方名称": other.buyer_name, "签订日期": "", "登记日期": str(today())}
    imported(city, row | {"登记编号": make.registration_number(901)})
    assert Contract.objects.get(number=make.registration_number(901)).doubt == "double"


# --- Row 8: unknown places, and the other side's publicity ------------------------------------------------------------
@pytest.mark.long
def test_an_unknown_place_is_neither_here_nor_elsewhere_and_shown_apart(signed_in, city):
    make.contract(amount_wan=WAN)
    make.contract(amount_wan=Decimal(30), tech_amount_wan=None, is_seller_local=None, is_buyer_local=None)
    assert (counted("turnover"), apart("turnover")) == (120, {"unplaced": 1})
    assert (counted("absorbed"), apart("absorbed")) == (120, {"unplaced": 1})
    totals = count_figure(FIGURES["local_rate"], scope())
    assert (totals.totals.part, totals.totals.total) == (120, 150)  # a place left out does not raise the rate
    assert dict(totals.gaps)["缺买方是否在连"] == 1
    assert "所在地不明 1 条" in signed_in(city).get(reverse("figure", args=["turnover"])).text


def test_a_buyer_neither_publishes_the_sellers_price_nor_settles_an_objection_to_it(signed_in, city):
    deal = make.deal(stage_on=today(-40))
    office, buyer = make.institution_officer(deal.seller), make.firm_officer(deal.buyer)
    agency = make.organisation("agency", "经纪机构")
    broker = make.broker(user=make.user(Role.BROKER, agency))
    Deal.objects.filter(pk=deal.pk).update(broker=broker)
    deal.refresh_from_db()
    add_member(broker.user, deal.buyer, Role.FIRM, by=None)  # the buyer's officer is also the broker of the deal
    price = {"place": "本单位网站", "price_wan": WAN, "starts_on": today(-20)}
    for person in (buyer, broker.user):
        with pytest.raises(PermissionDenied):
            publish_price(deal, by=person, **price)
    publicity = publish_price(deal, by=office, **price)
    objection = object_to_price(publicity, who="王某", text="价格偏低", raised_on=today(-10), by=buyer)
    for person in (buyer, broker.user):
        with pytest.raises(PermissionDenied):
            settle_objection(objection, outcome="没有问题", settled_on=today(-1), by=person)
        page = signed_in(person).get(reverse("deal", args=[deal.public_id])).text
        assert "处理公示异议" not in page and "记录价格公示" not in page and "记录公示异议" in page
    settle_objection(objection, outcome="经评估价格合理", settled_on=today(-1), by=office)


# --- The pages -------------------------------------------------------------------------------------------------------
@pytest.mark.long
def test_money_and_company_on_the_pages(signed_in, deal, office, buyer, registrar):
    contract = draft_contract(deal, by=office)
    do, page = reverse("deal_do", args=[deal.public_id]), reverse("deal", args=[deal.public_id])
    browser = signed_in(office)
    values = {"action": "payment", "payment-amount_wan": "500", "payment-received_on": today(-1)}
    refused = browser.post(do, values)
    assert refused.status_code == 422 and "超过合同成交额" in refused.text
    upload = SimpleUploadedFile("回单.pdf", uploads.PDF)
    sent = browser.post(do, values | {"payment-amount_wan": "50", "payment-voucher": upload}, follow=True).text
    assert "待登记部门核实" in sent and "单方（只有转让方确认）" in sent and "凭证：回单.pdf" in sent
    values = {"action": "landing", "landing-kind": "company", "landing-name": "大连示例新材料有限公司",
              "landing-landed_on": today(-1), "landing-credit_code": "9121", "landing-capital_wan": "500",
              "landing-region": make.region().pk}  # fmt: skip
    refused = browser.post(do, values)
    assert refused.status_code == 422 and "应为 18 位，现在是 4 位" in refused.text
    assert browser.post(do, values | {"landing-credit_code": LOCAL_CODE}).status_code == 302
    plan = reverse("contract_do", args=[contract.public_id])
    values = {"action": "plan", "plan-due_on": today(-1), "plan-amount_wan": "120", "plan-condition": "验收合格后"}
    assert "逾期未付" in browser.post(plan, values, follow=True).text
    payment, landing = Payment.objects.get(), Landing.objects.get()
    answer(payment, buyer)
    assert "核实到账凭证" not in browser.get(page).text
    officer = signed_in(registrar)
    work = officer.get(reverse("evidence_worklist")).text
    assert deal.name in work and "到账凭证待核实 <b>1</b>" in work and "落地公司待核实 <b>1</b>" in work
    for action, row in (("check_payment", payment), ("check_landing", landing)):
        values = {"action": action, f"{action}-row": row.pk, f"{action}-seen": row.evidence_hash}
        no_reason = officer.post(do, values | {f"{action}-result": "no"})
        assert no_reason.status_code == 422 and "哪里不符" in no_reason.text
        done = officer.post(do, values | {f"{action}-result": "yes"}, follow=True).text
        assert "登记部门已核实" in done
    assert counted("paid") == 50 and Venture.objects.get().landing == landing
