"""Parties that come and have no meeting: named, with partners from the stored matches, asked and placed."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from rounds.models import Meeting
from rounds.services.meeting_acceptance import answer_talk
from rounds.services.meetings import add_meeting
from rounds.services.publishing import publish_timetable
from rounds.services.unserved_parties import ask_partners, best_partners, fill_free_places, unserved_parties
from tests import factories as make
from tests.browser_client import one_line
from tests.rounds.rounds import planned, small_round

pytestmark = pytest.mark.long


@pytest.fixture
def world(db):
    """甲公司 meets 甲大学; 乙公司, 丙公司 and 乙大学 come without a meeting."""
    world = small_round(pairs=[(0, 0)])
    world.achievements = [
        make.achievement(title=f"成果{n}", institution=team.organisation) for n, team in enumerate(world.teams)
    ]
    world.demands = [make.demand(title=f"需求{n}", firm=party.organisation) for n, party in enumerate(world.firms)]
    for firm, team, score in ((1, 0, 81.0), (1, 1, 74.0), (2, 1, 66.0)):
        make.match(achievement=world.achievements[team], demand=world.demands[firm], score=score)
    make.match(
        achievement=world.achievements[0],
        demand=world.demands[2],
        score=90.0,
        status="rejected",
        reject_reason="field",
        reviewed_by=world.by,
        reviewed_at=timezone.now(),
    )
    world.draft = planned(world)
    return world


def names(rows) -> dict[str, list[str]]:
    return {str(row.party): [str(partner.party) for partner in row.partners] for row in rows}


def accepted(meetings, *, by) -> list[Meeting]:
    """The meetings, after each side has said on the telephone that it comes to them."""
    meetings = list(meetings)
    for meeting in meetings:
        for party in (meeting.firm_party, meeting.institution_party):
            answer_talk(meeting, party, accepts=True, by=by)
    return meetings


def test_parties_without_a_meeting_are_named_with_their_best_partners(world):
    rows = unserved_parties(world.draft)
    assert names(rows) == {"乙公司": ["甲大学", "乙大学"], "丙公司": ["乙大学"], "乙大学": ["乙公司", "丙公司"]}
    assert rows[0].partners[0].reason.startswith("匹配度 81（待审核）：")


def test_the_number_of_queries_does_not_grow(world, django_assert_num_queries):
    with django_assert_num_queries(7):
        unserved_parties(world.draft)


def test_one_click_asks_and_fills_free_places(world, signed_in):
    before = {place.meeting_id: (place.slot_id, place.table) for place in world.draft.placements.all()}
    address = reverse("admin:rounds_timetable_do", args=[world.round.pk])
    step = {"kind": "ask", "which": "all", "version": world.draft.number, "revision": 0}
    answer = signed_in(world.by).post(address, step, content_type="application/json").json()
    assert answer["message"].startswith("已提出 3 场洽谈，第 1 版草稿排上 0 场") and "同意后再排" in answer["message"]
    assert len(unserved_parties(world.draft)) == 3
    meetings = accepted(Meeting.objects.filter(origin="staff"), by=world.by)
    world.draft.refresh_from_db()
    assert fill_free_places(world.draft, meetings, by=world.by).placed == 3
    world.draft.refresh_from_db()
    assert unserved_parties(world.draft) == []
    after = {place.meeting_id: (place.slot_id, place.table) for place in world.draft.placements.all()}
    assert before.items() <= after.items() and len(after) == 4
    asked = Meeting.objects.get(firm_party=world.firms[2])
    assert (asked.topic, asked.origin) == ("成果1", "staff") and "匹配度 66（待审核）" in asked.why
    assert world.draft.best["served"] == 5


def test_a_published_version_stays_and_a_draft_shows_the_additions(world):
    publish_timetable(world.draft, revision=0, by=world.by)
    meetings = ask_partners(world.draft, best_partners(unserved_parties(world.draft))[:1], by=world.by)
    filled = fill_free_places(world.draft, accepted(meetings, by=world.by), by=world.by)
    assert (filled.draft.status, filled.draft.based_on) == ("draft", world.draft)
    assert (filled.placed, filled.moved, filled.cancelled) == (1, 0, 0)
    assert (world.draft.placements.count(), filled.draft.placements.count()) == (1, 2)


def test_a_pair_that_is_no_longer_proposed_and_other_staff_are_refused(world):
    pair = best_partners(unserved_parties(world.draft))[0]
    with pytest.raises(PermissionDenied):
        ask_partners(world.draft, [pair], by=make.district_officer())
    ask_partners(world.draft, [pair], by=world.by)
    with pytest.raises(ValidationError, match="已经变了"):
        ask_partners(world.draft, [pair], by=world.by)


def test_the_page_says_who_has_no_meeting_and_folds_empty_tables(world, signed_in):
    type(world.hall).objects.filter(pk=world.hall.pk).update(tables=40)
    text = one_line(signed_in(world.by).get(reverse("admin:rounds_timetable", args=[world.round.pk])).text)
    assert "来了却没有洽谈的 3 家单位" in text and "/ 5 家" in text
    assert "显示另外 38 张空桌" in text
    assert "乙公司" in text and "没有提出洽谈，可推荐 2 家" in text


def test_talks_accepted_after_the_plan_go_into_free_places(world, signed_in):
    talks = [add_meeting(world.round, world.firms[firm], world.teams[1], by=world.by) for firm in (1, 2)]
    world.draft.left_out.create(meeting=talks[0], reason="乙公司还没有接受")
    accepted(talks[:1], by=world.by)
    page = signed_in(world.by).get(reverse("admin:rounds_timetable", args=[world.round.pk]))
    assert page.context["board"].accepted == talks[:1], "the other waits for both sides"
    assert "双方已接受，可以放入空档" in page.text and "乙公司还没有接受" not in page.text
    alone = {str(row.party): row.reasons for row in page.context["board"].unserved}
    assert alone["乙公司"] == ["与乙大学：双方已接受，可以放入空档"]
    publish_timetable(world.draft, revision=0, by=world.by)
    address = reverse("admin:rounds_timetable_do", args=[world.round.pk])
    step = {"kind": "place", "version": world.draft.number}
    answer = signed_in(world.by).post(address, step, content_type="application/json").json()
    assert answer["message"] == "第 2 版草稿排上 1 场双方已接受的洽谈。"
    draft = world.round.timetables.get(number=2)
    assert draft.placements.filter(meeting=talks[0]).exists() and not draft.placements.filter(meeting=talks[1]).exists()
    refused = signed_in(world.by).post(address, step | {"version": 2}, content_type="application/json")
    assert refused.status_code == 409 and "没有双方都接受" in refused.json()["message"]
