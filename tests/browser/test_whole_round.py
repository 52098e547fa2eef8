"""A whole round: copied, prepared, answered on phones, planned, held, reported.

Each step asserts what its user reads. The dates of the round are moved by the test, not awaited.
"""

import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from rounds.models import AgendaItem, Attendee, DockingRound, Meeting, Outcome, Party, RoundReport, Slot, Timetable
from rounds.services import timetables
from rounds.services.outcomes import OutcomeInput, record_outcome
from rounds.services.timetables import run_planning
from tests import factories as make
from tests.browser.barriers import barriers
from tests.browser.conftest import PHONE, WIDE
from tests.browser.test_event_day import sent
from tests.browser.test_pages import OVERFLOW

pytestmark = pytest.mark.long
FIRMS = ("大连海天齿轮有限公司", "大连云帆轴承有限公司", "大连远洋泵业有限公司")
SCHOOLS = ("大连北岸大学", "大连东港学院")
OFFER = "船用齿轮箱减振"


def seen(visitor, name: str) -> None:
    """The page has no barrier and is no wider than the screen, at the width of its person."""
    page = visitor.page
    assert page.evaluate(OVERFLOW) <= 0, name
    assert barriers(page, "main") == [], name
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}-{page.viewport_size['width']}.png", full_page=True)


@pytest.fixture
def world(transactional_db, monkeypatch):
    """The last round was held three months ago; three firms and two institutions have accepted matches."""
    monkeypatch.setattr(timetables, "send_planning", lambda pk: True)  # planned when the test says so
    begin = make.noon(days=-90) - timedelta(hours=3)
    last = make.docking_round(
        name="第二场对接会", place="会展中心", starts_at=begin, ends_at=begin + timedelta(hours=8)
    )
    last.host = make.organisation("city", "市科技局")
    last.save()
    make.hall(last, name="一号厅", tables=3)
    make.slots(last, 3)
    make.agenda_item(last, title="开场致辞")
    world = SimpleNamespace(last=last, city=make.city_officer(name="王晓"))
    schools = [make.institution(name) for name in SCHOOLS]
    world.offers = [
        make.achievement(title=title, institution=school)
        for title, school in zip((OFFER, "轴承寿命预测"), schools, strict=True)
    ]
    officer = make.city_officer(name="李明")
    reviewed = {"status": "accepted", "reviewed_by": officer, "reviewed_at": timezone.now()}
    for name in FIRMS:
        need = make.demand(title=f"{name[2:4]}要降噪", firm=make.firm(name))
        make.match(demand=need, achievement=world.offers[1], **reviewed)
    make.party(last, schools[0])
    return world


def test_a_round_from_copy_to_report_with_three_phones(world, visit):
    city = visit()
    city.sign_in(world.city)
    docking_round = copied(city, world)
    listed_and_invited(city, docking_round)
    answered(visit, docking_round)
    talks_asked_and_accepted(city, visit, docking_round)
    planned_moved_and_published(city, docking_round)
    late_answer(city, visit, docking_round)
    now_is_its_day(docking_round)
    begun(city, docking_round)
    the_day_with_three_phones(city, visit, docking_round)
    ended(city, docking_round)
    reported(city, docking_round)
    followed_up(city)


def copied(city, world) -> DockingRound:
    page = city.go(reverse("admin:rounds_home", args=[world.last.pk]))
    page.get_by_role("link", name="照这一场办下一场").click()
    expect(page.get_by_label("活动名称")).to_have_value("第三场对接会")
    seen(city, "01-copy")
    page.get_by_role("button", name="建立活动").click()
    page.get_by_label("一号厅").fill("三")
    page.get_by_role("button", name="保存，选参会单位").click()
    expect(page.get_by_role("alert").first).to_contain_text("一号厅")
    city.watch.expect_refusal(422, city.path)
    page.get_by_label("一号厅").fill("4")
    page.get_by_role("button", name="保存，选参会单位").click()
    seen(city, "02-guests-of-the-last")
    page.get_by_label(SCHOOLS[0]).check()
    page.get_by_role("button", name="完成，到活动总览").click()
    expect(page.get_by_role("status")).to_contain_text("1 家单位列入名单，还没有邀请")
    docking_round = DockingRound.objects.get(name="第三场对接会")
    for rank, offer in enumerate(world.offers, start=1):
        docking_round.features.create(achievement=offer, rank=rank)
    return docking_round


