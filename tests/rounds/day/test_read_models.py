"""Read models of the event day: own meetings, table schedules, free slots, guest list."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rounds.day.free_slots import free_slots
from rounds.day.guest_list import guest_list
from rounds.day.party_meetings import party_meetings
from rounds.day.signage import signage_rows
from rounds.day.tables import published_placements, table_schedules
from rounds.models import Meeting, Outcome, Party
from rounds.readiness import round_facts
from rounds.services.anonymous_numbers import assign_anonymous_numbers
from tests import factories as make
from tests.rounds.day.fixtures import running

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return running()


def anonymous_match(party_of_firm, school, **fields):
    """About a need that is published without the firm's name."""
    need = make.demand(
        firm=party_of_firm.organisation,
        **{"title": "大连海天齿轮的齿面磨损", "is_anonymous": True, "public_alias": "金普新区某齿轮企业"} | fields,
    )
    offer = make.achievement(institution=school.organisation)
    return make.match(demand=need, achievement=offer)


class TestPartyMeetings:
    def test_shows_current_and_next_own_meetings_only(self, event):
        talks = party_meetings(event.firms[0])
        assert [(meeting.when, meeting.other, meeting.table) for meeting in talks] == [
            ("now", "大连北岸大学", 1),
            ("next", "大连东港学院", 1),
        ]
        assert {meeting.meeting.firm_party_id for meeting in talks} == {event.firms[0].pk}

    def test_state_changes_with_time(self, event):
        def whens(minutes):
            return [
                meeting.when for meeting in party_meetings(event.firms[0], timezone.now() + timedelta(minutes=minutes))
            ]

        assert whens(-30) == ["next", "later"]
        assert whens(17) == ["past", "next"]
        assert whens(30) == ["past", "now"]
        assert whens(60) == ["past", "past"]

    def test_works_across_midnight(self):
        event = running(minutes=(-5, 24 * 60))
        assert [meeting.when for meeting in party_meetings(event.firms[0])] == ["now", "next"]

    def test_meeting_begun_late_is_current(self, event):
        Meeting.objects.filter(pk=event.meetings[0].pk).update(status="begun", begun_at=timezone.now())
        assert party_meetings(event.firms[0], timezone.now() + timedelta(minutes=18))[0].when == "now"

    def test_held_meeting_without_a_place_is_listed(self, event):
        event.timetable.placements.filter(meeting=event.meetings[0]).delete()
        Meeting.objects.filter(pk=event.meetings[0].pk).update(status="held")
        last = party_meetings(event.firms[0])[-1]
        assert (last.meeting, last.starts_at, last.is_open_for_outcome) == (event.meetings[0], None, True)

    def test_drafts_are_hidden(self, event):
        event.round.timetables.update(status="draft", published_at=None)
        assert party_meetings(event.firms[0]) == []

    def test_shows_only_the_own_outcome(self, event):
        Outcome.objects.create(meeting=event.meetings[0], side="office", verdict="no_fit", reason="price")
        assert party_meetings(event.firms[0])[0].outcome is None
        assert party_meetings(event.schools[0])[0].outcome.verdict == "no_fit"

    def test_anonymous_firm_is_hidden_until_both_sides_agreed(self, event):
        match = anonymous_match(event.firms[0], event.schools[0])
        Meeting.objects.filter(pk=event.meetings[0].pk).update(match=match)
        talk = party_meetings(event.schools[0])[0]
        assert (talk.other, talk.theirs) == ("匿名企业", "本企业的齿面磨损")
        now = timezone.now()
        make.follow_up(match, status="talks", agreed_at=now)
        assert party_meetings(event.schools[0])[0].other == "大连海天齿轮有限公司"

    def test_number_of_queries_is_fixed(self, event):
        def queries(party):
            with CaptureQueriesContext(
                connection,
            ) as seen:
                party_meetings(Party.objects.select_related("docking_round").get(pk=party.pk))
            return len(seen)

        few = queries(event.firms[0])
        for number in range(3):
            school = make.party(event.round, make.institution(f"大连{number}号学院"))
            meeting = make.meeting(
                event.firms[0], school, match=anonymous_match(event.firms[0], school, title=f"需求{number}")
            )
            event.timetable.placements.create(meeting=meeting, slot=event.slots[2], hall=event.hall, table=number + 1)
        assert queries(event.firms[0]) == few


