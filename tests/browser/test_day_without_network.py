"""The check-in desk is opened again without a network: list, camera and walk-ins go on, steps are sent later."""

import io

import pytest
import segno
from django.urls import reverse
from playwright.sync_api import expect

from rounds.models import Attendee
from rounds.services.check_in import check_in
from tests import factories as make
from tests.browser.conftest import PHONE
from tests.browser.test_event_day import sent
from tests.browser.test_pages import faults
from tests.rounds.day.fixtures import running

pytestmark = pytest.mark.long


def photograph(code: str) -> dict:
    """A picture of a badge as a phone would take it."""
    picture = io.BytesIO()
    segno.make(code, error="m", micro=False).save(picture, kind="png", scale=7, border=6)
    return {"name": "badge.png", "mimeType": "image/png", "buffer": picture.getvalue()}


def test_desk_is_reloaded_without_a_network_and_sends_its_steps_later(visit, transactional_db):
    scene = running()
    first, second, third, *_others = scene.people
    desk = visit(PHONE)
    desk.sign_in(make.city_officer(name="王晓"))
    address = reverse("admin:rounds_day_check_in", args=[scene.round.public_id])
    page = desk.go(address)
    expect(page.locator("body")).to_have_attribute("data-kept", "true")
    assert "worker-src 'self'" in page.request.get(page.url).headers["content-security-policy"]

    desk.context.set_offline(True)
    page.reload()
    expect(page.locator("#offline")).to_contain_text("起没有连上服务器")
    page.locator("#q").fill(first.name)
    page.get_by_role("button", name=f"签到 {first.name}", exact=True).click()
    page.get_by_role("button", name="用摄像头扫码").click()  # no camera here: a photograph is read
    page.locator("#photo").set_input_files(photograph(second.public_id))
    expect(page.locator("#result")).to_contain_text(f"已签到：{second.name}")
    page.get_by_role("button", name="现场报到（名单上没有的人）").click()
    page.get_by_role("textbox", name="姓名", exact=True).fill("欧阳来")
    page.get_by_label("单位全称").fill(scene.firms[0].organisation.name)
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
    desk.context.set_offline(False)
    sent(page)
    desk.watch.expect_refusal(409, reverse("admin:rounds_day_receive", args=[scene.round.public_id]))
    expect(page.locator("#troubles")).to_contain_text("由赵四签到")
    guest = Attendee.objects.get(name="欧阳来")
    assert set(Attendee.objects.checked_in()) == {first, second, guest}
    page.locator("#q").fill(guest.name)
    badge = page.get_by_role("link", name=f"打印参会证 {guest.name}").get_attribute("href")
    assert page.request.get(desk.home + badge).body().startswith(b"%PDF")
    expect(page.locator("#offline")).to_be_hidden()

    desk.go(reverse("home")).get_by_role("button", name="退出").click()
    expect(page.get_by_role("group", name="账号").get_by_role("link", name="登录")).to_be_visible()
    desk.context.set_offline(True)
    desk.go(address, status=503)
    expect(page.locator("body")).to_contain_text("没有网络")
    assert third.name not in page.content()
    desk.context.set_offline(False)