def listed_and_invited(city, docking_round) -> None:
    page = city.page
    page.get_by_role("link", name="基本信息").click()
    page.get_by_label("地点").fill("会展中心二层")
    seen(city, "03-basics")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已保存。")
    page.get_by_role("link", name="议程", exact=True).click()
    expect(page.locator(".agenda")).to_contain_text("开场致辞")
    seen(city, "04-agenda")
    page.get_by_role("link", name="总览", exact=True).click()
    page.get_by_role("link", name="发布活动").click()
    page.get_by_role("button", name="发布活动").click()
    expect(page.get_by_role("region", name="下一步")).to_contain_text("邀请名单上的 1 个院校团队")
    seen(city, "05-home")
    page.get_by_role("link", name="去邀请").click()
    page.get_by_role("button", name="看看这 1 家怎么邀请").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 家")
    page.get_by_role("button", name="发出这 1 份邀请").click()
    expect(page.get_by_role("status")).to_contain_text("1 家")
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)
    for name in (*FIRMS, SCHOOLS[1]):
        page.get_by_role("checkbox", name=f"邀请{name}").check()
    page.get_by_role("button", name="看看勾选的怎么邀请").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("4 家")
    seen(city, "06-preview")
    page.get_by_role("button", name="发出这 4 份邀请").click()
    expect(page.get_by_role("status")).to_contain_text("4 家")


def party_of(docking_round, name: str) -> Party:
    return docking_round.parties.get(organisation__name=name)


def answer(visitor, party: Party, *people: str) -> None:
    page = visitor.go(reverse("rsvp", args=[party.code]))
    page.get_by_label("参加", exact=True).check()
    for number, name in enumerate(people):
        page.get_by_label("姓名").nth(number).fill(name)
    page.get_by_role("button", name="提交答复").tap()


def answered(visit, docking_round) -> None:
    """By the link of the invitation: one comes with a companion, one does not come, two institutions come."""
    guest = visit(PHONE)
    page = guest.page
    first, second = party_of(docking_round, FIRMS[0]), party_of(docking_round, FIRMS[1])
    guest.go(reverse("rsvp", args=[first.code]))
    page.get_by_label("参加", exact=True).check()
    page.get_by_role("button", name="提交答复").tap()
    expect(page.get_by_role("alert")).to_contain_text("至少填写一位")
    guest.watch.expect_refusal(422, guest.path)
    page.get_by_label("姓名").nth(0).fill("王五")
    page.get_by_label("姓名").nth(1).fill("赵六")
    page.get_by_text("随行、代替、饮食、无障碍").nth(1).tap()
    page.get_by_label("随行人员，不参加洽谈").nth(1).check()
    page.get_by_text("有的时段不能洽谈").tap()
    page.get_by_role("group", name="这些时段不能洽谈").get_by_role("checkbox").nth(2).check()
    seen(guest, "07-answer")
    page.get_by_role("button", name="提交答复").tap()
    expect(page.get_by_text("已记下：参加")).to_be_visible()
    assert list(first.attendees.values_list("name", "role")) == [("王五", "guest"), ("赵六", "companion")]
    assert first.aways.count() == 1
    guest.go(reverse("rsvp", args=[second.code]))
    page.get_by_label("不参加", exact=True).check()
    page.get_by_role("button", name="提交答复").tap()
    expect(page.get_by_text("已记下：不参加")).to_be_visible()
    for name, person in zip(SCHOOLS, ("钱教授", "孙教授"), strict=True):
        answer(guest, party_of(docking_round, name), person)
        expect(page.get_by_text("已记下：参加")).to_be_visible()


def talks_asked_and_accepted(city, visit, docking_round) -> None:
    """The firm asks for a talk, the institution accepts it; the match's talk is accepted by both."""
    phone = visit(PHONE)
    firm, schools = party_of(docking_round, FIRMS[0]), [party_of(docking_round, name) for name in SCHOOLS]
    page = phone.go(reverse("party_meeting_requests", args=[firm.code]))
    page.get_by_role("button", name=f"想谈 {OFFER}").tap()
    expect(page.get_by_role("heading", name="已提出 1 项")).to_be_visible()
    page = city.go(reverse("admin:rounds_timetable", args=[docking_round.pk]))
    page.get_by_role("button", name="汇总").click()
    expect(page.locator("#notes")).to_contain_text("新增 1 场")
    for party, partners in ((schools[0], [FIRMS[0]]), (firm, [SCHOOLS[1]]), (schools[1], [FIRMS[0]])):
        page = phone.go(reverse("party_meeting_requests", args=[party.code]))
        expect(page.get_by_role("heading", name="1 场洽谈等您答复")).to_be_visible()
        for partner in partners:
            page.get_by_role("button", name=f"接受 和{partner}的洽谈", exact=True).tap()
            expect(page.get_by_text("已接受。双方都接受后排进日程。")).to_be_visible()
    seen(phone, "08-talks")
    assert [meeting.silent_sides for meeting in Meeting.objects.all()] == [[], []]


