"""Attempts to move the city's figures. Each acts through the services and says what is expected.

A function returns `Seen` (a signal, words of its sentence, and a party by which its case is known) or `Refused` (words
of the refusal).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import Role, SourceFile
from accounts.services.members import add_member
from accounts.services.source_files import store_source_file
from brokers.models import Agency
from deals.models import Contract, Payment
from deals.services.contract_imports import import_contracts
from deals.services.contracts import draft_contract, register_contract
from deals.services.deal_parts import receive_payment
from deals.services.outside_deals import open_outside_deal
from integrity.models import Ownership, RegisteredDetails
from mechanism.models import RelatedParties
from tests import factories as make
from tests.deals.contract_lists import workbook
from tests.integrity.town import Town, day


@dataclass(frozen=True)
class Seen:
    signal: str
    words: str
    party: str


@dataclass(frozen=True)
class Refused:
    words: str
    error: type[Exception] = ValidationError


CHEATS = {}


def cheat(name: str):
    def register(function):
        CHEATS[name] = function
        return function

    return register


def refused(attempt, words: str, error: type[Exception] = ValidationError) -> Refused:
    with pytest.raises(error) as caught:
        attempt()
    message = "；".join(caught.value.messages) if isinstance(caught.value, ValidationError) else str(caught.value)
    assert words in message, message
    return Refused(words, error)


def in_list(town: Town, row: dict) -> None:
    """Import a list of this row alone, which was prepared by `town.list`."""
    town.rows.remove(row)
    stored = store_source_file(SourceFile.Kind.CONTRACTS, content=workbook(row), name="名单.xlsx", by=town.other_city)
    import_contracts(stored, by=town.other_city)


def pair(town: Town):
    return town.party(), town.party()


# --- Parties who belong together --------------------------------------------------------------------------------------
@cheat("two parties declared related trade with each other")
def _(town):
    seller, buyer = pair(town)
    RelatedParties.objects.create(one=seller, other=buyer, why="母子公司")
    town.list(seller, buyer, 3000)
    return Seen("affiliates", "已登记为关联单位：母子公司", seller.name)


@cheat("two firms at one address")
def _(town):
    seller, buyer = pair(town)
    for party in (seller, buyer):
        RegisteredDetails.objects.create(organisation=party, address="大连市高新区七贤岭1号501室", source="公示系统")
    town.list(seller, buyer, 800)
    return Seen("affiliates", "登记的地址相同", seller.name)


@cheat("one address written in two ways")
def _(town):
    seller, buyer = pair(town)
    for party, address in ((seller, "大连市高新区 七贤岭２号 501"), (buyer, "大连市高新区七贤岭2号501")):
        RegisteredDetails.objects.create(organisation=party, address=address, source="公示系统")
    town.list(seller, buyer, 800)
    return Seen("affiliates", "登记的地址相同", seller.name)


@cheat("two firms with one legal representative")
def _(town):
    seller, buyer = pair(town)
    for party in (seller, buyer):
        RegisteredDetails.objects.create(organisation=party, legal_representative="欧阳示例", source="公示系统")
    town.list(seller, buyer, 800)
    return Seen("affiliates", "法定代表人同名", seller.name)


@cheat("the same phone, written with and without the country")
def _(town):
    seller, buyer = pair(town)
    make.contact(seller, phone="+86 139-0000-1234")
    make.contact(buyer, phone="13900001234")
    town.list(seller, buyer, 800)
    return Seen("affiliates", "联系电话相同（139****1234）", seller.name)


@cheat("one person is officer of both sides")
def _(town):
    seller, buyer = pair(town)
    add_member(seller.officer, buyer, Role.FIRM, by=None)
    town.list(seller, buyer, 800)
    return Seen("affiliates", "1 位用户同时代表双方", seller.name)


@cheat("a firm sells to itself under its former name")
def _(town):
    firm = town.party()
    type(firm).objects.filter(pk=firm.pk).update(former_names=["大连旧名示例制造有限公司"])
    town.list(firm, "大连旧名示例制造有限公司", 5000)
    return Seen("affiliates", "同一个单位", firm.name)


@cheat("a firm opens a deal with itself")
def _(town):
    firm = town.party()
    return refused(
        lambda: open_outside_deal(name="自买自卖", seller=firm, buyer=firm, by=firm.officer), "不能是同一个单位"
    )


@cheat("a university sells to its own asset company")
def _(town):
    university, company = town.party("institution"), town.party()
    Ownership.objects.create(owner=university, owned=company, share=100, source="公示系统")
    town.list(university, company, 6000)
    return Seen("ownership", "是自己的资产公司", company.name)


@cheat("a university sells to the company of its company")
def _(town):
    university, middle, company = town.party("institution"), town.party(), town.party()
    Ownership.objects.create(owner=university, owned=middle, share=80, source="公示系统")
    Ownership.objects.create(owner=middle, owned=company, share=51, source="公示系统")
    town.list(university, company, 6000)
    return Seen("ownership", "后者持有", company.name)


@cheat("two sisters of one parent trade")
def _(town):
    parent, seller, buyer = town.party(), *pair(town)
    for company in (seller, buyer):
        Ownership.objects.create(owner=parent, owned=company, share=60, source="公示系统")
    town.list(seller, buyer, 900)
    return Seen("ownership", "双方都由", seller.name)


# --- Money that comes back --------------------------------------------------------------------------------------------
@cheat("A buys from B and B from A")
def _(town):
    first, second = pair(town)
    town.list(first, second, 2000)
    town.list(second, first, 2000, registered=day(-50))
    return Seen("circles", "款项循环", first.name)


@cheat("a ring of three")
def _(town):
    first, second, third = *pair(town), town.party()
    for seller, buyer in ((first, second), (second, third), (third, first)):
        town.list(seller, buyer, 1500)
    return Seen("circles", "3 笔", third.name)


@cheat("a ring that loses a fee at each step, over ten months")
def _(town):
    first, second, third = *pair(town), town.party()
    for wan, days, (seller, buyer) in (
        (1500, -20, (first, second)),
        (1350, -150, (second, third)),
        (1200, -310, (third, first)),
    ):
        town.list(seller, buyer, wan, registered=day(days))
    return Seen("circles", "3 笔", third.name)


@cheat("a ring through a firm that is not registered here")
def _(town):
    firm = town.party()
    town.list(firm, "沈阳示例中转有限公司", 700)
    town.list(
        "沈阳示例中转有限公司",
        firm,
        700,
        **{"卖方所在地": "沈阳", "登记编号": f"{day(-20).year}210100{next(town.numbers):06}"},
    )
    return Seen("circles", "沈阳示例中转有限公司", firm.name)


@cheat("the way back is a payment of a deal without a contract")
def _(town):
    first, second = pair(town)
    town.list(first, second, 640)
    deal = town.deal(second, first, 640)
    receive_payment(deal, amount_wan=Decimal(640), received_on=day(-30), by=second.officer)
    return Seen("circles", "2 笔", first.name)


# --- One deal in several contracts ------------------------------------------------------------------------------------
@cheat("three contracts within ten days")
def _(town):
    seller, buyer = pair(town)
    for number, wan in enumerate((210, 220, 230)):
        town.list(seller, buyer, wan, signed=day(-60 + 5 * number))
    return Seen("splits", "3 份合同", seller.name)


@cheat("two contracts just below 100万, two months apart")
def _(town):
    seller, buyer = pair(town)
    town.list(seller, buyer, 98, signed=day(-90))
    town.list(seller, buyer, 95, signed=day(-40))
    return Seen("splits", "2 份金额刚好低于限额", seller.name)


@cheat("two contracts just below 400万")
def _(town):
    seller, buyer = pair(town)
    town.list(seller, buyer, 399, signed=day(-50))
    town.list(seller, buyer, 395, signed=day(-40))
    return Seen("splits", "2 份金额刚好低于限额", seller.name)


# --- Sums ------------------------------------------------------------------------------------------------------------
@cheat("5,000万 on a deal of 120万")
def _(town):
    seller, buyer = pair(town)
    town.contract(town.deal(seller, buyer, 120), wan=5000)
    return Seen("above_deal", "5,000.00 万元，成交项目", seller.name)


@cheat("a third more than the deal")
def _(town):
    seller, buyer = pair(town)
    town.contract(town.deal(seller, buyer, 120), wan=160)
    return Seen("above_deal", "签约只有 120.00 万元", seller.name)


@cheat("a broker's 2 × 99,999万 on 205万")
def _(town):
    seller, buyer = pair(town)
    deal = town.deal(seller, buyer, 205)
    town.contract(deal)
    deal.refresh_from_db()
    return refused(
        lambda: receive_payment(deal, amount_wan=Decimal(99_999), received_on=day(-1), by=town.other_city), "205"
    )


@cheat("payments of old data that are together above the contract")
def _(town):
    seller, buyer = pair(town)
    deal = town.deal(seller, buyer, 300)
    Payment.objects.bulk_create(
        Payment(deal=deal, amount_wan=200, received_on=day(-20 + number), made_by=town.other_city)
        for number in range(2)
    )
    return Seen("overpaid", "到账 2 笔、合计 400.00 万元", seller.name)


@cheat("an achievement offered for 10万 is sold for 500万")
def _(town):
    university, firm = town.party("institution"), town.party()
    offered = make.achievement(institution=university, price_min_wan=5, price_max_wan=10, price_negotiable=False)
    town.contract(town.deal(university, firm, 500, achievement=offered))
    return Seen("far_price", "50.0 倍", firm.name)


@cheat("an achievement offered for 1,000万 is given away for 20万")
def _(town):
    university, firm = town.party("institution"), town.party()
    offered = make.achievement(institution=university, price_min_wan=1000, price_max_wan=1500)
    town.contract(town.deal(university, firm, 20, achievement=offered, way="assignment"))
    return Seen("far_price", "不到意向价格下限", firm.name)


def last_december(on: int) -> date:
    return date(day(0).year - 2, 12, on)


@cheat("a round sum in the last days of December")
def _(town):
    seller, buyer = pair(town)
    town.list(seller, buyer, 5000, signed=last_december(20), registered=last_december(29))
    return Seen("round_year_end", "整数金额 5,000.00 万元", seller.name)


# --- Days -------------------------------------------------------------------------------------------------------------
@cheat("a contract dated half a year before its deal began")
def _(town):
    seller, buyer = pair(town)
    town.contract(town.deal(seller, buyer, 120), signed_on=day(-240))
    return Seen("before_deal", "才开始", seller.name)


@cheat("money before the signing")
def _(town):
    seller, buyer = pair(town)
    deal = town.deal(seller, buyer, 90)
    return refused(
        lambda: receive_payment(deal, amount_wan=Decimal(90), received_on=day(-900), by=seller.officer), "早于签约日期"
    )


@cheat("money before the signing in old data")
def _(town):
    seller, buyer = pair(town)
    deal = town.deal(seller, buyer, 90)
    Payment.objects.bulk_create([Payment(deal=deal, amount_wan=90, received_on=day(-900))])
    return Seen("paid_before_signing", "才签订", seller.name)


@cheat("money of tomorrow")
def _(town):
    seller, buyer = pair(town)
    deal = town.deal(seller, buyer, 90)
    return refused(
        lambda: receive_payment(deal, amount_wan=Decimal(90), received_on=day(1), by=seller.officer), "不能晚于今天"
    )


@cheat("dated back to the last days of December")
def _(town):
    seller, buyer = pair(town)
    registered = date(last_december(29).year + 1, 4, 20)
    town.list(seller, buyer, 777, signed=last_december(29), registered=registered)
    return Seen("year_end_signing", "可能倒签", seller.name)


@cheat("registered two years after the signing")
def _(town):
    seller, buyer = pair(town)
    town.list(seller, buyer, 410, signed=day(-760))
    return Seen("late_registration", "天才登记", seller.name)


@cheat("registered before the signing")
def _(town):
    seller, buyer = pair(town)
    row = town.list(seller, buyer, 300, signed=day(-5), registered=day(-20))
    return refused(lambda: in_list(town, row), "登记日期")


@cheat("registered tomorrow")
def _(town):
    seller, buyer = pair(town)
    contract = draft_contract(town.deal(seller, buyer, 60), by=town.city)
    return refused(
        lambda: register_contract(
            contract, number=town.number(day(0)), registered_on=day(1), amount_wan=Decimal(60), by=town.city
        ),
        "不能晚于今天",
    )


# --- Doubles ----------------------------------------------------------------------------------------------------------
@cheat("the same number by hand again")
def _(town):
    seller, buyer = pair(town)
    contract = town.contract(town.deal(seller, buyer, 60))
    return refused(lambda: town.contract(town.deal(seller, buyer, 61), number=contract.number), "登记编号")


@cheat("the number ABC-1")
def _(town):
    seller, buyer = pair(town)
    return refused(lambda: town.contract(town.deal(seller, buyer, 60), number="ABC-1"), "ABC")


@cheat("one contract under a second number, by list without the day of signing")
def _(town):
    seller, buyer = pair(town)
    town.list(seller, buyer, 1234)
    town.list(seller, buyer, 1234, **{"签订日期": ""})
    return Seen("same_terms", "可能是同一份合同", seller.name)


@cheat("three identical contracts of 100,000万")
def _(town):
    seller, buyer = pair(town)
    for _number in range(3):
        town.list(seller, buyer, 100_000)
    return Seen("same_terms", "3 份合同金额都是 100,000.00 万元", seller.name)


@cheat("two contracts of one deal, each for the whole sum")
def _(town):
    seller, buyer = pair(town)
    deal = town.deal(seller, buyer, 150)
    town.contract(deal)
    deal.refresh_from_db()
    town.contract(deal, wan=149)
    return Seen("same_deal", "登记了 2 份合同", seller.name)


@cheat("an achievement is assigned to two firms")
def _(town):
    university, first, second = town.party("institution"), *pair(town)
    offered = make.achievement(institution=university, title="卖了两次的涂层")
    town.deal(university, first, 100, achievement=offered, way="assignment")
    town.deal(university, second, 100, achievement=offered, way="assignment")
    return Seen("sold_twice", "又签给了", university.name)


# --- Persons ----------------------------------------------------------------------------------------------------------
@cheat("the broker is an officer of the buyer")
def _(town):
    seller, buyer = pair(town)
    broker = make.broker(name="示例中间人", user=buyer.officer)
    row = town.list(seller, buyer, 260)
    in_list(town, row)
    Contract.objects.filter(number=row["登记编号"]).update(broker=broker)
    return Seen("interested_person", "技术经纪人示例中间人也代表买方", seller.name)


@cheat("the agency is owned by the seller")
def _(town):
    seller, buyer = pair(town)
    agency: Agency = make.agency(f"大连示例转移中心{seller.pk}")
    Ownership.objects.create(owner=seller, owned=agency.organisation, share=70, source="公示系统")
    row = town.list(seller, buyer, 270)
    in_list(town, row)
    Contract.objects.filter(number=row["登记编号"]).update(agency=agency)
    return Seen("interested_person", "有股权关系", seller.name)


@cheat("an officer of the city registers the contract of his own firm")
def _(town):
    seller, buyer = pair(town)
    officer = make.city_officer(name="钱两头")
    add_member(officer, buyer, Role.FIRM, by=None)
    town.contract(town.deal(seller, buyer, 100), by=officer)
    return Seen("interested_person", "工作人员钱两头也代表买方", seller.name)


@cheat("a district officer registers a contract")
def _(town):
    seller, buyer = pair(town)
    contract, officer = draft_contract(town.deal(seller, buyer, 60), by=town.city), make.district_officer("jinpu")
    return refused(
        lambda: register_contract(
            contract, number=town.number(day(0)), registered_on=day(0), amount_wan=Decimal(60), by=officer
        ),
        "市级专员",
        PermissionDenied,
    )
