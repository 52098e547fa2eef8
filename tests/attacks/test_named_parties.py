"""Attacks on parties that are named without their word: nobody becomes a buyer, seller, broker or founder by being
written down, and nothing counts before each of them has said so itself."""

import difflib
import re
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import Contact, Role
from accounts.services.members import add_member
from accounts.services.source_files import store_source_file
from achievements.models import Achievement
from deals.models import Confirmation, Contract, Deal, Payment
from deals.services.confirmation_links import confirmation_by_link, send_link
from deals.services.confirmation_reminders import remind_parties
from deals.services.confirmations import ask_parties, confirm, confirm_by_link, object_by_link, object_to
from deals.services.contract_checks import link_contract
from deals.services.contract_imports import import_contracts
from deals.services.contracts import draft_contract, edit_contract, register_contract
from deals.services.deal_parts import Upload, add_evidence, receive_payment, remove_evidence
from deals.services.deals import advance_deal, correct_deal, fail_deal, sign_deal
from deals.services.evidence_checks import check_payment
from deals.services.objections import check_proof, decide_objection, record_proof, send_link_again
from deals.services.outside_deals import find_registered_parties, open_outside_deal
from deals.services.price_publicity import publish_price
from mechanism.confirmation_subjects import ask_named_parties
from mechanism.kpi.counting import count_figure
from mechanism.kpi.period import parse_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from mechanism.models import Base, RelatedParties, Venture
from notices.models import Delivery, Notice
from tests import factories as make
from tests.achievements import uploads
from tests.browser_client import readable
from tests.deals.contract_lists import workbook
from tests.kept_rows import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.long]
WAN = Decimal(9999)
AMOUNT = re.compile("(?<![0-9A-Za-z])9,?999(?![0-9A-Za-z])")
"""Not within a random number or id."""
MONEY = ("intent_money", "signed_money", "turnover", "tech_turnover", "paid")


def today(days: int = 0):
    return timezone.localdate() + timedelta(days=days)


def figures() -> dict:
    scope = FigureScope(parse_period(str(today().year)))
    return {key: count_figure(FIGURES[key], scope).totals.total for key in MONEY}


NOTHING = dict.fromkeys(MONEY, 0)


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker):
    with kept_rows(django_db_blocker):
        seller, buyer = make.institution("大连理工大学"), make.firm("大连被点名轴承有限公司")
        officers = {"office": make.institution_officer(seller), "victim": make.firm_officer(buyer)}
        yield {"city": make.city_officer(), "seller": seller, "buyer": buyer} | officers


@pytest.fixture
def people(db, kept):
    """Each test changes objects of its own."""
    return deepcopy(kept)


@pytest.fixture
def city(people):
    return people["city"]


@pytest.fixture
def seller(people):
    return people["seller"]


@pytest.fixture
def buyer(people):
    return people["buyer"]


@pytest.fixture
def office(people):
    return people["office"]


@pytest.fixture
def victim(people):
    return people["victim"]


@pytest.fixture
def deal(office, victim, seller, buyer):
    """What attack 8 does: an outside deal of 9,999万 with any firm as its buyer."""
    return open_outside_deal(name="联合研发", seller=seller, buyer=buyer, intent_wan=WAN, on=today(-9), by=office)


def asked(record, role="buyer") -> Confirmation:
    return Confirmation.objects.of(record).current().get(role=role)


def bound(deal, city, *people, **terms) -> Deal:
    """Signed and confirmed by these people, each for the own side."""
    values = {"on": today(-8), "signed_wan": Decimal(100), "way": "service", "by": city} | terms
    sign_deal(deal, **values)
    for person in people:
        confirm(Confirmation.objects.of(deal).addressed_to(person).pending().get(), by=person)
    deal.refresh_from_db()
    return deal


