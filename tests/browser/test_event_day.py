"""The day of a round by hand: desks whose network goes away, what two sides say on their phones, a hall's screen."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Organisation
from rounds.models import Attendee, Outcome, SignageScreen
from rounds.services.check_in import check_in
from rounds.services.event_day import announce
from tests import factories as make
from tests.browser.conftest import PHONE, WIDE
from tests.browser.test_pages import faults
from tests.rounds.day.fixtures import running
from tests.waiting import wait_until

GUESTS = 15


@pytest.fixture
def event(transactional_db):
    event = running()
    event.people += [make.attendee(event.firms[n % 2], name=f"来宾{n:02}") for n in range(GUESTS - 4)]
    return event


def sent(page) -> None:
    expect(page.locator("body")).to_have_attribute("data-unsent", "0")


@pytest.mark.long
def test_three_desks_without_a_network_check_in_everybody_once(visit, event):
    """Two desks and a phone, by code and by name."""
    officers = [make.city_officer(name=name) for name in ("王晓", "李明", "张宁")]
    desks = [visit(clocks=True), visit(), visit(PHONE)]
    checkin_page = reverse("admin:rounds_day_check_in", args=[event.round.public_id])
    receive = reverse("admin:rounds_day_receive", args=[event.round.public_id])
    for desk, officer in zip(desks, officers, strict=True):
        desk.sign_in(officer)
        desk.go(checkin_page).wait_for_load_state("networkidle")
        desk.context.set_offline(True)
    check_in(event.people[0], by=make.city_officer(name="赵四"), key=uuid4())  # a fourth desk that has a network
    queues = [event.people[n::3] for n in range(3)]
    queues[1] = [*queues[1], *queues[0][:3]]  # three stood in two queues
    for desk, queue in zip(desks, queues, strict=True):
        page, (named, *others) = desk.page, queue
        page.locator("#q").fill(named.name)
        page.get_by_role("button", name=f"签到 {named.name}", exact=True).click()
        for person in others:
            page.locator("#q").fill(person.public_id.upper())  # as a hand scanner types it
            page.locator("#q").press("Enter")
        expect(page.locator("#outbox")).to_contain_text(f"{len(queue)} 项待发送：已存在本机；网络断开")
        expect(page.locator("#counts tr").last).to_contain_text(f"{len(queue)} / {GUESTS}")
    assert faults(desks[2]) == []
    first = desks[0].page
    first.locator("#q").fill(event.people[3].name)
    first.locator("#q").press("Enter")
    first.get_by_role("button", name=f"撤销 {event.people[3].name}").click()  # never sent, simply not sent
    assert Attendee.objects.checked_in().count() == 1
    for desk in desks:
        desk.context.set_offline(False)
        sent(desk.page)
    assert Attendee.objects.checked_in().count() == GUESTS  # the one taken back came by the second desk
    expect(first.get_by_role("alert")).to_contain_text("由赵四签到")
    troubles = desks[1].page.locator("#troubles li")
    assert troubles.count() == 2
    assert all("由王晓签到" in text or "由赵四签到" in text for text in troubles.all_text_contents())
    for desk, number in zip(desks, (1, 2, 0), strict=True):
        for _ in range(number):
            desk.watch.expect_refusal(409, receive)
        assert desk.page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('day.')).length") == 0
    expect(first.locator("#counts tr").last).to_contain_text(f"{GUESTS} / {GUESTS}")
    assert faults(desks[0]) == []


def held_back(page, pattern: str):
    """The next question of this kind is answered by the server, but not let through: (route, answer)."""
    held = []
    page.route(pattern, lambda route: held.append(route), times=1)

    def is_asked() -> bool:
        """The page asks at once when the network is back. Its script hears of that when it has opened what it keeps."""
        page.evaluate("dispatchEvent(new Event('online'))")
        page.wait_for_timeout(50)  # only while one waits for the page is the question heard
        return bool(held)

    wait_until(is_asked)
    return held[0], held[0].fetch()


def let_through(page, route, answer) -> None:
    with page.expect_response(route.request.url):
        route.fulfill(response=answer)
    page.wait_for_timeout(100)  # what the page makes of it comes after its arrival


def test_news_that_come_late_do_not_undo_what_was_done_meanwhile(visit, event):
    desk, host = visit(), visit(PHONE)
    first, second = event.people[:2]
    desk.sign_in(make.city_officer())
    page = desk.go(reverse("admin:rounds_day_check_in", args=[event.round.public_id]))
    check_in(first, by=make.city_officer(name="赵四"), key=uuid4())
    late = held_back(page, "**/guests/**")
    page.locator("#q").fill(second.name)
    page.get_by_role("button", name=f"签到 {second.name}", exact=True).click()
    total = page.locator("#counts tr").last
    expect(total).to_contain_text(f"2 / {GUESTS}")
    let_through(page, *late)
    assert f"2 / {GUESTS}" in total.inner_text()

    host.sign_in(make.city_officer())
    page = host.go(reverse("admin:rounds_day_table", args=[f"{event.hall.pk}-1"]))
    late = held_back(page, "**/*part=1")
    begin, end = (page.locator(".tk-now").get_by_role("button", name=name) for name in ("开始", "结束"))
    begin.click()
    expect(end).to_be_enabled()
    let_through(page, *late)
    assert end.is_enabled()


def say_what_came_of_it(page, wan: str) -> None:
    page.locator(".tk-out > summary").first.click()
    form = page.locator(".tk-out[open]")
    form.get_by_text("有意向", exact=True).click()
    form.get_by_label("意向金额（万元）").fill(wan)
    form.get_by_role("button", name="保存结果").click()


def test_what_came_of_a_talk_is_kept_on_the_phone_until_the_network_is_back(visit, event):
    """And at a desk: at each width without a network first, then put right with it. Each is sent once."""
    visitor = visit(PHONE)
    address = reverse("party_day", args=[event.firms[0].code])
    page = visitor.go(address)
    page.wait_for_load_state("networkidle")
    assert faults(visitor) == []
    taken = []
    page.on("response", lambda answer: answer.request.method == "POST" and taken.append(answer.status))
    for size, offline, online in ((PHONE, "300", "310.5"), (WIDE, "320", "330")):
        page.set_viewport_size(size)
        visitor.context.set_offline(True)
        say_what_came_of_it(page, "三百")
        form = page.locator(".tk-out[open]")
        expect(form.locator(".err")).to_contain_text("请填数字")
        form.get_by_label("意向金额（万元）").fill(offline)
        form.get_by_label("当场签约").check()
        assert faults(visitor) == []
        page.set_viewport_size(size)
        page.get_by_role("button", name="保存结果").click()
        expect(page.locator(".tk-unsent")).to_contain_text("已存在本机，网络恢复后自动发送")
        expect(page.locator("#outbox")).to_contain_text("1 项待发送")
        assert faults(visitor) == []
        page.set_viewport_size(size)
        visitor.context.set_offline(False)
        sent(page)
        expect(page.locator("#talks")).to_contain_text(f"意向金额 {offline} 万元，当场签约")
        say_what_came_of_it(page, online)
        expect(page.locator("#talks")).to_contain_text(f"意向金额 {online} 万元，当场签约")
        outcome = Outcome.objects.get()
        assert (outcome.side, outcome.verdict, outcome.intent_wan) == ("firm", "intent", Decimal(online))
    assert taken == [200] * 4
    visitor.context.set_offline(True)  # the next talk begins without a network: its form is there
    expect(page.locator(".tk-out:visible")).to_have_count(1)
    page.evaluate("const now = Date.now; Date.now = () => now() + 30 * 60_000")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".tk-out:visible")).to_have_count(2)
    assert faults(visitor) == []


def test_a_table_begins_and_ends_and_the_wall_keeps_the_last(visit, event):
    host, screen = visit(PHONE), visit()
    host.sign_in(make.city_officer())
    page = host.go(reverse("admin:rounds_day_table", args=[f"{event.hall.pk}-1"]))
    page.locator(".tk-now").get_by_role("button", name="开始").click()
    page.locator(".tk-now").get_by_role("button", name="结束").click()
    sent(page)
    expect(page.locator("#talks")).to_contain_text("已洽谈")
    event.meetings[0].refresh_from_db()
    assert event.meetings[0].status == "held"
    host.context.set_offline(True)  # the next one is begun, held and told of without a network
    page.get_by_role("button", name="开始").click()
    talk = page.locator(".tk", has=page.locator(".tk-unsent"))
    talk.get_by_text("记录洽谈结果").click()
    talk.get_by_text("继续谈", exact=True).click()
    talk.get_by_label("提前记录的原因").fill("双方提前到场")  # its slot has not begun
    talk.get_by_role("button", name="保存结果").click()
    expect(page.locator("#outbox")).to_contain_text("2 项待发送")
    assert faults(host) == []
    host.context.set_offline(False)
    sent(page)
    expect(page.locator("#talks")).to_contain_text("现场记录：继续谈")
    outcome = Outcome.objects.get()
    assert (outcome.side, outcome.meeting.status) == ("host", "held")
    signage_screen = SignageScreen.objects.create(docking_round=event.round)
    screen_page = screen.go(reverse("signage", args=[signage_screen.public_id]))
    expect(screen_page.locator("#rows")).to_contain_text("大连云帆轴承有限公司 × 大连东港学院")
    assert faults(screen) == []
    screen.context.set_offline(True)
    screen_page.evaluate("dispatchEvent(new Event('online'))")  # asks at once
    expect(screen_page.locator("#stale")).to_contain_text("网络断开，以下是")
    expect(screen_page.locator("#rows")).to_contain_text("大连云帆轴承有限公司 × 大连东港学院")


def ask_now(page) -> None:
    """The list of tables asks at once instead of in half a minute."""
    with page.expect_response("**/*part=1"):
        page.evaluate("dispatchEvent(new Event('online'))")


def test_the_list_of_tables_renews_itself_and_keeps_the_last_state_without_a_network(visit, event):
    visitor = visit()
    visitor.sign_in(make.city_officer())
    page = visitor.go(reverse("admin:rounds_day_tables", args=[event.round.public_id]))
    tables, fresh = page.locator("#renew"), page.locator("#fresh")
    expect(tables).to_contain_text("大连云帆轴承有限公司")
    Organisation.objects.filter(name="大连云帆轴承有限公司").update(short_name="", name="大连新名轴承有限公司")
    link = page.locator("#renew a").first
    link.focus()
    ask_now(page)
    expect(link).to_be_focused()  # while somebody is on a link, the list stays as it is
    expect(tables).not_to_contain_text("大连新名轴承有限公司")
    link.blur()
    ask_now(page)
    expect(tables).to_contain_text("大连新名轴承有限公司")
    visitor.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(fresh).to_contain_text("，网络断开，恢复后自动更新")
    expect(tables).to_contain_text("大连新名轴承有限公司")
    visitor.context.set_offline(False)
    expect(fresh).not_to_contain_text("网络断开")


@pytest.mark.long
def test_screen_is_read_from_ten_metres(visit, event):
    """On a picture 80 cm high a letter of 1/16 of it is 50 mm, 1/200 of ten metres; nothing is below the edge."""
    event.hall.tables = 9
    event.hall.save()
    names = ["大连经济技术开发区精密数控机床主轴制造有限公司", *(f"大连海通机械制造{n}厂" for n in range(4, 9))]
    for table, name in enumerate(names, start=3):
        firm = make.party(event.round, make.firm(name))
        for slot, school in zip(event.slots, event.schools, strict=False):
            place = {"slot": slot, "hall": event.hall, "table": table}
            event.timetable.placements.create(meeting=make.meeting(firm, school), **place)
    announce(event.round, text="午餐改在二楼", minutes=60, is_sent=False, by=make.city_officer())
    wall = SignageScreen.objects.create(docking_round=event.round, hall=event.hall)
    screen = visit({"width": 1920, "height": 1080})
    page = screen.go(reverse("signage", args=[wall.public_id]))
    expect(page.locator(".left").first).to_contain_text("剩 ")
    sizes = """() => [...document.querySelectorAll("section")].map((section) => {
      for (const other of document.querySelectorAll("section")) other.hidden = other !== section;
      const texts = [...section.querySelectorAll("b, .left, .now, .next"), document.querySelector(".announcement")];
      const letter = Math.min(...texts.map((text) => parseFloat(getComputedStyle(text).fontSize) * 0.92));
      const bottom = Math.max(...texts.map((text) => text.getBoundingClientRect().bottom));
      return [letter / innerHeight >= 1 / 16, bottom <= innerHeight];
    })"""
    for size in ({"width": 1920, "height": 1080}, {"width": 3840, "height": 2160}):
        page.set_viewport_size(size)
        measured = page.evaluate(sizes)
        assert len(measured) > 1 and all(all(pair) for pair in measured), measured
