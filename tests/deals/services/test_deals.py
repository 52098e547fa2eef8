"""Steps of a deal: requirements, permissions and effects."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Role
from achievements.models import Achievement
from audit.models import AuditRecord
from deals.models import Deal, DealStep, Payment
from deals.services.contracts import draft_contract, edit_contract, register_contract
from deals.services.deal_parts import receive_payment, set_instrument, strike_payment
from deals.services.deals import advance_deal, fail_deal, open_deal, sign_deal
from deals.services.landings import add_landing
from deals.services.outside_deals import open_outside_deal
from deals.services.price_publicity import object_to_price, publish_price, settle_objection
from deals.stages import STAGE_ORDER, move_between
from matching.models import BrokerRequest, Match
from matching.services.follow_ups import close_follow_up, record_progress
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.long]
WAN = Decimal("120.00")
REASON = "双方商定，另有书面说明"


def today() -> date:
    return timezone.localdate()


def days_ago(days: int) -> date:
    return today() - timedelta(days=days)


@pytest.fixture
def city():
    return make.city_officer()


def taken_through_its_stages(city, **fields) -> Iterator[tuple[str, Deal]]:
    """(stage, a deal that went that way for real, with all that its stage needs)."""
    deal = make.deal(stage_on=days_ago(40), **fields)
    yield "intent", deal
    sign_deal(deal, on=days_ago(30), signed_wan=WAN, way="commissioned", by=city)
    make.confirmed(deal)
    yield "signed", deal
    register(deal, city)
    yield "registered", deal
    receive_payment(deal, amount_wan=Decimal(50), received_on=days_ago(10), by=city)
    yield "performing", deal
    add_landing(deal, kind="line", name="中试线", landed_on=days_ago(5), by=city)
    advance_deal(deal, "landed", on=days_ago(5), by=city)
    yield "landed", deal
    advance_deal(deal, "reviewed", on=days_ago(1), note="样品试用得早，少走了弯路。", by=city)
    yield "reviewed", deal


def deal_at(stage: str, city, **fields) -> Deal:
    return next(deal for reached, deal in taken_through_its_stages(city, **fields) if reached == stage)


def register(deal, city, on=None, **values):
    contract = draft_contract(deal, by=city)
    edit_contract(contract, by=city, kind="development")
    on = on or days_ago(20)
    number = make.registration_number(on=on)
    values = {"number": number, "registered_on": on, "amount_wan": WAN, "by": city} | values
    register_contract(contract, **values)
    return contract


# --- Opened -----------------------------------------------------------------------------------------------------------
def test_a_deal_takes_its_values_from_the_follow_up(city):
    follow_up = make.follow_up()
    broker = make.broker(user=make.user(Role.BROKER, make.organisation("agency", "经纪机构")))
    BrokerRequest.objects.create(
        match=follow_up.match, broker=broker, asked_by=city, status="taken", answered_at=timezone.now()
    )
    deal = open_deal(follow_up, by=city, intent_wan=WAN)
    assert (deal.origin, deal.achievement, deal.demand) == (
        "match",
        follow_up.match.achievement,
        follow_up.match.demand,
    )
    assert (deal.seller, deal.buyer) == (follow_up.match.achievement.institution, follow_up.match.demand.firm)
    assert (deal.broker, deal.stage, deal.intent_wan) == (broker, "intent", WAN)
    follow_up.refresh_from_db()
    assert (follow_up.status, follow_up.next_on, follow_up.is_agreed) == ("deal", None, True)
    with pytest.raises(ValidationError, match="进展记在成交项目里"):
        record_progress(follow_up, note="电话", next_on=today() + timedelta(days=3), by=city)
    with pytest.raises(ValidationError, match="已经结束"):
        close_follow_up(follow_up, reason="other", note="x", by=city)


@pytest.mark.parametrize("status", ["asking", "closed"])
def test_only_an_agreed_follow_up_becomes_a_deal(city, status):
    more = {"closed_at": timezone.now(), "closed_reason": "other"} if status == "closed" else {}
    with pytest.raises(ValidationError, match="双方都愿意"):
        open_deal(make.follow_up(status=status, **more), by=city)
    assert not Deal.objects.exists()


def test_a_follow_up_becomes_only_one_deal(city):
    follow_up = make.follow_up()
    open_deal(follow_up, by=city)
    with pytest.raises(ValidationError, match="已转入成交"):
        open_deal(follow_up, by=city)


def test_only_the_owner_of_the_follow_up_opens_a_deal():
    follow_up = make.follow_up()
    for person in (make.district_officer("gaoxin"), make.auditor(), make.firm_officer(follow_up.match.demand.firm)):
        with pytest.raises(PermissionDenied):
            open_deal(follow_up, by=person)


def test_a_held_meeting_becomes_only_one_deal(city):
    docking_round = make.docking_round()
    meeting = make.meeting(make.party(docking_round), make.party(docking_round, make.institution()), topic="轴承检测")
    with pytest.raises(ValidationError, match="洽谈结束后"):
        open_deal(meeting, by=city)
    meeting.status, meeting.ended_at = "held", timezone.now()
    meeting.save()
    meeting.outcomes.create(side="host", verdict="intent", intent_wan=Decimal(10))
    meeting.outcomes.create(side="firm", verdict="intent", intent_wan=Decimal(80))
    with pytest.raises(ValidationError, match="双方都由本单位"):
        open_deal(meeting, by=city)
    meeting.outcomes.create(side="office", verdict="intent", intent_wan=Decimal(60))
    deal = open_deal(meeting, by=city)
    assert (deal.origin, deal.name, deal.intent_wan) == ("meeting", "轴承检测", Decimal(60))
    with pytest.raises(ValidationError, match="已经转入成交"):
        open_deal(meeting, by=city)


def test_a_meeting_about_a_match_hands_over_its_follow_up(city):
    follow_up, docking_round = make.follow_up(), make.docking_round()
    match = follow_up.match
    meeting = make.meeting(
        make.party(docking_round, match.demand.firm),
        make.party(docking_round, match.achievement.institution),
        match=match,
        status="held",
        ended_at=timezone.now(),
    )
    deal = open_deal(meeting, by=city)
    follow_up.refresh_from_db()
    assert (deal.origin, deal.follow_up, deal.meeting) == ("meeting", follow_up, meeting)
    assert follow_up.status == "deal"


def test_an_outside_deal_names_its_own_achievement(city):
    item = make.achievement()
    firm = make.firm()
    officer = make.firm_officer(firm)
    deal = open_outside_deal(
        name="检测服务", seller=item.institution, buyer=firm, achievement=item, by=officer, intent_wan=WAN
    )
    assert (deal.origin, deal.achievement, deal.demand) == ("outside", item, None)
    with pytest.raises(PermissionDenied):
        open_outside_deal(name="x", seller=item.institution, buyer=make.firm(), by=officer)
    with pytest.raises(ValidationError, match="不是转让方的成果"):
        open_outside_deal(name="x", seller=make.institution("别的大学"), buyer=firm, achievement=item, by=city)


# --- The walk ---------------------------------------------------------------------------------------------------------
def test_every_move_and_every_failure_from_each_stage(city):
    """Plain steps go where their stage has what it needs; all others want a reason, and some are never taken so."""
    stages = []
    for source, deal in taken_through_its_stages(city):
        stages.append(source)
        for target in (*STAGE_ORDER, "failed"):
            if target != source:
                with transaction.atomic():
                    move_is_refused_or_taken(Deal.objects.get(pk=deal.pk), source, target, city)
                    transaction.set_rollback(True)
        with transaction.atomic():
            failure_is_refused_or_final(Deal.objects.get(pk=deal.pk), source, city)
            transaction.set_rollback(True)
    assert stages == list(STAGE_ORDER)


def move_is_refused_or_taken(deal, source, target, city) -> None:
    move = move_between(source, target)
    has_contract = source in STAGE_ORDER[2:]
    impossible = (
        move is None
        or target == "failed"  # with a reason of its own, see below
        or (target == "signed" and move != "back")  # with its terms
        or (target == "registered" and not has_contract)
        or (target in ("intent", "signed") and has_contract)  # cancelled first
        or (source == "signed" and target == "intent")  # both have confirmed the terms
        or (target == "performing" and move != "back" and source not in ("performing", "landed", "reviewed"))
        or (target == "landed" and move != "back")  # nothing landed yet
    )
    before = deal.steps.count()
    if impossible:
        with pytest.raises(ValidationError):
            advance_deal(deal, target, on=today(), note=REASON, by=city)
        deal.refresh_from_db()
        assert (deal.stage, deal.steps.count()) == (source, before), target
        return
    if move != "next" or target == "reviewed":
        with pytest.raises(ValidationError):
            advance_deal(deal, target, on=today(), by=city)
    advance_deal(deal, target, on=today(), note=REASON, by=city)
    deal.refresh_from_db()
    assert (deal.stage, deal.steps.first().move) == (target, move)


def failure_is_refused_or_final(deal, source, city) -> None:
    if source in ("intent", "signed"):
        fail_deal(deal, reason="price", note="价格没有谈拢", on=today(), by=city)
        assert (deal.stage, deal.failed_reason) == ("failed", "price")
        for target in (*STAGE_ORDER, "failed"):
            with pytest.raises(ValidationError):
                advance_deal(deal, target, on=today(), note=REASON, by=city)
    else:
        with pytest.raises(ValidationError):  # a registered contract stands, or it has landed
            fail_deal(deal, reason="price", note="价格没有谈拢", on=today(), by=city)
        assert Deal.objects.get().stage == source


def test_failing_needs_a_reason(city):
    deal = deal_at("intent", city)
    for words in ({"reason": "", "note": "x"}, {"reason": "price", "note": "  "}):
        with pytest.raises(ValidationError):
            fail_deal(deal, on=today(), by=city, **words)


@pytest.mark.parametrize("on", [41, -1])
def test_dates_are_in_order_and_not_in_the_future(city, on):
    deal = deal_at("intent", city)
    with pytest.raises(ValidationError, match="日期不能"):
        sign_deal(deal, on=days_ago(on), signed_wan=WAN, way="service", by=city)


def test_only_managers_of_a_deal_take_steps(city):
    firm = make.firm()
    deal = make.deal(buyer=firm, broker=make.broker(user=make.user()))
    for person in (make.firm_officer(firm), make.district_officer("gaoxin"), make.auditor(), make.user()):
        with pytest.raises(PermissionDenied):
            sign_deal(deal, on=today(), signed_wan=WAN, way="service", by=person)
        with pytest.raises(PermissionDenied):
            fail_deal(deal, reason="other", note="x", on=today(), by=person)
    sign_deal(deal, on=today(), signed_wan=WAN, way="service", by=deal.broker.user)
    advance_deal(deal, "intent", on=today(), note="合同作废，重新谈", by=make.district_officer("jinpu"))
    assert AuditRecord.objects.filter(action="更新成交阶段").count() == 2


# --- What is signed ---------------------------------------------------------------------------------------------------
def test_only_a_licence_has_a_kind_of_licence(city):
    deal = make.deal(stage_on=days_ago(5))
    terms = {"on": today(), "signed_wan": WAN, "by": city}
    for way, licence in (("licence", ""), ("service", "plain"), ("", ""), ("else", "")):
        with pytest.raises(ValidationError):
            sign_deal(deal, way=way, licence=licence, **terms)
    with pytest.raises(ValidationError, match="金额不能小于 0"):
        sign_deal(deal, way="licence", licence="plain", **terms | {"signed_wan": Decimal("-1")})
    sign_deal(deal, way="licence", licence="plain", **terms)
    assert (deal.way, deal.licence, deal.signed_wan, deal.exclusive_from) == ("licence", "plain", WAN, None)


@pytest.mark.parametrize(("way", "licence"), [("assignment", ""), ("licence", "exclusive"), ("licence", "sole")])
def test_an_exclusive_achievement_is_not_proposed_to_others(city, way, licence):
    item = make.achievement()
    make.match(achievement=item)
    assert Match.objects.awaiting_review().exists()
    deal = make.deal(outside_achievement=item, seller=item.institution, stage_on=days_ago(9))
    sign_deal(deal, on=days_ago(3), signed_wan=WAN, way=way, licence=licence, by=city)
    item.refresh_from_db()
    assert item.exclusive_from is None  # until both parties have confirmed
    make.confirmed(deal)
    item.refresh_from_db()
    assert item.exclusive_from == days_ago(3)
    assert item not in Achievement.objects.available()
    assert not Match.objects.awaiting_review().exists()
    fail_deal(deal, reason="funding", note="资金没有到位", on=today(), by=city)
    assert item not in Achievement.objects.available()  # one person's word does not end what both confirmed
    make.confirmed(deal)
    assert item in Achievement.objects.available()


def test_a_plain_licence_leaves_the_achievement_available(city):
    item = make.achievement()
    deal = make.deal(outside_achievement=item, seller=item.institution)
    sign_deal(deal, on=today(), signed_wan=WAN, way="licence", licence="plain", by=city)
    assert item in Achievement.objects.available()


def test_exclusivity_begins_on_its_day(city):
    item = make.achievement()
    deal = make.deal(outside_achievement=item, seller=item.institution)
    later = today() + timedelta(days=30)
    sign_deal(deal, on=today(), signed_wan=WAN, way="assignment", exclusive_from=later, by=city)
    assert item in Achievement.objects.available()
    Achievement.objects.update(exclusive_from=today())
    assert item not in Achievement.objects.available()


# --- Publicity of a price ---------------------------------------------------------------------------------------------
def agreed(deal, city, on=None, note="", signed_wan=WAN):
    sign_deal(deal, on=on or today(), signed_wan=signed_wan, way="assignment", pricing="agreed", note=note, by=city)


def test_an_agreed_price_of_an_institution_needs_publicity(city):
    deal = make.deal(stage_on=days_ago(60))
    with pytest.raises(ValidationError, match="公示不少于 15 日"):
        agreed(deal, city)
    agreed(deal, city, note="已在校内网站公示 20 日，无异议")
    assert deal.stage == "signed"


def test_a_firm_does_not_publish_its_price(city):
    deal = make.deal(seller=make.firm())
    agreed(deal, city)
    assert deal.stage == "signed"


def test_an_unfinished_publicity_refuses_the_signing_with_any_note(city):
    deal = make.deal(stage_on=days_ago(60))
    publicity = publish_price(deal, place="校园网", price_wan=WAN, starts_on=days_ago(3), by=city)
    assert publicity.ends_on == days_ago(3) + timedelta(days=15)
    with pytest.raises(ValidationError, match="之后才能签约"):
        agreed(deal, city, note="急")


def test_a_publicity_shorter_than_fifteen_days_is_refused(city):
    with pytest.raises(ValidationError, match="不少于 15 日"):
        publish_price(make.deal(), place="校园网", price_wan=WAN, starts_on=days_ago(14), ends_on=today(), by=city)


def test_an_open_objection_refuses_the_signing_until_it_is_settled(city):
    deal = make.deal(stage_on=days_ago(60))
    publicity = publish_price(deal, place="校园网", price_wan=WAN, starts_on=days_ago(30), by=city)
    with pytest.raises(ValidationError, match="公示期内"):
        object_to_price(publicity, who="张某", text="偏低", raised_on=days_ago(40), by=city)
    objection = object_to_price(publicity, who="张某", text="偏低", raised_on=days_ago(20), by=city)
    with pytest.raises(ValidationError, match="异议还没有处理"):
        agreed(deal, city, note="急")
    settle_objection(objection, outcome="经评估价格合理", settled_on=days_ago(2), by=city)
    with pytest.raises(ValidationError, match="已经处理过"):
        settle_objection(objection, outcome="再次", settled_on=days_ago(1), by=city)
    with pytest.raises(ValidationError, match="与公示的"):
        agreed(deal, city, signed_wan=Decimal(100))
    agreed(deal, city)
    assert deal.stage == "signed"


# --- Money ------------------------------------------------------------------------------------------------------------
def test_the_four_amounts_are_kept_apart(city):
    deal = deal_at("performing", city, intent_wan=Decimal(200))
    contract = deal.contracts.get()
    deal.refresh_from_db()
    paid = [payment.amount_wan for payment in deal.payments.counted()]
    assert (deal.intent_wan, deal.signed_wan, contract.amount_wan, paid) == (200, WAN, WAN, [50])


def test_the_first_payment_after_registration_advances_the_deal(city):
    deal = deal_at("registered", city)
    receive_payment(deal, amount_wan=Decimal("10.5"), received_on=days_ago(25), by=city)
    assert (deal.stage, deal.stage_on) == ("performing", days_ago(20))


@pytest.mark.parametrize("stage", ["intent", "failed"])
def test_no_payment_before_signing_or_after_failing(city, stage):
    deal = make.deal(stage=stage, failed_reason="other" if stage == "failed" else "")
    with pytest.raises(ValidationError, match="签约以后"):
        receive_payment(deal, amount_wan=Decimal(1), received_on=today(), by=city)


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "10000000000"])
def test_a_payment_is_an_amount_above_zero(city, amount):
    with pytest.raises(ValidationError):
        receive_payment(deal_at("signed", city), amount_wan=Decimal(amount), received_on=today(), by=city)
    assert not Payment.objects.exists()


def test_a_payment_in_the_future_is_refused(city):
    with pytest.raises(ValidationError, match="不能晚于今天"):
        receive_payment(
            deal_at("signed", city), amount_wan=Decimal(1), received_on=today() + timedelta(days=1), by=city
        )


def test_a_mistaken_payment_is_struck_with_a_reason(city):
    deal = deal_at("performing", city)
    payment = deal.payments.get()
    with pytest.raises(ValidationError, match="说明原因"):
        strike_payment(payment, reason=" ", by=city)
    strike_payment(payment, reason="记错项目", by=city)
    assert not deal.payments.counted().exists() and deal.payments.count() == 1
    with pytest.raises(ValidationError, match="已经划去"):
        strike_payment(payment, reason="再次", by=city)


# --- Instruments and landing ------------------------------------------------------------------------------------------
def test_terms_of_an_instrument_are_checked_and_corrected(city):
    deal = make.deal()
    terms = {"company": "大连示例新材料有限公司", "valuation_wan": Decimal(500), "share": Decimal(30)}
    set_instrument(deal, "equity_stake", by=city, **terms)
    set_instrument(deal, "equity_stake", by=city, share=Decimal("25.5"))
    assert deal.equity_stake.share == Decimal("25.5")
    for wrong in ({"share": Decimal(101)}, {"valuation_wan": Decimal(-1)}, {"team_share": Decimal(120)}):
        with pytest.raises(ValidationError):
            set_instrument(deal, "equity_stake", by=city, **wrong)
    with pytest.raises(PermissionDenied):
        set_instrument(deal, "equity_stake", by=make.user(), share=Decimal(1))


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("pay_later", {"free_until": date(2026, 12, 31), "trigger": "首批验收", "manner": ""}),
        ("invest_then_share", {"invested_wan": 100, "trustee": "示例公司", "trigger": "term", "trigger_words": "三年"}),
        (
            "open_challenge",
            {"list_number": "D-1", "aims": "x", "prize_wan": 50, "total_wan": 40, "closes_on": date.today()},
        ),
    ],
)
def test_incomplete_terms_of_an_instrument_are_refused(city, name, terms):
    with pytest.raises(ValidationError):
        set_instrument(make.deal(), name, by=city, **terms)


def test_the_landed_stage_needs_a_landing(city):
    deal = deal_at("performing", city)
    with pytest.raises(ValidationError, match="落地情况"):
        advance_deal(deal, "landed", on=today(), by=city)
    officer = make.institution_officer(deal.seller)
    add_landing(deal, kind="product", name="示例产品", landed_on=today(), jobs=12, by=officer)
    advance_deal(deal, "landed", on=today(), by=city)
    assert deal.stage == "landed"


def test_steps_keep_their_order_user_and_reason(city):
    deal = deal_at("reviewed", city)
    steps = list(DealStep.objects.filter(deal=deal).order_by("pk").values_list("stage", "move"))
    assert steps == [
        ("intent", "open"),
        ("signed", "next"),
        ("registered", "next"),
        ("performing", "next"),
        ("landed", "next"),
        ("reviewed", "next"),
    ]