# --- Deals ------------------------------------------------------------------------------------------------------------
def test_a_firm_named_as_buyer_is_told_and_nothing_stands_in_its_name(signed_in, deal, victim, city):
    assert Notice.objects.filter(recipient=victim, text__contains="登记为受让方").count() == 1
    assert not any(AMOUNT.search(text) for text in Notice.objects.values_list("text", flat=True))
    browser = signed_in(victim)
    assert deal.name not in browser.get(reverse("deals")).text
    assert browser.get(reverse("deal", args=[deal.public_id])).status_code == 404
    assert "有 1 项写着贵单位的记录等您确认" in browser.get(reverse("workbench")).text
    assert deal.name in browser.get(reverse("confirmations")).text
    page = browser.get(reverse("confirmation", args=[asked(deal).public_id])).text
    assert "9,999.00 万元" in page and "大连理工大学" in page
    assert figures() == NOTHING
    with pytest.raises(ValidationError, match="双方都确认"):
        publish_price(deal, place="学校网站", price_wan=WAN, starts_on=today(-5), by=city)
    confirm(asked(deal), by=victim)
    assert figures() == NOTHING | {"intent_money": WAN}
    assert deal.name in browser.get(reverse("deals")).text


def test_nobody_answers_for_the_named_party(signed_in, deal, office, city):
    district = make.district_officer("jinpu")
    stranger = make.firm_officer()
    superuser = make.user(is_superuser=True, is_staff=True)
    broker = make.user(Role.BROKER, make.organisation("agency", "经纪机构"))
    url, before = reverse("confirmation", args=[asked(deal).public_id]), asked(deal).status
    for person in (office, city, district, stranger, superuser, broker, make.auditor(), make.sysadmin()):
        for action in (
            {"action": "confirm"},
            {"action": "object", "object-reason": "not_us", "object-text": "不是本单位"},
        ):
            assert signed_in(person).post(url, action).status_code in (403, 404)
        with pytest.raises(PermissionDenied):
            confirm(asked(deal), by=person)
        with pytest.raises(PermissionDenied):
            object_to(asked(deal), reason="not_us", text="不是我们签的", by=person)
    assert asked(deal).status == before == "pending"


def test_the_author_counts_only_for_the_own_organisation(city, seller, buyer, office):
    """The staff and brokers confirm for nobody by writing, and one person with two hats only for one side."""
    by_city = open_outside_deal(name="甲", seller=seller, buyer=buyer, by=city)
    assert {row.status for row in Confirmation.objects.of(by_city)} == {"pending"}
    add_member(office, buyer, Role.FIRM, by=None)
    both_hats = type(office).objects.get(pk=office.pk)
    deal = open_outside_deal(name="乙", seller=seller, buyer=buyer, by=both_hats)
    assert sorted(row.status for row in Confirmation.objects.of(deal)) == ["confirmed", "pending"]
    with pytest.raises(ValidationError, match="另一位专员"):
        confirm(Confirmation.objects.of(deal).pending().get(), by=both_hats)


def test_naming_tells_nothing_about_who_is_registered(signed_in, office, victim, buyer):
    """The same words for a registered and an unregistered name, in the answer, on the page and in the list."""
    client, answers = signed_in(office), []
    for name in (f"{buyer.name[:2]} {buyer.name[2:]}", "大连从未注册轴承有限公司"):
        values = {"name": "检测", "seller": "大连理工大学", "buyer": name, "on": today(), "note": "展会认识"}
        answer = client.post(reverse("deal_new"), values, follow=True)
        deal = Deal.objects.latest("pk")
        texts = [answer.text, client.get(reverse("deals")).text, client.get(answer.request["PATH_INFO"]).text]
        answers.append([_without_names(text, name, deal) for text in texts])
        deal.steps.all().delete(), Confirmation.objects.of(deal).delete(), deal.delete()
    differences = [line for line in difflib.ndiff(*map(_lines, answers)) if line[0] in "+-"]
    assert not differences
    codes = {"seller": "大连理工大学", "name": "检测", "on": today(), "note": "展会认识"}
    for code in ("91210200MA0000000X", "912102"):
        client.post(reverse("deal_new"), codes | {"buyer": code})
    assert not Deal.objects.filter(buyer__isnull=False).exists()


def _lines(texts: list[str]) -> list[str]:
    return "\n".join(texts).replace("<", "\n<").splitlines()


