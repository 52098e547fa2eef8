"""A guest answers on a phone with a code; staff see the board and what became of talks: whole at both widths."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime
from playwright.sync_api import expect

from matching.models import FollowUpCheck
from rounds.models import Outcome
from rounds.services.meeting_follow_up import follow_up_outcome
from rounds.services.targets import set_targets
from tests import factories as make
from tests.browser.conftest import PHONE
from tests.browser.test_pages import faults


def test_from_the_invitation_to_the_question_after_a_month(visit):
    city, district = make.city_officer(), make.district_officer()
    tomorrow = localtime() + timedelta(days=1)
    docking_round = make.docking_round(starts_at=tomorrow.replace(hour=9), ends_at=tomorrow.replace(hour=17))
    match = make.match(demand=make.demand(firm=make.firm()))
    party = make.party(
        docking_round, match.demand.firm, answer="invited", invited_at=timezone.now() - timedelta(days=9)
    )
    set_targets(
        docking_round, {(make.region("jinpu").pk, "coming"): 3, (make.region("gaoxin").pk, "invited"): 5}, by=city
    )

    staff = visit()
    page = staff.sign_in(city)
    staff.go(reverse("admin:rounds_board"))
    assert faults(staff) == []
    page.get_by_role("button", name="提醒金普新区").click()
    expect(page.get_by_text("已提醒：金普新区")).to_be_visible()
    for name in ("rounds_proposals", "rounds_targets"):
        staff.go(reverse(f"admin:{name}"))
        assert faults(staff) == []

    guest = visit(PHONE, javascript=False)
    page = guest.page
    guest.go("/r/")
    page.get_by_label("邀请码").fill(party.code.upper())
    page.get_by_role("button", name="打开邀请").click()
    page.get_by_label("参加", exact=True).check()
    page.get_by_role("button", name="提交答复").click()
    guest.watch.expect_refusal(422, f"/r/{party.code}/")
    expect(page.get_by_role("alert")).to_contain_text("至少填写一位")
    page.get_by_label("姓名").first.fill("王五")
    page.get_by_label("几点离场").fill("10:30")
    page.get_by_role("button", name="提交答复").click()
    expect(page.get_by_text("已记下：参加")).to_be_visible()

    meeting = make.meeting(party, make.party(docking_round, match.achievement.institution), match=match)
    Outcome.objects.create(meeting=meeting, side="office", verdict="go_on")
    follow_up_outcome(Outcome.objects.create(meeting=meeting, side="firm", verdict="go_on"))
    FollowUpCheck.objects.update(sent_at=timezone.now())
    check = FollowUpCheck.objects.get(kind="30")
    guest.go(f"/c/{check.code}/")
    page.get_by_role("radio", name="有进展", exact=True).check()
    page.get_by_role("button", name="提交答复").click()
    expect(page.get_by_text("已答复：有进展")).to_be_visible()

    staff.go(reverse("admin:deals_after"))
    assert faults(staff) == []
    firm = visit()
    firm.sign_in(make.firm_officer(party.organisation))
    firm.go(reverse("my_invitation", args=[party.public_id]))
    assert faults(firm) == []
    assert district.pk
