"""Pages of calls: what everybody reads, what a firm writes, what waits for whom."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from calendars.sources import events_of
from challenges.models import Bid, Challenge, Submission
from challenges.open_work import challenge_work
from challenges.services.bidding import read_draft, start_bid, submit_bid
from challenges.services.drafting import submit_challenge
from challenges.services.ending import close_challenge, fail_challenge
from challenges.services.opening import ask_opening, open_bids
from challenges.services.publication import answer_question, ask_question
from challenges.services.results import record_bid_exclusion
from open_work.sources import summaries_of
from privacy.own_texts import own_texts
from tests import factories as make
from tests.browser_client import Browser, readable
from tests.challenges import calls

pytestmark = pytest.mark.django_db


def test_the_list_shows_what_is_open_first_and_narrows():
    old, new = calls.city(title="旧难题"), calls.city(title="新难题")
    ended, call = calls.published(old), calls.published(new)
    calls.opened(old, ended)
    page = Browser().read(reverse("challenge_list"))
    assert page.index("新难题") < page.index("旧难题")
    assert "旧难题" not in Browser().read(reverse("challenge_list") + "?show=open")
    assert "新难题" not in Browser().read(reverse("challenge_list") + "?show=ended")
    assert "新难题" not in Browser().read(reverse("challenge_list") + "?show=soon")
    feed = Browser().get(reverse("challenge_feed")).content.decode()
    assert "新难题" in feed and call.public_id in Browser().get(reverse("sitemap")).content.decode()


def test_everybody_reads_the_call_and_its_answers_and_not_who_asked():
    people = calls.city()
    call = calls.published(people)
    reader = make.institution_officer(make.institution("提问大学"), name="司徒提问")
    question = ask_question(call, text="风多大还要干？<script>", by=reader)
    page = Browser().read(reverse("challenge_detail", args=[call.public_id]))
    assert "风多大" not in page and call.list_number in page and "≤ 70 秒" in page
    answer_question(question, answer="七级以下都干。", by=people.owner)
    answer = Browser().get(reverse("challenge_detail", args=[call.public_id])).content.decode()
    assert "七级以下都干" in answer and "风多大还要干？&lt;script&gt;" in answer
    assert "司徒提问" not in answer and "提问大学" not in answer


def test_a_faulty_call_comes_back_with_row_and_field():
    people = calls.city()
    firm = Browser(people.owner)
    firm.post(reverse("challenge_start", args=[people.demand.public_id]))
    call = Challenge.objects.get()
    address = reverse("challenge_edit", args=[call.public_id])
    fields = {"title": "榜", "problem": "难", "conditions": "都可以", "prize_wan": "0", "closes_at": "2026-13-40T10:00"}
    fields |= {"publicity_workdays": 5, "industry_weight": 90, "basis_weight": 5, "technology_weight": 5}
    fields |= {"finance_weight": 5, "indicator-TOTAL_FORMS": 1, "indicator-INITIAL_FORMS": 0}
    fields |= {
        "milestone-TOTAL_FORMS": 1,
        "milestone-INITIAL_FORMS": 0,
        "milestone-0-month": "七",
        "milestone-0-title": "认",
    }
    answer = firm.post(address, fields)
    text = answer.content.decode()
    assert answer.status_code == 422 and "里程碑第 1 行，第几个月" in text and "揭榜截止" in text
    fields |= {"closes_at": "2030-01-01T10:00", "milestone-0-month": "7", "milestone-0-standard": "达标"}
    answer = firm.post(address, fields | {"milestone-0-percent": "100"})
    assert answer.status_code == 422 and "权重合计应为 100" in answer.content.decode()
    fields |= {"finance_weight": 0, "prize_wan": "150", "milestone-0-percent": "100", "indicator-0-comparison": "ge"}
    assert firm.post(address, fields).status_code == 302  # a line with nothing but a comparison is blank
    assert call.milestones.count() == 1 and not call.indicators.exists()


def test_a_draft_is_saved_before_it_says_how_it_is_accepted():
    people = calls.city()
    call, firm = calls.draft(people), Browser(people.owner)
    address = reverse("challenge_edit", args=[call.public_id])
    shown = firm.get(address).context["form"].terms
    fields = {bound.html_name: bound.value() or "" for bound in shown} | {"closes_at": "2030-01-01T10:00"}
    fields |= {"indicator-TOTAL_FORMS": 1, "indicator-INITIAL_FORMS": 0, "indicator-0-name": "拆锁时间"}
    fields |= {"indicator-0-comparison": "le", "indicator-0-value": "70", "indicator-0-acceptance": ""}
    page = firm.send(address, fields | {"milestone-TOTAL_FORMS": 0, "milestone-INITIAL_FORMS": 0})
    assert "指标“拆锁时间”还没有写怎样验收" in page and "这份榜单不再办理，需求不变" in page


def test_what_is_typed_in_a_draft_is_saved_with_a_step_beside_it():
    call = calls.published(calls.city())
    officer, agency = make.institution_officer(make.institution("揭榜大学")), make.agency("集桥").organisation
    bid, lead = start_bid(call, lead=officer.memberships.get().organisation, by=officer), Browser(officer)
    step = reverse("bid_step", args=[bid.public_id])
    typed = {bound.html_name: "" for bound in lead.get(reverse("bid", args=[bid.public_id])).context["form"]}
    typed |= {"revision": bid.revision, "team": "三名骨干，能驻场"}
    assert "已邀请" in lead.send(step, typed | {"step": "invite", "organisation": agency.public_id})
    bid.refresh_from_db()
    assert read_draft(bid, officer)["team"] == "三名骨干，能驻场"
    member = bid.members.get(is_lead=False)
    late = typed | {"team": "四名骨干", "step": f"remove {member.public_id}"}  # of the draft before
    answer = lead.post(step, late)
    assert answer.status_code == 422 and "四名骨干" in answer.text and "没有保存" in answer.text
    member.refresh_from_db()
    assert member.removed_at is None
    assert "请再选一次文件" in lead.send(
        reverse("bid", args=[bid.public_id]), typed | {"revision": 1, "file": "图.png"}
    )


def test_a_step_on_a_page_on_which_nothing_was_typed_takes_place_though_a_colleague_has_saved():
    call = calls.published(calls.city())
    officer, agency = make.institution_officer(make.institution("揭榜大学")), make.agency("集桥").organisation
    bid, lead = start_bid(call, lead=officer.memberships.get().organisation, by=officer), Browser(officer)
    calls.written(bid, officer, team="第一行\n第二行")
    form = lead.get(reverse("bid", args=[bid.public_id])).context["form"]
    shown = {bound.html_name: str(bound.value() or "").replace("\n", "\r\n") for bound in form}
    shown |= {f"initial-{name}": text for name, text in shown.items()}
    calls.written(bid, officer, team="同事刚刚保存的团队")
    step = reverse("bid_step", args=[bid.public_id])
    page = lead.send(step, shown | {"step": "invite", "organisation": agency.public_id})
    assert "已邀请" in page and "同事刚刚保存的团队" in page
    refused = lead.post(step, shown | {"basis": "改过的基础", "step": "submit"})
    assert refused.status_code == 422 and "没有保存" in refused.text and "改过的基础" in refused.text


@pytest.mark.long
def test_opened_bids_as_the_city_the_firm_the_district_and_a_bidder_read_them():
    people = calls.city()
    call = calls.published(people)
    officer, agency = make.institution_officer(make.institution("揭榜大学")), make.agency("集桥")
    submit_bid(calls.joint(call, officer, make.user("broker", agency.organisation)), by=officer)
    calls.past_deadline(call)
    own, staff = (reverse(name, args=[call.public_id]) for name in ("own_challenge", "admin:challenges_page"))
    ask_opening(call, by=people.owner)
    assert "开标由您发起" in Browser(people.owner).read(own)
    open_bids(call, by=people.city)
    assert "联合单位：集桥" in Browser(people.owner).read(own)
    city = Browser(people.city).get(own, follow=True)
    assert city.redirect_chain == [(staff, 302)]
    page = readable(city)
    assert "联合单位：集桥" in page and "请专家评审" in page
    assert '<details class="fold" open' not in page  # else to exclude a bid would be the step that stands open
    assert "方案只给发榜企业和市级专员看" in Browser(people.district).read(staff)
    public = reverse("challenge_detail", args=[call.public_id])
    assert "打开我们的方案" in Browser(officer).read(public) and "打开我们的方案" not in Browser().read(public)


def test_who_decides_compares_the_opened_bids_in_the_order_it_asks_for():
    people = calls.city()
    call = calls.published(people)
    names = ("甲揭榜大学", "乙揭榜大学", "丙揭榜大学", "丁揭榜大学")
    officers = [make.institution_officer(make.institution(name)) for name in names]
    prices = ("140", "90.50", "120")
    bids = [
        calls.handed_in(call, officer, price_wan=price, team=f"{price} 的团队" + "很" * 200)
        for officer, price in zip(officers, prices, strict=False)
    ]
    broken = start_bid(call, lead=officers[3].memberships.get().organisation, by=officers[3])
    cipher = bids[0].current.cipher
    Submission.objects.create(bid=broken, number=1, cipher=cipher, digest="0" * 64, sealed_by=officers[3])
    address = reverse("bid_comparison", args=[call.public_id])
    readers = [Browser(user) for user in (people.owner, people.city)]
    assert [reader.get(address).status_code for reader in readers] == [404, 404]
    calls.opened(people, call)

    def order(reader: Browser, sort: str) -> list[str]:
        heads = re.findall(r"/read/[^>]*>([^<]+)</a>", reader.read(f"{address}?sort={sort}"))
        assert sorted(heads) == sorted(names)
        return [name[0] for name in heads]

    for reader in readers:
        assert order(reader, "price") == ["乙", "丙", "甲", "丁"]
        assert order(reader, "score") == order(reader, "price")  # nothing has a score
        page = reader.read(address)
        assert "比榜金少 59.5 万元" in page and "得分从高到低" not in page
        assert page.count("与回执不一致，不能评阅") > 3 and "很" * 201 not in page
        assert "逐项对比" in reader.get(reverse("own_challenge", args=[call.public_id]), follow=True).text
    for bid, score in zip(bids, (60, 75, 90), strict=True):
        Bid.objects.filter(pk=bid.pk).update(score=score)
    Bid.objects.filter(pk=bids[2].pk).update(excluded_reason="与发榜企业有持股关系")
    assert order(readers[0], "") == ["乙", "甲", "丁", "丙"]  # who takes part no more is last
    assert order(readers[0], "sealed") == ["甲", "乙", "丁", "丙"]
    others = [people.district, officers[0], make.firm_officer()]
    assert {Browser(user).get(address).status_code for user in others} == {404}


@pytest.mark.parametrize("names", [("甲揭榜大学",), ("甲揭榜大学", "乙揭榜大学")])
def test_the_page_of_the_experts_leads_to_the_comparison_of_more_than_one_bid(names):
    people = calls.city()
    call = calls.published(people)
    for name in names:
        calls.handed_in(call, make.institution_officer(make.institution(name)))
    calls.opened(people, call)
    calls.reviewed(people, call)
    page = Browser(people.city).read(reverse("admin:mechanism_challenge_review", args=[call.public_id]))
    assert "平均得分" in page
    assert (reverse("bid_comparison", args=[call.public_id]) in page) == (len(names) > 1)


def test_the_last_day_and_a_call_that_was_taken_back_read_so():
    people = calls.city()
    call = calls.published(people)
    assert call.days_left_text.startswith("还有 ")
    assert Challenge(closes_at=timezone.now()).days_left_text == "今天截止"
    close_challenge(call, reason="企业的项目取消", by=people.city)
    page = Browser().read(reverse("challenge_detail", args=[call.public_id]))
    assert "没有开标" in page and "密封" not in page


@pytest.mark.long
def test_what_waits_stands_in_the_open_work_of_who_must_act():
    people = calls.city()
    call = calls.draft(people)

    def kinds(user) -> set[str]:
        return {
            summary.work.key
            for summary in summaries_of(user)
            if "challenge" in summary.work.key or "bid" in summary.work.key
        }

    assert "challenge-drafts" in kinds(people.owner)
    Challenge.objects.filter(pk=call.pk).delete()
    call = calls.published(people)
    officer, agent = (
        make.institution_officer(make.institution("揭榜大学")),
        make.user("broker", make.agency("机构").organisation),
    )
    bid = calls.joint(call, officer, agent)
    assert "bids-to-hand-in" in kinds(officer)
    bid.members.filter(is_lead=False).update(accepted_at=None, accepted_by=None, accepted_digest="")
    assert "bids-to-join" in kinds(agent)
    assert [event.key for event in events_of(officer)] == [f"challenge-{call.public_id}"]
    calls.past_deadline(call)
    assert "challenges-to-open" in kinds(people.city)
    assert kinds(officer) == set()


@pytest.mark.long
def test_a_call_that_nobody_can_win_waits_for_the_city_and_no_more_for_the_firm():
    people = calls.city()
    call = calls.published(people)
    bid = calls.handed_in(call)

    def kinds(user) -> set[str]:
        keys = {"challenges-in-review", "challenges-to-choose", "challenges-to-fail"}
        return keys & {summary.work.key for summary in summaries_of(user)}

    calls.opened(people, call)
    assert (kinds(people.city), kinds(people.owner)) == ({"challenges-in-review"}, set())
    calls.reviewed(people, call)
    assert (kinds(people.city), kinds(people.owner)) == (set(), {"challenges-to-choose"})
    record_bid_exclusion(bid, reason="与发榜企业有持股关系", by=people.city)
    assert (kinds(people.city), kinds(people.owner)) == ({"challenges-to-fail"}, set())
    fail_challenge(call, reason="没有合格的方案", by=people.city)
    assert (kinds(people.city), kinds(people.owner)) == (set(), set())
    without_bid = calls.published(other := calls.city(title="没有人揭的榜"))
    calls.opened(other, without_bid)
    assert kinds(other.city) == {"challenges-to-fail"}
    work = next(work for work in challenge_work(other.city) if work.key == "challenges-to-fail")
    assert Browser(other.city).get(work.url).status_code == 200


def test_a_call_edited_too_late_gives_the_text_back():
    people = calls.city()
    call = calls.draft(people)
    address = reverse("challenge_edit", args=[call.public_id])
    shown = Browser(people.owner).get(address).context["form"]
    fields = {bound.html_name: bound.value() or "" for part in (shown.terms,) for bound in part}
    fields |= {"indicator-TOTAL_FORMS": 1, "indicator-INITIAL_FORMS": 0, "indicator-0-name": "改过的指标"}
    fields |= {"milestone-TOTAL_FORMS": 0, "milestone-INITIAL_FORMS": 0}
    submit_challenge(call, agrees=True, by=people.owner)
    answer = Browser(people.owner).post(address, fields | {"problem": "改得更清楚的一段话"})
    text = answer.content.decode()
    assert answer.status_code == 422 and "不能再改" in text
    unsaved = text[text.index('id="unsaved-h"') :][:900]
    assert "改得更清楚的一段话" in unsaved and "改过的指标" in unsaved and fields["title"] not in unsaved


def test_a_demand_leads_to_its_call_and_to_a_new_one():
    people = calls.city()
    page = reverse("demand_detail", args=[people.demand.public_id])
    assert "起草榜单" in Browser(people.owner).read(page) and "起草榜单" not in Browser().read(page)
    call = calls.published(people)
    assert reverse("challenge_detail", args=[call.public_id]) in Browser().read(page)
    people.demand.is_anonymous, people.demand.public_alias = True, "某企业"
    people.demand.save()
    assert reverse("challenge_detail", args=[call.public_id]) not in Browser().read(page)
    assert timezone.localdate(call.closes_at) > timezone.localdate()


def test_the_copy_of_a_person_has_the_own_questions():
    people = calls.city()
    call, reader = calls.published(people), make.institution_officer()
    ask_question(call, text="风多大还要干？", by=reader)
    assert [text for kind, _about, _at, text in own_texts(reader) if kind == "榜单提问"] == ["风多大还要干？"]