def _without_names(text: str, name: str, deal: Deal) -> str:
    public_ids = [deal.public_id, *Confirmation.objects.of(deal).values_list("public_id", flat=True)]
    for word in (name, *public_ids):
        text = text.replace(word, "*")
    return re.sub(r'(value="([\w-]{64}|\d+)"|nonce="[^"]+"|\d{1,2}:\d\d)', "*", text)


def test_an_unregistered_or_silent_buyer_gives_away_no_data_through_the_form(deal, office, city):
    """Before, the draft of a contract filled in the named firm's district, place and nature."""
    sign_deal(deal, on=today(-8), signed_wan=WAN, way="service", by=city)
    with pytest.raises(ValidationError, match="双方都确认签约条件"):
        draft_contract(deal, by=office)


def test_figures_do_not_tell_an_author_who_is_registered(signed_in, deal, office, buyer):
    """The district of the named firm would: by the records, by a filter, by a split, in the workbook, by the API."""
    client, region = signed_in(office), buyer.stat_region.code
    figure, rows, export = (reverse(name, args=["intent_money"]) for name in ("figure", "figure_rows", "figure_export"))
    assert "待对方确认 1 条" in client.get(figure).text
    assert "待对方确认" not in client.get(figure, {"region": region}).text
    for url in (rows, export):
        assert client.get(url, {"state": "pending"}).status_code == 404
        assert client.get(url, {"state": "pending", "by": "region"}).status_code == 404
    assert client.get("/api/v1/figures/intent_money/", {"region": region}).json()["unconfirmed"] == {}
    shown = signed_in(make.city_officer()).get(rows, {"state": "pending"})
    assert deal.name in shown.text and "9,999" in shown.text


def test_a_firm_that_registers_later_is_asked_and_nobody_is_flooded(monkeypatch, office, seller):
    monkeypatch.setattr("deals.services.outside_deals.MAX_WAITING", 2)
    name = "大连后来注册轴承有限公司"
    first, _second = (open_outside_deal(name=f"项目{n}", seller=seller, buyer=name, by=office) for n in range(2))
    with pytest.raises(ValidationError, match="在等对方确认"):
        open_outside_deal(name="项目三", seller=seller, buyer=name, by=office)
    assert find_registered_parties() == 0
    officer = make.firm_officer(make.firm(name))
    assert (find_registered_parties(), find_registered_parties()) == (2, 0)
    assert Notice.objects.filter(recipient=officer).count() == 2
    confirm(asked(first), by=officer)


def test_changed_facts_void_what_was_confirmed(deal, office, victim, city):
    confirm(asked(deal), by=victim)
    correct_deal(deal, intent_wan=Decimal(50_000), by=city)
    assert figures() == NOTHING and asked(deal).is_pending and asked(deal, "seller").is_pending
    old = Confirmation.objects.of(deal).filter(role="buyer").earliest("pk")
    for action in (
        lambda: confirm(old, by=victim),
        lambda: object_to(old, reason="amount", text="金额不对", by=victim),
    ):
        with pytest.raises(ValidationError, match="刚有变化"):
            action()
    correct_deal(deal, intent_wan=WAN, by=city)  # back to what the buyer once confirmed
    assert figures() == NOTHING and asked(deal).is_pending


@pytest.mark.parametrize(
    "change", [{"intent_wan": 1}, {"name": "别的项目"}, {"exclusive_from": None, "way": "licence"}]
)
def test_facts_changed_behind_the_services_void_it_too(deal, victim, change):
    """By a script, an import or the admin: the database computes the hash."""
    confirm(asked(deal), by=victim)
    assert figures()["intent_money"] == WAN
    Deal.objects.filter(pk=deal.pk).update(**change)
    assert figures() == NOTHING
    other = make.firm()
    Deal.objects.filter(pk=deal.pk).update(name="联合研发", intent_wan=WAN, way="", buyer=other)
    assert figures() == NOTHING


