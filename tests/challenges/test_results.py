"""After the choice: who hears of it, how a result is taken back, how the work is accepted."""

from copy import deepcopy
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.services.members import add_member
from brokerage.pipeline import cases_of
from challenges.models import Challenge
from challenges.open_work import challenge_work
from challenges.presentation import stations
from challenges.services.bidding import submit_bid, withdraw_bid
from challenges.services.ending import fail_challenge, sign_challenge, start_again
from challenges.services.opening import open_bids
from challenges.services.publication import answer_question, ask_question
from challenges.services.results import (
    answer_objection,
    choose_winner,
    confirm_award,
    object_to_result,
    record_bid_exclusion,
    revoke_result,
)
from deals.models import Deal, OpenChallenge
from deals.open_work import deal_work
from deals.services.confirmations import ask_parties
from deals.services.deal_parts import set_instrument
from deals.services.deals import fail_deal, sign_deal
from demands.models import Demand
from mechanism.services.challenge_reviews import invite_challenge_reviewers
from mechanism.work_records import contracts_with_work_record
from tests import factories as make
from tests.browser_client import Browser, readable
from tests.challenges import calls
from tests.kept_rows import kept_rows

pytestmark = pytest.mark.django_db
Status = Challenge.Status


@pytest.fixture
def people(db):
    return calls.city()


def choose_first(people, number: int):
    """(call, bids, their officers): the first bid is chosen and publicised."""
    call = calls.published(people)
    officers = [make.institution_officer(make.institution(f"揭榜大学{place}")) for place in range(number)]
    bids = [calls.handed_in(call, officer) for officer in officers]
    calls.opened(people, call)
    calls.reviewed(people, call)
    choose_winner(call, bid=bids[0], reason="指标最好，报价合理。", by=people.owner)
    return call, bids, officers


def award(people, call) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    Challenge.objects.filter(pk=call.pk).update(public_until=timezone.localdate(yesterday), chosen_at=yesterday)
    call.refresh_from_db()
    confirm_award(call, by=people.city)


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker):
    """(people, call, bids, their officers): of two bids the first is chosen and publicised."""
    with kept_rows(django_db_blocker):
        people = calls.city()
        yield people, *choose_first(people, 2)


@pytest.fixture
def chosen(kept, db):
    return deepcopy(kept)


@pytest.fixture
def awarded_alone(people):
    """The same as `chosen` after the publicity, with one bid."""
    call, bids, officers = choose_first(people, 1)
    award(people, call)
    return people, call, bids, officers


def works(user) -> set[str]:
    return {work.key for work in challenge_work(user) if work.rows.exists()}


@pytest.mark.long
def test_each_bidder_reads_what_became_of_its_bid(chosen):
    _people, _call, bids, officers = chosen
    won, lost = (
        Browser(user).read(reverse("bid", args=[bid.public_id])) for user, bid in zip(officers, bids, strict=True)
    )
    assert "企业选定了贵单位的方案" in won and "放弃揭榜" in won
    assert "企业选定了其他单位的方案" in lost and "放弃揭榜" not in lost
    assert officers[1].notices.filter(text__contains="选定了其他单位").exists()


def test_who_asked_and_who_objected_hear_the_answer(chosen):
    people, call, _bids, _officers = chosen
    asker = make.institution_officer()
    objection = object_to_result(call, text="样机的录像是剪过的，请核实。", by=asker)
    answer_objection(objection, upheld=False, answer="经核实，录像没有剪过。", by=people.colleague)
    assert asker.notices.filter(
        text__contains="没有剪过", path=reverse("challenge_detail", args=[call.public_id])
    ).exists()
    other = calls.published(calls.city(title="另一个难题", firm=make.firm("另一家企业")))
    question = ask_question(other, text="风多大还要干？", by=asker)
    answer_question(question, answer="七级以下都干。", by=people.city)
    assert asker.notices.filter(text__contains="七级以下都干").exists()


def test_the_chosen_bidder_gives_up_and_the_firm_chooses_again(chosen):
    people, call, bids, officers = chosen
    award(people, call)
    step = reverse("bid_step", args=[bids[0].public_id])
    other = reverse("bid_step", args=[bids[1].public_id])
    assert Browser(officers[1]).post(other, {"step": "give_up", "reason": "不做"}).status_code == 422
    long_words = "骨干调离，" * 80
    refused = Browser(officers[0]).post(step, {"step": "give_up", "reason": long_words})
    assert refused.status_code == 422 and long_words in readable(refused)
    Browser(officers[0]).send(step, {"step": "give_up", "reason": "骨干调离，不能按期完成"})
    call.refresh_from_db()
    bids[0].refresh_from_db()
    assert call.status == Status.RECOMMENDED and call.awarded_at is None
    assert bids[0].excluded_reason == "揭榜单位放弃：骨干调离，不能按期完成"
    for user in (people.owner, people.city):
        assert user.notices.filter(text__contains="骨干调离").exists()
    assert "不再参与" in Browser(officers[0]).read(reverse("bid", args=[bids[0].public_id]))
    choose_winner(call, bid=bids[1], reason="第二名也达到指标。", by=people.owner)
    with pytest.raises(PermissionDenied):
        revoke_result(call, reason="企业自己反悔", by=people.owner)


