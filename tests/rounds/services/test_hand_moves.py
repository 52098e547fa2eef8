"""A new plan keeps what staff changed by hand, unless it is told to release it."""

from copy import deepcopy

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from rounds.planning.hand_moves import hand_moves_of
from rounds.services.meeting_moves import move_meeting, remove_meeting
from tests import factories as make
from tests.kept_rows import kept_rows
from tests.rounds.rounds import planned, small_round

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker):
    with kept_rows(django_db_blocker):
        world = small_round()
        world.first = planned(world)
        yield world


@pytest.fixture
def changed(db, kept):
    """A draft in which one meeting was moved to a free table and another one taken out."""
    world = deepcopy(kept)
    used = set(world.first.placements.values_list("slot", "table"))
    moved, removed = world.first.placements.order_by("pk")[:2]
    world.moved, world.removed = moved.meeting, removed.meeting
    draft = remove_meeting(world.first, world.removed, revision=0, by=world.by)
    busy = world.first.placements.filter(
        meeting__in=[m for m in world.meetings if {m.firm_party_id, m.institution_party_id} & parties(world.moved)]
    ).values_list("slot", flat=True)
    slot = next(slot for slot in reversed(world.slots) if slot.pk not in busy and (slot.pk, 2) not in used)
    world.draft = move_meeting(draft, world.moved, slot=slot, hall=world.hall, table=2, revision=1, by=world.by)
    world.place = (slot.pk, 2)
    return world


def parties(meeting) -> set[int]:
    return {meeting.firm_party_id, meeting.institution_party_id}


def place_of(timetable, meeting):
    return timetable.placements.filter(meeting=meeting).values_list("slot", "table").first()


def test_an_unlocked_hand_move_and_a_removal_survive_a_new_plan(changed):
    again = planned(changed, based_on=changed.draft)
    assert again.status == "draft", again.problems
    assert place_of(again, changed.moved) == changed.place
    assert place_of(again, changed.removed) is None
    assert [move.meeting for move in hand_moves_of(again)] == [changed.moved, changed.removed]
    once_more = planned(changed, based_on=again)
    assert place_of(once_more, changed.moved) == changed.place


def test_a_released_move_is_planned_anew(changed):
    again = planned(changed, based_on=changed.draft, released=[changed.moved.pk, changed.removed.pk])
    assert hand_moves_of(again) == []
    assert again.placements.count() == 6


def test_the_page_lists_the_moves_with_a_choice_for_each(changed, signed_in):
    text = signed_in(changed.by).get(reverse("admin:rounds_timetable", args=[changed.round.pk])).text
    assert "手工改动 2 处" in text and "移出，不安排" in text
    assert f'value="{changed.moved.public_id}"' in text


def test_refusals_tell_two_meetings_of_one_pair_apart_by_their_topics(db):
    world = small_round(firms=1, teams=1, tables=2, slots=2)
    first = world.meetings[0]
    type(first).objects.filter(pk=first.pk).update(topic="海水阀防腐")
    demand = make.demand(firm=world.firms[0].organisation)
    second = make.meeting(world.firms[0], world.teams[0], unmatched_demand=demand, topic="叶轮减振")
    draft = planned(world)
    place = draft.placements.get(meeting=first)
    with pytest.raises(ValidationError, match=r"（海水阀防腐）”到“.*（叶轮减振）|（叶轮减振）”到“.*（海水阀防腐）"):
        move_meeting(draft, second, slot=place.slot, hall=world.hall, table=3 - place.table, revision=0, by=world.by)