def test_an_objection_takes_a_confirmed_deal_out_at_once_and_only_its_author_lifts_it(deal, office, victim, city):
    confirm(asked(deal), by=victim)
    object_to(asked(deal), reason="amount", text="只谈过五十万元", by=make.firm_officer(deal.buyer))
    assert figures() == NOTHING
    with pytest.raises(ValidationError, match="有异议"):
        sign_deal(deal, on=today(-8), signed_wan=WAN, way="service", by=city)
    correct_deal(deal, intent_wan=Decimal(50), by=city)
    confirm(asked(deal, "seller"), by=office)
    assert figures() == NOTHING  # a changed fact is no withdrawal of the objection
    confirm(asked(deal), by=victim)
    assert figures()["intent_money"] == 50
    assert not Confirmation.objects.of(deal).blocking().exists()


def test_a_made_up_exclusive_deal_takes_no_achievement_away(office, victim, city, seller, buyer):
    item = make.achievement(institution=seller)
    deal = open_outside_deal(name="独占许可", seller=seller, buyer=buyer, achievement=item, on=today(-9), by=office)
    sign_deal(deal, on=today(-8), signed_wan=WAN, way="licence", licence="exclusive", by=city)
    assert item in Achievement.objects.available()
    for person in (office, victim):
        confirm(Confirmation.objects.of(deal).addressed_to(person).pending().get(), by=person)
    assert item not in Achievement.objects.available()
    with pytest.raises(ValidationError, match="不能退回意向"):
        advance_deal(deal, "intent", on=today(), note="重新谈", by=city)
    fail_deal(deal, reason="other", note="说是不做了", on=today(), by=city)
    assert item not in Achievement.objects.available()  # the licensee has not confirmed the end
    for person in (office, victim):
        confirm(Confirmation.objects.of(deal).addressed_to(person).pending().get(), by=person)
    assert item in Achievement.objects.available()


def test_the_buyer_does_not_publish_the_sellers_price(deal, victim):
    confirm(asked(deal), by=victim)
    with pytest.raises(PermissionDenied, match="转让方办理"):
        publish_price(deal, place="本单位网站", price_wan=WAN, starts_on=today(-5), by=victim)


# --- Contracts, payments ----------------------------------------------------------------------------------------------
def test_one_typed_registration_moves_no_figure_and_settles_nothing(office, victim, city, seller, buyer):
    item, need = make.achievement(institution=seller), make.demand(firm=buyer)
    deal = open_outside_deal(
        name="开发", seller=seller, buyer=buyer, achievement=item, demand=need, on=today(-9), by=make.city_officer()
    )
    bound(deal, city, office, victim)
    contract = draft_contract(deal, by=office)
    edit_contract(contract, by=office, kind="development")
    values = {"registered_on": today(-1), "amount_wan": WAN, "tech_amount_wan": WAN, "by": city}
    register_contract(contract, number=make.registration_number(on=today(-1)), **values)
    item.refresh_from_db(), need.refresh_from_db()
    assert (figures()["turnover"], item.status, need.status) == (0, "registered", "published")
    confirm(asked(contract, "seller"), by=office)
    assert figures()["turnover"] == 0
    confirm(asked(contract), by=victim)
    item.refresh_from_db(), need.refresh_from_db()
    assert (figures()["turnover"], item.status, need.status) == (WAN, "transferred", "solved")
    object_to(asked(contract), reason="amount", text="合同只有一百万元", by=victim)
    item.refresh_from_db(), need.refresh_from_db()
    assert (figures()["turnover"], item.status, need.status) == (0, "registered", "docking")


def test_a_contract_cannot_be_rewritten_into_the_name_of_a_third_firm(deal, office, victim, city):
    make.firm("大连第三方化工有限公司")
    contract = draft_contract(bound(deal, city, office, victim), by=office)
    with pytest.raises(ValidationError, match="“大连第三方化工有限公司”与成交项目中的买方"):
        edit_contract(contract, by=office, buyer_name="大连第三方化工有限公司")
    contract.refresh_from_db()
    assert contract.buyer_name == deal.buyer.name


