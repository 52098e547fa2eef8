"""A call from the demand to the contract, and the other ways in which it ends."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from challenges.models import Challenge
from challenges.services.bidding import add_bid_file, start_bid, submit_bid
from challenges.services.drafting import approve_challenge, publish_challenge, start_challenge, submit_challenge
from challenges.services.ending import close_challenge, fail_challenge, sign_challenge, start_again
from challenges.services.milestone_payments import plan_milestones, tie_milestones
from challenges.services.publication import answer_question, ask_question
from challenges.services.results import (
    answer_objection,
    choose_winner,
    confirm_award,
    object_to_result,
    record_bid_exclusion,
)
from deals.models import Instalment
from deals.services.settlement import settle_contract
from demands.models import Demand
from mechanism.kpi.counting import count_figure
from mechanism.kpi.period import parse_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import CHALLENGES, FIGURES
from mechanism.models import ChallengeReview, Expert
from mechanism.services.challenge_reviews import (
    declare_no_relation,
    find_challenge_recusal_reasons,
    finish_challenge_review,
    give_scores,
    invite_challenge_reviewers,
    readable_bids,
    recuse_challenge_reviewer,
)
from tests import factories as make
from tests.achievements import uploads
from tests.browser_client import Browser
from tests.challenges import calls

pytestmark = pytest.mark.django_db
Status = Challenge.Status


@pytest.fixture
def people():
    return calls.city()


def publicity_over(call):
    yesterday = timezone.now() - timedelta(days=1)
    Challenge.objects.filter(pk=call.pk).update(public_until=timezone.localdate(yesterday), chosen_at=yesterday)
    call.refresh_from_db()


def test_from_a_demand_to_a_deal_with_its_instrument(people):
    call = calls.published(people)
    assert call.list_number == f"{timezone.localdate().year}-01"
    people.demand.refresh_from_db()
    assert people.demand.status == Demand.Status.CHALLENGE and people.demand.wants_challenge
    officer = make.institution_officer(make.institution("揭榜大学"))
    item = make.achievement(institution=make.institution("揭榜大学"))
    bid = calls.handed_in(call, officer, achievements=[item.public_id])
    calls.opened(people, call)
    calls.reviewed(people, call)
    bid.refresh_from_db()
    assert bid.score == 80 and bid.is_recommended
    with pytest.raises(PermissionDenied):
        choose_winner(call, bid=bid, reason="好", by=people.city)
    choose_winner(call, bid=bid, reason="指标最好，报价合理。", by=people.owner)
    with pytest.raises(ValidationError, match="公示到"):
        confirm_award(call, by=people.city)
    publicity_over(call)
    confirm_award(call, by=people.city)
    deal = sign_challenge(call, by=people.owner)
    assert (deal.origin, deal.seller, deal.buyer) == ("challenge", bid.lead, people.firm)
    assert (deal.demand, deal.achievement) == (people.demand, item)
    assert (deal.intent_wan, call.prize_wan) == (140, 150)  # what the bid asks, not the most that the firm offered
    terms = deal.open_challenge
    assert terms.list_number == call.list_number and "认得出" in terms.milestones and terms.prize_wan == call.prize_wan
    make.contract(deal=make.confirmed(deal), seller=bid.lead, buyer=people.firm)
    call.refresh_from_db()
    assert call.status == Status.SIGNED and call.deal == deal


def test_a_registered_contract_settles_the_demand(people):
    call = calls.published(people)
    bid = calls.handed_in(call)
    calls.opened(people, call)
    calls.reviewed(people, call)
    choose_winner(call, bid=bid, reason="指标最好，报价合理。", by=people.owner)
    publicity_over(call)
    confirm_award(call, by=people.city)
    contract = make.contract(deal=sign_challenge(call, by=people.city), seller=bid.lead, buyer=people.firm)
    settle_contract(contract, people.city)
    people.demand.refresh_from_db()
    assert people.demand.status == Demand.Status.SOLVED


@pytest.mark.long
def test_milestones_and_instalments_of_the_contract_belong_together_one_to_one(people):
    call = calls.published(people)
    bid = calls.handed_in(call)
    calls.opened(people, call)
    calls.reviewed(people, call)
    choose_winner(call, bid=bid, reason="指标最好，报价合理。", by=people.owner)
    publicity_over(call)
    confirm_award(call, by=people.city)
    with pytest.raises(ValidationError, match="签约并建立合同以后"):
        plan_milestones(call, by=people.owner)
    deal = make.confirmed(sign_challenge(call, by=people.owner))
    call.refresh_from_db()
    signed_on = date(2026, 1, 31)
    contract = make.contract(
        deal=deal, seller=bid.lead, buyer=people.firm, amount_wan=Decimal("100.01"), signed_on=signed_on, listed=False
    )
    firm = Browser(people.owner)
    page, step = (reverse(name, args=[call.public_id]) for name in ("own_challenge", "challenge_step"))
    assert "按里程碑建立付款计划" in firm.read(page)
    assert firm.post(step, {"step": "plan_payments"}).status_code == 302
    first, second = call.milestones.select_related("instalment")
    assert [(row.instalment.due_on, row.instalment.amount_wan) for row in (first, second)] == [
        (date(2026, 5, 31), Decimal("40.00")),
        (date(2027, 1, 31), Decimal("60.01")),  # what rounding leaves over
    ]
    text = firm.read(page)
    assert "2026年5月31日前应付" in text and 'value="plan_payments"' not in text
    public = Browser().read(reverse("challenge_detail", args=[call.public_id]))
    assert "前应付" not in public  # payments are for the parties
    same = {first: first.instalment, second: first.instalment}
    with pytest.raises(ValidationError, match="只能对应一个里程碑"):
        tie_milestones(call, same, by=people.owner)
    swapped = {f"tie_payments-m{first.pk}": second.instalment.public_id, f"tie_payments-m{second.pk}": ""}
    assert firm.post(step, {"step": "tie_payments"} | swapped).status_code == 302
    assert [row.instalment for row in call.milestones.all()] == [second.instalment, None]
    foreign = Instalment.objects.create(contract=make.contract(), due_on=signed_on, amount_wan=1)
    with pytest.raises(ValidationError, match="不在这份合同里"):
        tie_milestones(call, {first: foreign}, by=people.owner)
    with pytest.raises(PermissionDenied):
        tie_milestones(call, {first: None}, by=make.firm_officer(make.firm("别的企业")))
    assert contract.instalments.count() == 2


def test_one_checks_another_publishes_and_nothing_incomplete_goes_out(people):
    call = start_challenge(people.demand, by=people.owner)
    with pytest.raises(ValidationError) as missing:
        submit_challenge(call, agrees=True, by=people.owner)
    assert "里程碑" in str(missing.value)
    call.delete()
    call = calls.draft(people)
    with pytest.raises(PermissionDenied):
        submit_challenge(call, agrees=True, by=people.city)  # only the firm agrees
    submit_challenge(call, agrees=True, by=people.owner)
    approve_challenge(call, by=people.city)
    with pytest.raises(ValidationError, match="两位专员"):
        publish_challenge(call, by=people.city)
    publish_challenge(call, by=people.colleague)
    with pytest.raises(ValidationError, match="已经在发榜"):
        start_challenge(people.demand, by=people.owner)


def test_an_anonymous_firm_is_not_named_before_the_opening():
    people = calls.city(is_anonymous=True, public_alias="某港机企业", firm=make.firm("大连缆序港口机械有限公司"))
    call = calls.draft(people, problem="我们缆序港口的工人在吊具底下钻。")
    with pytest.raises(ValidationError, match="能认出匿名的企业"):
        submit_challenge(call, agrees=True, by=people.owner)
    assert "缆序" not in call.public_text("problem")
    Challenge.objects.filter(pk=call.pk).update(problem="工人在吊具底下钻。")
    call.refresh_from_db()
    submit_challenge(call, agrees=True, by=people.owner)
    approve_challenge(call, by=people.district)
    publish_challenge(call, by=people.city)
    assert call.public_firm_name == "某港机企业"
    question = ask_question(call, text="风多大还要干？", by=make.institution_officer())
    with pytest.raises(ValidationError, match="能认出"):
        answer_question(question, answer="缆序公司七级风以下都干。", by=people.owner)
    answer_question(question, answer="七级以下都干。", by=people.owner)
    with pytest.raises(ValidationError, match="能认出"):
        close_challenge(call, reason="缆序公司的项目取消", by=people.city)  # the reason is public
    calls.opened(people, call)
    assert call.public_firm_name == people.firm.name


def test_experts_with_a_relation_recuse_and_read_nothing(people):
    call = calls.published(people)
    officer = make.institution_officer(make.institution("揭榜大学"))
    calls.handed_in(call, officer, team="负责人司马评审，骨干两名")
    calls.opened(people, call)
    of_bidder = Expert.objects.create(name="甲专家", unit="揭榜大学化工学院")
    of_firm = Expert.objects.create(name="乙专家", unit="外单位", organisation=people.firm)
    in_team = Expert.objects.create(name="司马评审", unit="某研究院")
    for expert in (of_bidder, of_firm, in_team):
        assert find_challenge_recusal_reasons(expert, call)
        with pytest.raises(ValidationError, match="应当回避"):
            invite_challenge_reviewers(call, experts=[expert], by=people.city)
    invite_challenge_reviewers(call, experts=calls.experts(), by=people.city)
    first, second, _third = call.reviews.all()
    assert readable_bids(first) == []  # not before the declaration
    with pytest.raises(ValidationError, match="先声明"):
        give_scores(first, scores={}, comments={})
    declare_no_relation(first)
    assert len(readable_bids(first)) == 1
    declare_no_relation(second)
    recuse_challenge_reviewer(second, reason="与揭榜单位有合作")
    assert readable_bids(second) == []
    with pytest.raises(ValidationError, match="没有答复"):
        finish_challenge_review(call, recommended=[], conclusion="好", by=people.city)
    ChallengeReview.objects.filter(challenge=call, status="asked").update(status="released", reason="改请")
    with pytest.raises(ValidationError, match="至少需要 3 位"):
        finish_challenge_review(call, recommended=[], conclusion="好", by=people.city)


def test_an_expert_reads_files_after_the_declaration_and_not_after_a_release(people, client, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    call = calls.published(people)
    officer = make.institution_officer(make.institution("揭榜大学"))
    bid = start_bid(call, lead=officer.memberships.get().organisation, by=officer)
    file = add_bid_file(bid, content=uploads.PDF, name="样机检测报告.pdf", by=officer)
    submit_bid(calls.written(bid, officer), by=officer)
    calls.opened(people, call)
    invite_challenge_reviewers(call, experts=calls.experts(), by=people.city)
    review, other = call.reviews.all()[:2]
    address = reverse("challenge_review_file", args=[review.code]) + f"?id={file.public_id}"
    assert client.get(address).status_code == 404  # not before the declaration
    declare_no_relation(review)
    response = client.get(address)
    assert response.content == uploads.PDF
    assert response["Content-Disposition"].startswith("attachment")
    assert client.get(reverse("challenge_review_file", args=[other.code]) + f"?id={file.public_id}").status_code == 404
    ChallengeReview.objects.filter(pk=review.pk).update(status="released", reason="改请")
    assert client.get(address).status_code == 404


def test_an_upheld_objection_takes_the_chosen_bid_out(people):
    call = calls.published(people)
    bids = [calls.handed_in(call) for _number in range(2)]
    calls.opened(people, call)
    calls.reviewed(people, call)
    choose_winner(call, bid=bids[0], reason="指标最好，报价合理。", by=people.owner)
    reader = make.institution_officer()
    objection = object_to_result(call, text="样机的录像是剪过的，请核实。", by=reader)
    with pytest.raises(ValidationError, match="还在处理"):
        object_to_result(call, text="样机的录像是剪过的，请核实。", by=reader)
    answer_objection(objection, upheld=True, answer="经核实，录像是剪过的。", by=people.colleague)
    call.refresh_from_db()
    assert call.status == Status.RECOMMENDED
    with pytest.raises(ValidationError, match="推荐"):
        choose_winner(call, bid=bids[0], reason="还是它。", by=people.owner)
    choose_winner(call, bid=bids[1], reason="第二名也达到指标。", by=people.owner)
    publicity_over(call)
    with pytest.raises(ValidationError, match="不在公示期"):
        object_to_result(call, text="样机的录像是剪过的，请核实。", by=reader)


def test_a_firm_with_nothing_left_to_choose_reads_what_comes_next(people):
    call = calls.published(people)
    bid = calls.handed_in(call)
    calls.opened(people, call)
    calls.reviewed(people, call)
    page = reverse("own_challenge", args=[call.public_id])
    assert "选定并公示" in Browser(people.owner).read(page)
    record_bid_exclusion(bid, reason="与发榜企业有持股关系", by=people.city)
    answer = Browser(people.owner).read(page)
    assert "选定并公示" not in answer and "没有可以选定的了" in answer


def test_without_a_winner_it_fails_and_is_called_again_or_closed(people):
    call = calls.published(people)
    with pytest.raises(ValidationError, match="请撤榜"):
        fail_challenge(call, reason="没有方案", by=people.city)
    calls.opened(people, call)
    assert call.opened_count == 0
    page = Browser(people.city).read(reverse("admin:challenges_page", args=[call.public_id]))
    assert "没有收到方案：请按流标结束" in page and ">专家评审<" not in page
    with pytest.raises(ValidationError, match="没有可以评审"):
        invite_challenge_reviewers(call, experts=calls.experts(1), by=people.city)
    fail_challenge(call, reason="没有收到方案", by=people.city)
    people.demand.refresh_from_db()
    assert people.demand.status == Demand.Status.TRACKING
    again = start_again(call, by=people.owner)
    assert again.previous == call and again.milestones.count() == 2 and again.closes_at > timezone.now()
    with pytest.raises(ValidationError, match="已经再发过"):
        start_again(call, by=people.owner)
    submit_challenge(again, agrees=True, by=people.owner)
    approve_challenge(again, by=people.district)
    publish_challenge(again, by=people.city)
    close_challenge(again, reason="企业的项目取消", by=people.city)
    assert again.status == Status.CLOSED
    close_challenge(start_again(again, by=people.owner), reason="没有再写", by=people.owner)  # a draft: no figure
    counted = {
        key: count_figure(FIGURES[key], FigureScope(parse_period(str(timezone.localdate().year)))).value
        for key in CHALLENGES
    }
    assert counted["challenges"] == counted["challenge_ended"] == 2
    assert counted["challenge_again"] == 1 and counted["challenge_signed"] == 0
    board = Browser(people.city).read(reverse("board_tables"))
    assert all(FIGURES[key].label in board for key in ("challenge_signed", "challenge_ended", "challenge_again"))