@pytest.mark.long
def test_a_deal_that_came_to_nothing_leads_to_a_new_call(awarded_alone):
    people, call, _bids, _officers = awarded_alone
    deal = sign_challenge(call, by=people.owner)
    page = reverse("admin:challenges_page", args=[call.public_id])
    staff = Browser(people.city)
    assert 'value="revoke"' not in staff.read(page)
    with pytest.raises(ValidationError, match="先在成交项目里记为"):
        revoke_result(call, reason="双方没有谈拢", by=people.city)
    fail_deal(deal, reason="price", note="付款条件没有谈拢", on=timezone.localdate(), by=people.city)
    assert "challenges-lost" in works(people.city)
    step = reverse("admin:challenges_step", args=[call.public_id])
    staff.send(step, {"step": "revoke", "revoke-reason": "付款条件没有谈拢"})
    call.refresh_from_db()
    assert (call.status, call.deal, call.winner) == (Status.RECOMMENDED, None, None)
    assert "challenges-lost" not in works(people.city)
    assert people.owner.notices.filter(text__contains="没有其他推荐的方案").exists()
    fail_challenge(call, reason="揭榜方案没有谈成", by=people.city)
    people.demand.refresh_from_db()
    assert people.demand.status == Demand.Status.TRACKING
    assert start_again(call, by=people.owner).previous == call
    assert Deal.objects.get(pk=deal.pk).open_challenge.list_number == call.list_number  # its record stays


def test_other_objections_end_with_the_result(chosen):
    """They are not left for the officer to uphold against the next winner."""
    people, call, bids, _officers = chosen
    first, second = make.institution_officer(), make.institution_officer()
    upheld = object_to_result(call, text="样机的录像是剪过的，请核实。", by=first)
    other = object_to_result(call, text="团队负责人已经离职，请核实。", by=second)
    answer_objection(upheld, upheld=True, answer="经核实，录像是剪过的。", by=people.colleague)
    other.refresh_from_db()
    assert other.status == "moot" and second.notices.filter(text__contains="结果已撤销").exists()
    assert "challenge-objections" not in works(people.city)
    call.refresh_from_db()
    choose_winner(call, bid=bids[1], reason="第二名也达到指标。", by=people.owner)
    assert not call.objections.waiting().exists()


@pytest.mark.long
def test_the_firm_accepts_the_work_and_the_winner_cannot(awarded_alone):
    people, call, bids, officers = awarded_alone
    deal = make.confirmed(sign_challenge(call, by=people.owner))
    make.contract(
        deal=deal, seller=bids[0].lead, buyer=people.firm, signed_on=timezone.localdate() - timedelta(days=400)
    )
    Deal.objects.filter(pk=deal.pk).update(stage="registered")
    assert "challenges-to-accept" in works(people.owner)  # its last milestone is the twelfth month
    page, do = (reverse(name, args=[deal.public_id]) for name in ("deal", "deal_do"))
    today = timezone.localdate()
    fields = {"action": "accept_challenge", "accept_challenge-accepted_on": today}
    fields["accept_challenge-verdict"] = "连续 200 箱，平均 66 秒，通过"
    winner, firm = Browser(officers[0]), Browser(people.owner)
    shown = winner.read(page)
    assert f"榜单 {call.list_number}" in shown and "记录验收" not in shown
    winner.post(do, fields)
    assert OpenChallenge.objects.get().accepted_on is None
    assert 'name="open_challenge-prize_wan"' not in firm.read(page)
    with pytest.raises(ValidationError, match="来自公开的榜单"):
        set_instrument(deal, "open_challenge", prize_wan=1, by=officers[0])
    OpenChallenge.objects.update(closes_on=today - timedelta(days=500))
    tomorrow = today + timedelta(days=1)
    early = firm.post(do, fields | {"accept_challenge-accepted_on": tomorrow})
    assert early.status_code == 422 and "还没有到" in readable(early)
    firm.send(do, fields)
    assert "challenges-to-accept" not in works(people.owner)
    assert officers[0].notices.filter(text__contains="已验收").exists()
    assert "平均 66 秒" in winner.read(page)
    public = Browser().read(reverse("challenge_detail", args=[call.public_id]))
    assert "结论已记录" in public and "平均 66 秒" not in public


def test_a_call_is_called_signed_only_once_its_deal_is(awarded_alone):
    people, call, *_rest = awarded_alone
    deal = sign_challenge(call, by=people.owner)
    page, index = reverse("challenge_detail", args=[call.public_id]), reverse("challenge_list")

    def shown() -> list[str]:
        return [Browser().read(address) for address in (page, index)]

    assert all("已立项，待签约" in text and "已签约" not in text for text in shown())
    assert [station.state for station in stations(Challenge.objects.get(pk=call.pk))][-2:] == ["now", "todo"]
    sign_deal(make.confirmed(deal), on=timezone.localdate(), signed_wan=Decimal(90), way="commissioned", by=people.city)
    assert all("已签约立项" in text for text in shown())
    signing = stations(Challenge.objects.get(pk=call.pk))[-2]
    assert (signing.state, signing.on) == ("done", timezone.localdate())
    fail_deal(deal, reason="funding", note="企业资金没有落实", on=timezone.localdate(), by=people.city)
    assert all("成交未成" in text and "已签约" not in text for text in shown())