def test_a_payment_is_one_sides_word_until_the_other_confirms(deal, office, victim, city):
    bound(deal, city, office, victim)
    voucher = Upload("回单.pdf", uploads.PDF)
    payment = receive_payment(deal, amount_wan=Decimal(60), received_on=today(-1), voucher=voucher, by=office)
    check_payment(payment, accept=True, text="", by=city)
    assert figures()["paid"] == 0
    confirm(asked(payment), by=victim)
    assert figures()["paid"] == 60
    Payment.objects.filter(pk=payment.pk).update(amount_wan=600)
    assert figures()["paid"] == 0
    Payment.objects.filter(pk=payment.pk).update(amount_wan=60)
    correct_deal(deal, signed_wan=Decimal(101), by=city)  # the deal itself is no longer confirmed
    assert figures()["paid"] == 0


# --- The official list ------------------------------------------------------------------------------------------------
def imported(city, *changes):
    return import_contracts(
        store_source_file("contracts", content=workbook(*changes), name="名单.xlsx", by=city), by=city
    )


@pytest.fixture
def listed(city, seller):
    """A contract of the office's list that names a firm of the platform."""
    firm = make.firm("大连示例轴承有限公司")
    officer = make.firm_officer(firm)
    imported(city, {"登记日期": str(today(-3)), "签订日期": str(today(-9))})
    return Contract.objects.get(), officer


def test_an_objection_to_a_listed_contract_holds_until_another_officer_has_decided(listed, city):
    contract, officer = listed
    assert figures()["turnover"] == 120
    assert Notice.objects.filter(recipient=officer).exists()
    object_to(asked(contract), reason="not_us", text="本单位没有这份合同", by=officer)
    assert figures()["turnover"] == 0
    imported(city, {"登记日期": str(today(-3)), "签订日期": str(today(-9)), "合同名称": "换了名字的合同"})
    assert figures()["turnover"] == 0  # a trivial correction does not shed the objection
    objection = Confirmation.objects.of(contract).filter(objected_at__isnull=False).get()
    with pytest.raises(PermissionDenied, match="另一位市级专员"):
        decide_objection(objection, upheld=False, text="已核对合同原件", by=city)
    for person in (make.district_officer("jinpu"), make.auditor(), officer):
        with pytest.raises(PermissionDenied):
            decide_objection(objection, upheld=False, text="已核对合同原件", by=person)
    with pytest.raises(ValidationError, match="处理理由"):
        decide_objection(objection, upheld=False, text=" ​ ", by=make.city_officer())
    decide_objection(objection, upheld=False, text="已核对合同原件，金额一致", by=make.city_officer())
    assert figures()["turnover"] == 120
    assert Notice.objects.filter(recipient=officer, text__contains="异议不成立").exists()


def test_an_upheld_objection_keeps_a_listed_contract_out(listed):
    contract, officer = listed
    object_to(asked(contract), reason="amount", text="合同金额写错了", by=officer)
    decide_objection(asked(contract), upheld=True, text="登记部门已核实写错", by=make.city_officer())
    assert figures()["turnover"] == 0


@pytest.mark.parametrize(
    "change", [{"amount_wan": 9999}, {"is_buyer_local": False, "number": "1"}, {"tech_amount_wan": 1}]
)
def test_a_change_after_the_import_is_no_longer_the_offices_word(listed, change):
    contract, _officer = listed
    Contract.objects.filter(pk=contract.pk).update(**change)
    assert figures()["turnover"] == 0


def test_a_list_without_a_sum_does_not_bless_a_typed_one(city, seller):
    make.firm("大连示例轴承有限公司")
    typed = make.contract(
        listed=False, number="2026210200000001", name="高镍正极材料表面包覆技术开发", seller=seller,
        buyer=make.firm("大连示例轴承有限公司"), amount_wan=WAN, tech_amount_wan=WAN, registered_on=today(-3),
        signed_on=today(-9),
    )  # fmt: skip
    days = {"登记日期": str(today(-3)), "签订日期": str(today(-9))}
    imported(city, days | {"合同成交额（万元）": str(WAN), "技术交易额（万元）": ""})
    assert figures()["turnover"] == 0 and not typed.is_officially_listed
    imported(city, days)
    typed.refresh_from_db()
    assert (typed.amount_wan, typed.is_officially_listed, figures()["turnover"]) == (120, True, 120)


