"""The check-in desk is opened again without a network: list, camera and walk-ins go on, steps are sent later."""

import io

import pytest
import segno
from django.urls import reverse
from playwright.sync_api import expect
from pypdf import PdfReader

from rounds.models import Attendee, Meeting, SignageScreen
from rounds.services.check_in import check_in
from rounds.services.event_day import announce
from tests import factories as make
from tests.browser.conftest import PHONE, WIDE
from tests.browser.server import without_network
from tests.browser.test_event_day import sent
from tests.browser.test_pages import faults
from tests.rounds.day.fixtures import running

pytestmark = pytest.mark.long


def photograph(code: str) -> dict:
    """A picture of a badge as a phone would take it."""
    picture = io.BytesIO()
    segno.make(code, error="m", micro=False).save(picture, kind="png", scale=7, border=6)
    return {"name": "badge.png", "mimeType": "image/png", "buffer": picture.getvalue()}


def test_desk_is_reloaded_without_a_network_and_sends_its_steps_later(visit, live_server, transactional_db):
    event = running()
    first, second, third, *_others = event.people
    desk = visit(PHONE)
    desk.sign_in(make.city_officer(name="王晓"))
    address = reverse("admin:rounds_day_check_in", args=[event.round.public_id])
    page = desk.go(address)
    expect(page.locator("body")).to_have_attribute("data-kept", "true")
    assert "worker-src 'self'" in page.request.get(page.url).headers["content-security-policy"]

    with without_network(live_server, desk.context):
        page.reload()
        expect(page.locator("#offline")).to_contain_text("起没有连上服务器")
        page.locator("#q").fill(first.name)
        page.get_by_role("button", name=f"签到 {first.name}", exact=True).click()
        page.get_by_role("button", name="用摄像头扫码").click()  # no camera here: a photograph is read
        page.locator("#photo").set_input_files(photograph(second.public_id))
        expect(page.locator("#result")).to_contain_text(f"已签到：{second.name}")
        page.get_by_role("button", name="现场报到（名单上没有的人）").click()
        page.get_by_role("textbox", name="姓名", exact=True).fill("欧阳来")
        page.get_by_label("单位全称").fill(event.firms[0].organisation.name)
        page.get_by_role("button", name="报到并签到").click()
        check_in(
            second, by=make.city_officer(name="赵四")
        )  # meanwhile another desk, with a network, takes the second guest

        page.reload()
        expect(page.locator("#outbox")).to_contain_text("3 项待发送：已存在本机")
        page.locator("#q").fill(first.name)
        expect(page.locator("#list")).to_contain_text("待发送")
        assert faults(desk) == []
        assert Attendee.objects.checked_in().count() == 1
    sent(page)
    desk.watch.expect_refusal(409, reverse("admin:rounds_day_receive", args=[event.round.public_id]))
    expect(page.locator("#troubles")).to_contain_text("由赵四签到")
    guest = Attendee.objects.get(name="欧阳来")
    assert set(Attendee.objects.checked_in()) == {first, second, guest}
    page.locator("#q").fill(guest.name)
    badge = page.get_by_role("link", name=f"打印参会证 {guest.name}").get_attribute("href")
    assert page.request.get(desk.home + badge).body().startswith(b"%PDF")
    expect(page.locator("#offline")).to_be_hidden()

    desk.go(reverse("home")).get_by_role("button", name="退出").click()
    expect(page.get_by_role("group", name="账号").get_by_role("link", name="登录")).to_be_visible()
    with without_network(live_server, desk.context):
        desk.go(address, status=503)
        expect(page.locator("body")).to_contain_text("没有网络")
        assert third.name not in page.content()


DECODE = """async () => {
  const { decodeQR } = await import(JSON.parse(document.getElementById("day-settings").textContent).files[0]);
  const code = new Image();
  const svg = new XMLSerializer().serializeToString(document.querySelector("#print-badge svg"));
  code.src = "data:image/svg+xml," + encodeURIComponent(svg.replace("<svg ", '<svg width="230" height="230" '));
  await code.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: 300, height: 300 });
  const context = canvas.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, 300, 300);
  context.drawImage(code, 35, 35);
  document.body.dataset.code = decodeQR(context.getImageData(0, 0, 300, 300));
}"""
"""What a camera reads of the badge."""


def print_badge(page, person) -> None:
    """The browser prints by itself, instead of opening the PDF: the badge alone, with the code that a desk reads."""
    page.evaluate("window.print = () => document.body.setAttribute('data-printed', '1')")
    page.locator("#q").fill(person.name)
    page.get_by_role("link", name=f"打印参会证 {person.name}").click()
    expect(page.locator("body")).to_have_attribute("data-printed", "1")
    page.emulate_media(media="print")
    expect(page.locator("#print-badge")).to_contain_text(person.party.organisation.name)
    expect(page.locator("#main")).to_be_hidden()
    (sheet,) = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    assert [round(float(side) / 72 * 25.4) for side in sheet.mediabox[2:]] == [94, 66]
    page.emulate_media(media="screen")
    page.evaluate(DECODE)
    expect(page.locator("body")).to_have_attribute("data-code", person.public_id)


def test_a_badge_a_table_and_the_screen_of_a_hall_are_reloaded_without_a_network(visit, live_server, transactional_db):
    event = running()
    city, first, meeting = make.city_officer(name="王晓"), event.people[0], event.meetings[0]
    screen = SignageScreen.objects.create(docking_round=event.round, hall=event.hall)
    wall, desk = visit(WIDE), visit(PHONE)
    wall_page = wall.go(reverse("signage", args=[screen.public_id]))
    desk.sign_in(city)
    desk_page = desk.go(reverse("admin:rounds_day_check_in", args=[event.round.public_id]))
    table = desk.context.new_page()
    table.goto(desk.home + reverse("admin:rounds_day_table", args=[f"{event.hall.pk}-1"]))
    for page in (wall_page, desk_page, table):
        expect(page.locator("body")).to_have_attribute("data-kept", "true")
    announce(event.round, text="午餐在二楼", minutes=60, is_sent=False, by=city)  # after the pages were loaded
    for page in (wall_page, table):
        page.evaluate("dispatchEvent(new Event('online'))")  # asks at once
        expect(page.locator("body")).to_contain_text("午餐在二楼")

    with without_network(live_server, wall.context, desk.context):
        for page in (wall_page, desk_page, table):
            page.reload()
        expect(wall_page.locator("#stale")).to_contain_text("网络断开，以下是")
        expect(table.locator("#offline")).to_contain_text("起没有连上服务器")
        for page in (wall_page, table):
            expect(page.locator("body")).to_contain_text("午餐在二楼")  # the latest state, not that of the loaded page
        expect(wall_page.locator("body")).to_contain_text(event.schools[0].organisation.name)
        table.locator(".tk-now").get_by_role("button", name="开始").click()
        table.reload()
        expect(table.locator("#outbox")).to_contain_text("1 项待发送")
        expect(table.locator(".tk-now").get_by_role("button", name="开始")).to_be_disabled()
        desk_page.locator("#q").fill(first.name)
        desk_page.get_by_role("button", name=f"签到 {first.name}", exact=True).click()
        print_badge(desk_page, first)

        assert faults(desk) == [] and Meeting.objects.get(pk=meeting.pk).status == "wanted"
    sent(table)
    sent(desk_page)
    for page, line in ((wall_page, "#stale"), (table, "#offline"), (desk_page, "#offline")):
        expect(page.locator(line)).to_be_hidden()
    assert Meeting.objects.get(pk=meeting.pk).status == "begun" and set(Attendee.objects.checked_in()) == {first}
