"""Honours from contracts to the released list, including attempts at manipulation."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from deals.models import Confirmation, Contract, Payment
from matching.models import BrokerRequest
from mechanism.models import Honour, Objection, RelatedParties
from mechanism.services.honours import (
    answer_objection,
    cancel_honour,
    publicise_honour,
    release_honour,
    score_honour,
    submit_objection,
)
from tests import factories as make

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate  # called when needed: a test run may continue past midnight
SPRING = TODAY() - timedelta(days=200)


@pytest.fixture
def city():
    return make.city_officer()


@pytest.fixture
def honour():
    return Honour.objects.create(
        name="年度优秀技术经纪人",
        kind="broker",
        rule_text="按登记合同计分。",
        first_on=TODAY() - timedelta(days=365),
        last_on=TODAY() - timedelta(days=1),
        places=1,
        least_pairs=1,
    )


def brought_about(broker, *, paid=Decimal(80), confirmed=True, **fields) -> Contract:
    """A contract that names the broker, with a deal and its payment."""
    deal = fields.get("deal") or make.deal(broker=broker)
    buyer = fields.pop("buyer", None) or deal.buyer
    if paid:
        make.confirmed(Payment.objects.create(deal=deal, amount_wan=paid, received_on=SPRING))
    contract = make.contract(**{"deal": deal, "broker": broker, "registered_on": SPRING, "buyer": buyer} | fields)
    without = () if confirmed else ("buyer",)
    return make.confirmed(contract, confirms_broker=confirmed != "without broker", without=without)


def points(honour) -> dict:
    return {score.candidate: score.points for score in score_honour(honour, as_of=TODAY())}


def publicised(honour, city):
    publicise_honour(honour, objections_until=TODAY() + timedelta(days=7), by=city)
    return honour


def past_objections(honour):
    Honour.objects.filter(pk=honour.pk).update(objections_until=TODAY() - timedelta(days=1))
    honour.refresh_from_db()


def test_points_are_payments_of_confirmed_contracts(honour):
    broker, other = make.broker(), make.broker()
    brought_about(broker)
    brought_about(other, paid=Decimal(30))
    brought_about(other, confirmed=False)
    assert points(honour) == {broker.pk: 80, other.pk: 30}


def test_the_role_of_the_broker_has_to_be_confirmed(honour):
    broker = make.broker()
    contract = brought_about(broker, confirmed="without broker")
    assert points(honour) == {broker.pk: 0}
    Confirmation.objects.of(contract).update(confirms_broker=True)
    assert points(honour) == {broker.pk: 80}
    Confirmation.objects.of(contract).filter(role="broker").update(status="pending")  # the broker himself
    assert points(honour) == {broker.pk: 0}


def test_a_struck_payment_gives_no_points(honour):
    broker = make.broker()
    brought_about(broker)
    Payment.objects.update(struck_at=timezone.now(), struck_reason="记错了")
    assert points(honour) == {broker.pk: 0}


def test_contracts_of_a_deal_share_its_payments(honour):
    broker = make.broker()
    contract = brought_about(broker, paid=Decimal(90))
    buyer = contract.buyer
    brought_about(broker, paid=None, deal=contract.deal, buyer=buyer)
    assert points(honour) == {broker.pk: 90}


def test_own_organisations_and_related_parties_score_nothing(honour):
    broker = make.broker(user=make.user())
    contract = brought_about(broker)
    make.user("firm_officer", contract.buyer)
    assert points(honour) == {broker.pk: 80}
    from accounts.services.members import add_member

    add_member(broker.user, contract.buyer, "firm_officer", by=None)
    assert points(honour) == {broker.pk: 0}
    other = make.broker()
    sold = brought_about(other)
    RelatedParties.objects.create(one=sold.seller, other=sold.buyer, why="母子公司")
    assert points(honour)[other.pk] == 0


def test_release_only_after_the_objection_period(honour, city):
    broker = make.broker()
    brought_about(broker)
    publicised(honour, city)
    assert [(candidate.name, candidate.points, candidate.is_proposed) for candidate in honour.candidates.all()] == [
        (str(broker), 80, True)
    ]
    with pytest.raises(ValidationError, match="之后再公布"):
        release_honour(honour, by=city)
    past_objections(honour)
    assert release_honour(honour, by=city) == []
    assert honour.status == "released"
    with pytest.raises(ValidationError, match="已公布"):
        release_honour(honour, by=city)


def test_contracts_cancelled_before_the_release_do_not_count(honour, city):
    broker, other = make.broker(), make.broker()
    contract = brought_about(broker)
    brought_about(other, paid=Decimal(30))
    publicised(honour, city)
    Contract.objects.filter(pk=contract.pk).update(status="cancelled", cancelled_on=TODAY(), cancelled_reason="退回")
    past_objections(honour)
    moved = release_honour(honour, by=city)
    assert len(moved) == 1 and "80.00 分变为 0" in moved[0]
    assert [candidate.name for candidate in honour.candidates.filter(is_proposed=True)] == [str(other)]


def test_an_upheld_objection_excludes_the_contract(honour, city):
    broker = make.broker()
    contract = brought_about(broker)
    brought_about(broker, paid=Decimal(20))
    publicised(honour, city)
    candidate = honour.candidates.get()
    objection = submit_objection(candidate, text="合同没有实际履行，请核实付款。", contract=contract, by=city)
    past_objections(honour)
    with pytest.raises(ValidationError, match="没有处理"):
        release_honour(honour, by=city)
    answer_objection(objection, upheld=True, answer="经核实，没有实际履行。", by=city)
    release_honour(honour, by=city)
    assert honour.candidates.get().points == 20


def test_an_upheld_objection_excludes_the_candidate(honour, city):
    broker, other = make.broker(), make.broker()
    brought_about(broker)
    brought_about(other, paid=Decimal(30))
    publicised(honour, city)
    objection = submit_objection(
        honour.candidates.get(broker=broker), text="该经纪人证书系伪造，请核实。", by=make.user()
    )
    answer_objection(objection, upheld=True, answer="属实。", by=city)
    past_objections(honour)
    assert "不再是候选" in release_honour(honour, by=city)[0]
    assert honour.candidates.get(is_proposed=True).broker == other


def test_new_candidates_block_the_release(honour, city):
    brought_about(make.broker())
    publicised(honour, city)
    brought_about(make.broker())
    past_objections(honour)
    with pytest.raises(ValidationError, match="多出 1 个候选"):
        release_honour(honour, by=city)
    cancel_honour(honour, reason="补充确认后重新公示", by=city)
    assert honour.status == "cancelled"


@pytest.mark.parametrize(
    ("last_day", "objection_days", "words"),
    [(-1, 3, "公示至少 7 天"), (1, 10, "评选期还没有结束"), (-1, 10, "没有符合评选办法的候选")],
)
def test_conditions_for_publicising(honour, city, last_day, objection_days, words):
    """`last_day` and `objection_days` are days from today."""
    Honour.objects.filter(pk=honour.pk).update(last_on=TODAY() + timedelta(days=last_day))
    with pytest.raises(ValidationError, match=words):
        publicise_honour(honour, objections_until=TODAY() + timedelta(days=objection_days), by=city)
    honour.refresh_from_db()
    assert honour.status == "draft" and not honour.candidates.exists()


def test_permissions_and_period_of_objections(honour, city):
    brought_about(make.broker())
    with pytest.raises(PermissionDenied):
        publicise_honour(honour, objections_until=TODAY() + timedelta(days=10), by=make.district_officer("jinpu"))
    publicised(honour, city)
    candidate, citizen = honour.candidates.get(), make.user()
    with pytest.raises(ValidationError, match="不少于 10 个字"):
        submit_objection(candidate, text="不服", by=citizen)
    with pytest.raises(ValidationError, match="不在该候选的计算里"):
        submit_objection(candidate, text="另一份合同也有问题，请核实。", contract=make.contract(), by=citizen)
    with pytest.raises(ValidationError, match="不在您能看到的范围内"):
        submit_objection(candidate, text="这份合同没有履行，请核实。", contract=Contract.objects.first(), by=citizen)
    objection = submit_objection(candidate, text="这份合同没有履行，请核实。", by=citizen)
    with pytest.raises(ValidationError, match="还在处理中"):
        submit_objection(candidate, text="这份合同没有履行，请核实。", by=citizen)
    with pytest.raises(PermissionDenied):
        answer_objection(objection, upheld=True, answer="属实", by=citizen)
    with pytest.raises(ValidationError, match="处理意见"):
        answer_objection(objection, upheld=True, answer=" ", by=city)
    answer_objection(objection, upheld=False, answer="已核实履行。", by=city)
    with pytest.raises(ValidationError, match="已经处理过"):
        answer_objection(objection, upheld=True, answer="又属实", by=city)
    past_objections(honour)
    with pytest.raises(ValidationError, match="不在异议受理期内"):
        submit_objection(candidate, text="这份合同没有履行，请核实。", by=citizen)
    assert Objection.objects.get().status == "dismissed"


class TestWorkRecord:
    """With `needs_work_record` only contracts count for which the platform knew of the work before they were signed."""

    @pytest.fixture
    def broker(self, honour):
        honour.needs_work_record = True
        honour.save()
        return make.broker(user=make.user("broker", make.agency("大连试用技术转移中心").organisation))

    def reasons(self, honour) -> list[str]:
        return [line.why for score in score_honour(honour, as_of=TODAY()) for line in score.lines]

    def test_a_mandate_of_a_party_on_the_day_of_signing(self, honour, broker):
        contract = brought_about(broker, signed_on=SPRING)
        assert self.reasons(honour) == ["平台上没有签约以前的委托或跟进记录"]
        mandate = make.mandate(contract.buyer, broker, starts_on=SPRING - timedelta(days=9))
        assert self.reasons(honour) == ["平台上没有签约以前的委托或跟进记录"]  # written afterwards
        moment = timezone.now() - timedelta(days=205)
        type(mandate).objects.filter(pk=mandate.pk).update(confirmed_at=moment)
        assert self.reasons(honour) == [""]
        type(mandate).objects.filter(pk=mandate.pk).update(client=make.firm())
        assert self.reasons(honour) == ["平台上没有签约以前的委托或跟进记录"]

    def test_a_pair_that_the_broker_followed(self, honour, broker):
        deal = make.deal(follow_up=make.follow_up(status="deal"), broker=broker)
        brought_about(broker, deal=deal)
        request = BrokerRequest.objects.create(match=deal.follow_up.match, broker=broker, asked_by=make.city_officer())
        assert self.reasons(honour) == ["平台上没有签约以前的委托或跟进记录"]  # asked, not taken
        type(request).objects.filter(pk=request.pk).update(status="taken", answered_at=timezone.now())
        assert self.reasons(honour) == [""]