def test_a_corrected_name_makes_another_organisation_the_party(listed, city):
    contract, officer = listed
    confirm(asked(contract), by=officer)
    other = make.firm("大连更名后精密有限公司", region_code="gaoxin")
    days = {"登记日期": str(today(-3)), "签订日期": str(today(-9))}
    imported(city, days | {"买方名称": other.name})
    contract.refresh_from_db()
    assert (contract.buyer, contract.buyer_region.code) == (other, "gaoxin")
    assert asked(contract).organisation == other and asked(contract).is_pending
    assert not Contract.objects.confirmed_by("buyer").exists()


def test_a_listed_contract_linked_to_a_deal_names_the_deals_broker_to_nobody(listed, city, office):
    """A link by the city adds broker and agency; neither counts before he and both sides have said so."""
    contract, officer = listed
    broker = make.broker(user=make.user(Role.BROKER, make.organisation("agency", "经纪机构")))
    deal = make.deal(seller=contract.seller, buyer=contract.buyer, broker=broker, stage="signed", signed_wan=120)
    Contract.objects.update(doubt="deal")
    link_contract(contract, deal, by=city)
    assert not Contract.objects.broker_confirmed().exists()
    assert asked(contract, "broker").is_pending and "金额" not in str(asked(contract, "broker").facts)
    for person, role in ((office, "seller"), (officer, "buyer")):
        confirm(asked(contract, role), by=person, confirms_broker=True)
    assert not Contract.objects.broker_confirmed().exists()
    confirm(asked(contract, "broker"), by=broker.user)
    assert Contract.objects.broker_confirmed().exists()


# --- Links ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def mailed(office, seller):
    """A deal with a firm that has a contact and no users; its confirmation and the path in the mail."""
    firm = make.firm("大连没有账号有限公司")
    make.contact(firm, email="boss@example.cn")
    deal = open_outside_deal(name="联合研发", seller=seller, buyer=firm, intent_wan=WAN, on=today(-9), by=office)
    return asked(deal), _path()


def _path() -> str:
    body = Delivery.objects.filter(channel="letter").latest("pk").body
    return re.search(r"/confirm/record/[\w-]+/", body)[0]


def test_a_link_confirms_once_by_a_named_person_and_looking_changes_nothing(client, mailed):
    confirmation, path = mailed
    assert Delivery.objects.get(channel="letter").address == "boss@example.cn"
    for _scan in range(3):  # mail scanners open links
        page = client.get(path)
        assert page.status_code == 200 and "9,999.00 万元" in page.text and "no-store" in page["Cache-Control"]
    assert client.head(path).status_code in (200, 405)
    confirmation.refresh_from_db()
    assert confirmation.is_pending and figures() == NOTHING
    assert client.post(path, {"action": "confirm", "confirm-person": " ​"}).status_code == 422
    assert client.post(path, {"action": "decide", "decide-upheld": "no"}).status_code == 404
    assert "已收到答复" in client.post(path, {"action": "confirm", "confirm-person": "王示例"}).text
    confirmation.refresh_from_db()
    assert (confirmation.capacity, confirmation.person, confirmation.answered_by) == ("link", "王示例", None)
    assert figures()["intent_money"] == WAN
    assert client.get(path).status_code == 404
    again = {"action": "object", "object-person": "王", "object-reason": "not_us", "object-text": "不是我们"}
    assert client.post(path, again).status_code == 404


def test_no_officer_uses_reads_or_diverts_the_link(signed_in, mailed, office, city):
    confirmation, path = mailed
    for person in (office, city, make.district_officer("jinpu")):
        assert signed_in(person).post(path, {"action": "confirm", "confirm-person": "王"}).status_code == 403
    stored = Confirmation.objects.values().get(pk=confirmation.pk)
    token = path.split("/")[3]
    assert token not in str(stored)
    assert token not in signed_in(city).get(reverse("confirmation", args=[confirmation.public_id])).text
    send_link_again(confirmation, by=city)
    assert confirmation_by_link(token) is None  # the new one replaced it
    with pytest.raises(PermissionDenied):
        send_link_again(confirmation, by=make.district_officer("gaoxin"))
    # Contacts that somebody adds afterwards, or with the address of a user of another organisation, get no link.
    Contact.objects.all().delete()
    make.contact(confirmation.organisation, email="me@example.cn")
    assert not send_link(confirmation)
    make.user(email="officer@example.cn")
    make.contact(confirmation.organisation, email="officer@example.cn", consented_at=timezone.now() - timedelta(days=9))
    assert not send_link(confirmation)