def planned_moved_and_published(city, docking_round) -> None:
    page = city.go(reverse("admin:rounds_timetable", args=[docking_round.pk]))
    page.get_by_role("button", name="开始排期").click()
    expect(page.locator("#notes")).to_contain_text("第 1 版正在排期")
    run_planning(Timetable.objects.solving().get().pk)
    page.reload()
    expect(page.locator(".tt-figures")).to_contain_text("2 / 2 场")
    grip = page.locator("[data-grip]").first
    label = grip.locator("xpath=..").get_attribute("data-label")
    grip.focus()
    page.keyboard.press("Enter")
    free = page.locator("td[data-can]:not(:has([data-meeting]))").first
    target = free.get_attribute("data-place")
    free.focus()
    page.keyboard.press("Enter")
    expect(page.locator(f'td[data-place="{target}"] [data-label="{label}"]')).to_be_visible()
    seen(city, "09-timetable")
    page.get_by_role("button", name="发布……").click()
    page.get_by_role("button", name="发布并通知").click()
    expect(page.locator("#notes")).to_contain_text("第 1 版已发布")
    page.get_by_role("link", name="总览", exact=True).click()
    page.get_by_role("link", name="发布日程").click()
    page.get_by_role("button", name="发布日程").click()
    expect(page.get_by_role("status")).to_contain_text("日程已发布。")


def late_answer(city, visit, docking_round) -> None:
    """A yes after publication waits for the planner; its talk is accepted by both and goes into a free place."""
    phone, party = visit(PHONE), party_of(docking_round, FIRMS[2])
    answer(phone, party, "周八")
    expect(phone.page.get_by_text("已交给排期人员")).to_be_visible()
    page = city.go(reverse("admin:rounds_late_answers", args=[docking_round.pk]))
    page.get_by_role("button", name=f"接受 {FIRMS[2]}").click()
    expect(page.get_by_role("status")).to_contain_text(f"已接受{party}的答复")
    page = city.go(reverse("admin:rounds_timetable", args=[docking_round.pk]))
    page.get_by_role("button", name="汇总").click()
    expect(page.locator("#notes")).to_contain_text("新增 1 场")
    for mine in (party, party_of(docking_round, SCHOOLS[1])):
        phone.go(reverse("party_meeting_requests", args=[mine.code]))
        phone.page.get_by_role("button", name="接受 和").first.tap()
        expect(phone.page.get_by_text("已接受。双方都接受后排进日程。")).to_be_visible()
    page.reload()
    accepted = page.get_by_role("region", name="双方都已接受、还没有排的 1 场")
    seen(city, "10-accepted")
    accepted.get_by_role("button", name="把这 1 场放入空档").click()
    expect(page.locator("#notes")).to_contain_text("第 2 版草稿排上 1 场双方已接受的洽谈。")
    page.get_by_role("button", name="发布……").click()
    expect(page.get_by_role("dialog")).to_contain_text("日程有变的 2 家")
    page.get_by_role("button", name="发布并通知").click()
    expect(page.locator("#notes")).to_contain_text("第 2 版已发布")
    phone.go(reverse("party_plan", args=[party.code]))
    expect(phone.page.locator(".own-plan li")).to_have_count(1)
    seen(phone, "11-own-plan")


def now_is_its_day(docking_round) -> None:
    """The days until the round pass: its first slot with a talk begins now."""
    docking_round.refresh_from_db()
    first = Slot.objects.filter(placements__timetable__status="published").earliest("starts_at")
    shift = timezone.now() - first.starts_at
    both = {"starts_at": F("starts_at") + shift, "ends_at": F("ends_at") + shift}
    for rows in (docking_round.slots, AgendaItem.objects, DockingRound.objects.filter(pk=docking_round.pk)):
        rows.update(**both)
    docking_round.parties.update(arrives_at=None, leaves_at=None)


def begun(city, docking_round) -> None:
    page = city.go(reverse("admin:rounds_home", args=[docking_round.pk]))
    page.get_by_role("region", name="下一步").get_by_role("link", name="活动开始").click()
    page.get_by_role("button", name="活动开始").click()
    expect(page.get_by_role("region", name="下一步")).to_contain_text("看现场签到和洽谈")


