"""A guest answers on a telephone: who comes, with whom, when it is free, and which talks it accepts."""

from types import SimpleNamespace

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from rounds.models import Meeting, Party
from tests import factories as make
from tests.browser.conftest import PHONE
from tests.browser.test_pages import faults


@pytest.fixture
def world(transactional_db):
    docking_round = make.docking_round()
    make.slots(docking_round, 2)
    party = make.party(docking_round, answer="invited")
    office = make.party(docking_round, make.institution("大连北岸大学"))
    talk = make.meeting(party, office, firm_word="asked", institution_word="accepted", origin="office")
    return SimpleNamespace(party=party, talk=talk)


@pytest.mark.long
def test_a_guest_answers_and_accepts_a_talk_on_a_telephone(world, visit):
    visitor = visit(PHONE)
    page = visitor.go(reverse("rsvp", args=[world.party.code]))
    page.get_by_label("参加", exact=True).check()
    page.get_by_label("姓名").nth(0).fill("王五")
    page.get_by_label("姓名").nth(1).fill("赵六")
    page.get_by_text("随行、代替、饮食、无障碍").nth(1).tap()
    page.get_by_label("随行人员，不参加洽谈").nth(1).check()
    page.get_by_text("有的时段不能洽谈").tap()
    page.get_by_role("group", name="这些时段不能洽谈").get_by_role("checkbox").nth(1).check()
    page.get_by_role("button", name="提交答复").tap()
    expect(page.get_by_text("已记下：参加")).to_be_visible()
    page.get_by_role("link", name="现在答复").tap()
    expect(page.get_by_role("heading", name="1 场洽谈等您答复")).to_be_visible()
    assert faults(visitor) == []
    page.get_by_role("button", name="接受 和大连北岸大学的洽谈", exact=True).tap()
    expect(page.get_by_text("已接受。双方都接受后排进日程。")).to_be_visible()
    assert Meeting.objects.get().silent_sides == []
    party = Party.objects.get(pk=world.party.pk)
    assert party.aways.count() == 1
    assert list(party.attendees.values_list("name", "role")) == [("王五", "guest"), ("赵六", "companion")]