def test_a_link_of_an_old_version_or_of_long_ago_opens_nothing(client, mailed, city):
    _confirmation, path = mailed
    deal = Deal.objects.get()
    correct_deal(deal, intent_wan=Decimal(1), by=city)
    assert client.get(path).status_code == 404
    newer = _path()
    assert newer != path and client.get(newer).status_code == 200
    seen = confirmation_by_link(newer.split("/")[3])
    Deal.objects.update(intent_wan=WAN)  # changed between reading and answering
    with pytest.raises(ValidationError, match="刚有变化"):
        confirm_by_link(seen, person="王示例")
    Confirmation.objects.update(link_expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(newer).status_code == 404
    with pytest.raises(ValidationError):
        object_by_link(seen, reason="other", text="已经过期了", person="王示例")


def test_guessing_links_is_throttled(client):
    statuses = [client.get(f"/confirm/record/guess-{number}/").status_code for number in range(25)]
    assert statuses[0] == 404 and statuses[-1] == 429


# --- Proofs -----------------------------------------------------------------------------------------------------------
def test_a_proof_needs_two_of_the_staff_and_falls_with_its_file(mailed, city):
    confirmation, _path_of_link = mailed
    deal = Deal.objects.get()
    clerk, other = make.city_officer(), make.city_officer()
    file = add_evidence(deal, content=uploads.PDF, name="合同.pdf", by=city)
    foreign = add_evidence(make.deal(), content=uploads.PDF, name="合同.pdf", by=city)
    with pytest.raises(ValidationError, match="这项成交的证明材料"):
        record_proof(confirmation, file=foreign, by=clerk)
    record_proof(confirmation, file=file, by=clerk)
    assert figures() == NOTHING and confirmation.reader_status == "凭证待核"
    for person in (clerk, city, make.district_officer("jinpu")):  # recorded it, uploaded it, no city officer
        with pytest.raises(PermissionDenied):
            check_proof(confirmation, accept=True, by=person)
    check_proof(confirmation, accept=True, by=other)
    assert (confirmation.get_status_display(), figures()["intent_money"]) == ("凭证证明", WAN)
    remove_evidence(file, by=city)
    confirmation.refresh_from_db()
    assert figures() == NOTHING and confirmation.is_pending and confirmation.proof is None


def test_a_proof_never_overrules_somebody_who_could_answer(deal, victim, city):
    file = add_evidence(deal, content=uploads.PDF, name="合同.pdf", by=city)
    with pytest.raises(ValidationError, match="由单位自己确认"):
        record_proof(asked(deal), file=file, by=city)


def test_the_party_contradicts_a_proof(mailed, city):
    confirmation, _path_of_link = mailed
    file = add_evidence(Deal.objects.get(), content=uploads.PDF, name="合同.pdf", by=make.city_officer())
    record_proof(confirmation, file=file, by=city)
    check_proof(confirmation, accept=True, by=make.city_officer())
    object_to(confirmation, reason="not_us", text="公章不是我们的", by=make.firm_officer(confirmation.organisation))
    assert figures() == NOTHING


# --- Ventures, bases, related parties ---------------------------------------------------------------------------------
def task_number(label: str, kind: str = ""):
    """As the nine tasks show it: of this year."""
    key = {"孵化企业": "ventures", "就业人数": "venture_jobs", "中试基地": "bases"}[label]
    scope = FigureScope(parse_period(""))
    return count_figure(FIGURES[key], scope.with_filter("kind", kind) if kind else scope).value


def test_a_company_founded_counts_only_when_institution_and_company_say_so(city, office, victim, seller, buyer):
    item = make.achievement(institution=seller)
    venture = Venture.objects.create(
        name="大连新设有限公司", achievement=item, region=make.region(), organisation=buyer, jobs=500,
        stage="founded", founded_on=today(-9),
    )  # fmt: skip
    ask_named_parties(venture, by=city)
    assert task_number("孵化企业") == 0
    confirm(asked(venture, "source"), by=office)
    assert task_number("就业人数") == 0
    confirm(asked(venture, "company"), by=victim)
    assert (task_number("孵化企业"), task_number("就业人数")) == (1, 500)
    Venture.objects.update(jobs=5000)
    assert task_number("就业人数") == 0


def test_a_base_is_not_shown_in_the_name_of_who_has_not_confirmed(client, city, victim, buyer):
    base = Base.objects.create(name="演示中试基地", kind="pilot", organisation=buyer, takes=["lab"])
    ask_named_parties(base, by=city)
    for url in (reverse("base_list"), reverse("base_detail", args=[base.public_id])):
        assert buyer.name not in readable(client.get(url))
    assert task_number("中试基地", "pilot") == 0
    confirm(asked(base, "operator"), by=victim)
    for url in (reverse("base_list"), reverse("base_detail", args=[base.public_id])):
        assert buyer.name in readable(client.get(url))
    assert task_number("中试基地", "pilot") == 1


def test_related_parties_do_not_escape_by_silence_but_by_an_upheld_objection(city, victim, seller, buyer):
    related = RelatedParties.objects.create(one=buyer, other=seller, why="互相持股")
    ask_named_parties(related, by=city)
    assert Notice.objects.filter(recipient=victim).exists()
    assert RelatedParties.objects.in_effect(today()).exists()
    object_to(asked(related, "one"), reason="other", text="已经没有持股关系", by=victim)
    assert RelatedParties.objects.in_effect(today()).exists()
    decide_objection(asked(related, "one"), upheld=True, text="工商登记已变更", by=make.city_officer())
    assert not RelatedParties.objects.in_effect(today()).exists()


# --- Texts, addresses, reminders --------------------------------------------------------------------------------------
def test_hostile_answers_get_a_sentence_and_change_nothing(signed_in, deal, victim):
    client, url = signed_in(victim), reverse("confirmation", args=[asked(deal).public_id])
    for reason, text in (
        ("not_us", " ​⁠ "),
        ("", "不是我们签的"),
        ("boss", "不是我们签的"),
        ("amount", "错"),
        ("amount", "错" * 301),
    ):
        answer = client.post(url, {"action": "object", "object-reason": reason, "object-text": text})
        assert answer.status_code == 422 and "还没有保存" in answer.text
    assert asked(deal).is_pending
    assert client.post(url, {"action": "proof"}).status_code in (302, 403)
    assert client.post(url, {"action": "nonsense"}).status_code == 404
    hostile = "<script>alert(1)</script>{{ 7*7 }}"
    client.post(url, {"action": "object", "object-reason": "other", "object-text": hostile})
    assert "<script>alert" not in client.get(url).text and "{{ 7*7 }}" in readable(client.get(url))


def test_a_double_press_and_a_late_press_answer_once(signed_in, deal, victim):
    client, url = signed_in(victim), reverse("confirmation", args=[asked(deal).public_id])
    assert client.post(url, {"action": "confirm"}).status_code == 302
    second = client.post(url, {"action": "confirm"}, follow=True)
    assert "现在不能这样做" in second.text
    assert asked(deal).status == "confirmed"


def test_reminders_come_once_a_week_and_name_no_sum(deal, victim):
    assert remind_parties() == 0
    Confirmation.objects.update(asked_at=timezone.now() - timedelta(days=8))
    assert (remind_parties(), remind_parties()) == (1, 0)
    text = Notice.objects.filter(recipient=victim).latest("pk").text
    assert "还等贵单位确认" in text and not AMOUNT.search(text)


def test_asking_twice_asks_once(deal, city):
    before = set(Confirmation.objects.values_list("pk", "status"))
    ask_parties(deal, by=city), ask_parties(deal, by=None)
    assert set(Confirmation.objects.values_list("pk", "status")) == before