@pytest.mark.long
def test_an_agency_that_bid_with_the_institution_is_named_in_the_deal_and_its_work_counts(people):
    call = calls.published(people)
    officer, agency = make.institution_officer(make.institution("揭榜大学")), make.agency("联合服务机构")
    agent = make.user("broker", agency.organisation)
    bid = calls.joint(call, officer, agent)
    submit_bid(bid, by=officer)
    calls.opened(people, call)
    calls.reviewed(people, call)
    choose_winner(call, bid=bid, reason="指标最好，报价合理。", by=people.owner)
    yesterday = timezone.now() - timedelta(days=1)
    Challenge.objects.filter(pk=call.pk).update(public_until=timezone.localdate(yesterday), chosen_at=yesterday)
    call.refresh_from_db()
    confirm_award(call, by=people.city)
    deal = sign_challenge(call, by=people.owner)
    assert deal.agency == agency
    received = {user: [row.text for row in user.notices.filter(text__contains="成交项目")] for user in (agent, officer)}
    assert [len(texts) for texts in received.values()] == [1, 1]
    assert "写明贵机构是服务机构" in received[agent][0] and "请在“成交”里确认" in received[officer][0]
    assert call.list_number in Browser(agent).read(reverse("deal", args=[deal.public_id]))
    stranger = make.user("broker", make.agency("别的服务机构").organisation)
    assert Browser(stranger).get(reverse("deal", args=[deal.public_id])).status_code == 404
    [case] = cases_of(agent)
    assert (case.url, case.waits_for) == (reverse("deal", args=[deal.public_id]), "等对方")
    parties = {"deal": deal, "seller": bid.lead, "buyer": people.firm}
    contract = make.contract(**parties, agency=agency)
    typed = make.contract(**parties, agency=agency, listed=False)  # by hand, not from the office's list
    ask_parties(typed, by=people.city)
    [waiting] = [work for work in deal_work(agent) if work.key == "my-confirmations"]
    assert [row.subject_id for row in waiting.rows] == [typed.pk]  # to be confirmed, in its open work
    other = make.contract(**parties, agency=make.agency("没有参加的机构"))
    assert contracts_with_work_record([contract, other]) == {contract.pk}


def test_experts_read_the_names_of_those_who_bid_only(people, client):
    call = calls.published(people)
    kept = calls.handed_in(call, make.institution_officer(make.institution("留下的大学")))
    officer = make.institution_officer(make.institution("撤回的大学"))
    gone = calls.handed_in(call, officer)
    submit_bid(gone, by=officer)
    withdraw_bid(gone, by=officer)
    calls.opened(people, call)
    invite_challenge_reviewers(call, experts=calls.experts(), by=people.city)
    address = reverse("challenge_review", args=[call.reviews.first().code])
    text = readable(client.get(address))
    assert "留下的大学" in text and "撤回的大学" not in text
    text = readable(client.post(address, {"step": "declare", "declares": "on"}, follow=True))
    assert "方案 1：留下的大学" in text and "撤回的大学" not in text
    answer = client.post(address, {"step": "score", f"{kept.pk}-industry": "120"})
    assert answer.status_code == 422 and "请填写 0 到 100 的整数。" in answer.text


def test_a_bid_taken_out_before_the_review_has_no_score(people):
    call = calls.published(people)
    kept, out = calls.handed_in(call), calls.handed_in(call)
    calls.opened(people, call)
    record_bid_exclusion(out, reason="与发榜企业有持股关系", by=people.city)
    calls.reviewed(people, call, recommended=[kept.pk])
    kept.refresh_from_db()
    out.refresh_from_db()
    assert (kept.score, out.score) == (80, None)


def test_an_officer_of_a_bidder_decides_nothing(people):
    call = calls.published(people)
    bid = calls.handed_in(call)
    calls.past_deadline(call)
    add_member(people.colleague, bid.lead, Role.INSTITUTION, by=None)
    Challenge.objects.filter(pk=call.pk).update(opening_asked_by=people.city)
    call.refresh_from_db()
    with pytest.raises(PermissionDenied, match="揭榜单位"):
        open_bids(call, by=type(people.colleague).objects.get(pk=people.colleague.pk))


def test_the_firm_is_called_to_open_together(people):
    call = calls.published(people)
    calls.past_deadline(call)
    assert "challenges-to-open-with" not in works(people.owner)
    Challenge.objects.filter(pk=call.pk).update(opening_asked_by=people.city)
    assert "challenges-to-open-with" in works(people.owner)