def the_day_with_three_phones(city, visit, docking_round) -> None:
    """The door loses the network, is opened again without it, checks in and comes back; the table begins and ends a
    talk; the firm says on its own phone what came of it."""
    door, table, guest = (visit(PHONE) for _ in range(3))
    for staff in (door, table):
        staff.sign_in(make.city_officer())
    page = door.go(reverse("admin:rounds_day_check_in", args=[docking_round.public_id]))
    expect(page.locator("body")).to_have_attribute("data-kept", "true")
    door.context.set_offline(True)
    page.reload()
    expect(page.locator("#offline")).to_contain_text("起没有连上服务器")
    for name in ("王五", "赵六"):
        page.locator("#q").fill(name)
        page.get_by_role("button", name=f"签到 {name}", exact=True).tap()
    expect(page.locator("#outbox")).to_contain_text("2 项待发送：已存在本机")
    seen(door, "12-door-offline")
    assert not Attendee.objects.checked_in().exists()

    talk = Meeting.objects.filter(placements__timetable__status="published").earliest("placements__slot__starts_at")
    place = talk.placements.get(timetable__status="published")
    page = table.go(reverse("admin:rounds_day_table", args=[f"{place.hall_id}-{place.table}"]))
    page.locator(".tk-now").get_by_role("button", name="开始").tap()
    seen(table, "13-table")
    page.locator(".tk-now").get_by_role("button", name="结束").tap()
    sent(page)
    page = guest.go(reverse("party_day", args=[talk.firm_party.code]))
    page.locator(".tk-out > summary").first.tap()
    form = page.locator(".tk-out[open]")
    form.get_by_text("有意向", exact=True).tap()
    form.get_by_label("意向金额（万元）").fill("120")
    seen(guest, "14-outcome")
    form.get_by_role("button", name="保存结果").tap()
    expect(page.locator("#talks")).to_contain_text("意向金额 120 万元")
    assert Outcome.objects.get().side == "firm"

    door.context.set_offline(False)
    sent(door.page)
    expect(door.page.locator("#offline")).to_be_hidden()
    page = city.go(reverse("admin:rounds_home", args=[docking_round.pk]))
    page.get_by_role("link", name="2 人已签到").click()
    expect(page.get_by_role("table")).to_contain_text("赵六")
    seen(city, "15-people")


def ended(city, docking_round) -> None:
    """The last talk is over; two of the three were never begun."""
    past = timezone.now() - timedelta(minutes=1)
    Slot.objects.update(starts_at=F("starts_at") - timedelta(hours=6), ends_at=F("ends_at") - timedelta(hours=6))
    DockingRound.objects.filter(pk=docking_round.pk).update(starts_at=past - timedelta(hours=7), ends_at=past)
    page = city.go(reverse("admin:rounds_home", args=[docking_round.pk]))
    page.get_by_role("region", name="下一步").get_by_role("link", name="结束并匹配").click()
    expect(page.locator("main")).to_contain_text("2 场排定的洽谈没有记录是否举行")
    page.get_by_role("button", name="结束并匹配").click()
    expect(page.get_by_role("status")).to_contain_text("活动已结束，匹配正在后台进行")


def reported(city, docking_round) -> None:
    page = city.page
    page.get_by_role("link", name="活动总结").click()
    page.get_by_role("button", name="起草活动总结").click()
    expect(page.get_by_role("status")).to_contain_text("已按现在的数字起草。")
    seen(city, "16-report")
    figures = page.get_by_role("region", name="主要数字")
    figures.get_by_role("row", name="只有一方填写的意向金额").get_by_role("link", name="120").click()
    expect(page.locator(".rp")).to_contain_text(FIRMS[0])
    page.get_by_role("link", name="回到活动总结").click()
    page.get_by_label("概况").fill("开场顺利。")
    page.get_by_role("button", name="保存文字").click()
    expect(page.get_by_role("status")).to_contain_text("已保存。")
    talk = Outcome.objects.get().meeting
    record_outcome(
        talk,
        OutcomeInput("intent", intent_wan=Decimal(120)),
        side="office",
        by=make.institution_officer(talk.institution_party.organisation),
    )
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("统计之后数字有变化")
    page.get_by_role("button", name="更新数字和文字").click()
    expect(page.get_by_role("status")).to_contain_text("数字已更新")
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)
        seen(city, "17-report")
    page.get_by_role("button", name="发布这一版").click()
    expect(page.get_by_role("status")).to_contain_text("已发布，Word 和 PDF 已保存，不能再改。")
    expect(page.get_by_role("button", name="保存文字")).to_have_count(0)
    assert RoundReport.objects.get().status == RoundReport.Status.RELEASED


def followed_up(city) -> None:
    """Who accepted the match follows the talk that both sides want to go on with."""
    page = city.page
    page.get_by_role("link", name="会后跟进").click()
    expect(page.get_by_role("row").filter(has_text="李明").first).to_contain_text("1")
    seen(city, "18-after")