class TestTables:
    def test_shows_current_and_next(self, event):
        first, second = table_schedules(published_placements(event.round), timezone.now())
        assert (first.table, first.now.meeting, first.next.meeting) == (1, event.meetings[0], event.meetings[1])
        assert (second.table, second.now.meeting, second.next.meeting) == (2, event.meetings[3], event.meetings[2])

    def test_signage_names_a_firm_by_what_each_meeting_is_about(self, event):
        """Its name at a table of a named meeting and its number at another have nothing in common."""
        Meeting.objects.filter(pk=event.meetings[0].pk).update(match=anonymous_match(event.firms[0], event.schools[0]))
        assign_anonymous_numbers(event.round)
        rows = signage_rows(event.round, None, timezone.now())
        text = " ".join(f"{row.now} {row.next}" for row in rows)
        number = Meeting.objects.get(pk=event.meetings[0].pk).anonymous_number
        assert text.count("大连海天齿轮有限公司") == 1
        assert text.count(f"匿名企业 {number:02d} × 大连北岸大学") == 1 and "某齿轮企业" not in text
        assert "大连云帆轴承有限公司 × 大连东港学院" in text

    def test_signage_hides_pairs_with_an_absent_side(self, event):
        Party.objects.filter(pk=event.firms[0].pk).update(absent_at=timezone.now())
        assert [(row.now, row.next) for row in signage_rows(event.round, event.hall, timezone.now())] == [
            ("大连云帆轴承有限公司 × 大连东港学院", "大连云帆轴承有限公司 × 大连北岸大学")
        ]

    def test_signage_of_a_single_hall(self, event):
        assert signage_rows(event.round, make.hall(event.round), timezone.now()) == []


class TestFreeSlots:
    def test_offers_the_best_present_and_free_pair(self, event):
        third = make.party(event.round, make.firm("大连新港阀门有限公司"))
        spare = make.meeting(third, event.schools[0], priority=3)
        make.meeting(third, make.party(event.round, make.institution("大连迟到大学"), absent_at=timezone.now()))
        Party.objects.filter(pk=event.firms[0].pk).update(absent_at=timezone.now())
        slots = free_slots(event.round, timezone.now())
        assert [(slot.place.meeting, slot.offers) for slot in slots] == [
            (event.meetings[0], [spare]),
            (event.meetings[1], []),  # the school sits elsewhere then, and no talk is offered twice
        ]

    @pytest.mark.parametrize(
        "fields", [{"most_meetings": 0}, {"leaves_in": 5}, {"arrives_in": 10}, {"answer": "declined"}]
    )
    def test_unavailable_parties_are_not_offered(self, event, fields):
        now = timezone.now()
        fields = dict(fields)
        if "leaves_in" in fields:
            fields["leaves_at"] = now + timedelta(minutes=fields.pop("leaves_in"))
        if "arrives_in" in fields:
            fields["arrives_at"] = now + timedelta(minutes=fields.pop("arrives_in"))
        third = make.party(event.round, make.firm("大连新港阀门有限公司"), **fields)
        make.meeting(third, event.schools[0])
        Party.objects.filter(pk=event.firms[0].pk).update(absent_at=now)
        assert free_slots(event.round, now)[0].offers == []

    def test_person_of_two_teams_is_not_offered_twice(self, event):
        team = make.party(event.round, event.schools[1].organisation, team="二队")
        make.attendee(team, same_as=event.people[3])
        make.meeting(make.party(event.round, make.firm("大连新港阀门有限公司")), team)
        Party.objects.filter(pk=event.firms[0].pk).update(absent_at=timezone.now())
        assert free_slots(event.round, timezone.now())[0].offers == []  # the person sits at table 2

    def test_party_is_not_offered_at_two_places_at_once(self, event):
        third = make.party(event.round, make.firm("大连新港阀门有限公司"))
        for number in range(2):
            make.meeting(third, make.party(event.round, make.institution(f"第{number}学院")))
        Party.objects.filter(pk__in=[firm.pk for firm in event.firms]).update(absent_at=timezone.now())
        at_once = [slot for slot in free_slots(event.round, timezone.now()) if slot.place.slot == event.slots[0]]
        assert [len(slot.offers) for slot in at_once] == [2, 0]

    def test_without_absences_no_place_is_free(self, event):
        assert free_slots(event.round, timezone.now()) == []


class TestGuestList:
    def test_lists_arrivals_without_codes(self, event):
        guests = guest_list(event.round, make.city_officer())
        assert len(guests["parties"]) == 4
        text = str(guests)
        assert not any(party.code in text for party in event.round.parties.all())

    def test_district_sees_its_firms(self, event):
        make.attendee(make.party(event.round, make.firm(region_code="gaoxin")), name="外区客人")
        rows = guest_list(event.round, make.district_officer("jinpu"))["parties"]
        assert {row["name"] for row in rows} == {str(firm) for firm in event.firms}

    def test_version_changes_on_check_in(self, event):
        officer = make.city_officer()
        before = guest_list(event.round, officer)["version"]
        assert guest_list(event.round, officer)["version"] == before
        event.people[0].checked_in_at = timezone.now()
        event.people[0].save()
        assert guest_list(event.round, officer)["version"] != before

    def test_parties_not_invited_are_missing(self, event):
        make.party(event.round, make.firm("大连未请企业有限公司"), answer="listed")
        assert "大连未请企业有限公司" not in str(guest_list(event.round, make.city_officer()))


def test_checklist_counts_published_meetings_not_begun(event):
    assert round_facts(event.round).not_begun == 4
    Meeting.objects.filter(pk=event.meetings[0].pk).update(status="held")
    Party.objects.filter(pk=event.schools[1].pk).update(absent_at=timezone.now())
    assert round_facts(event.round).not_begun == 1
