"""The secret calendar link: one per user, ended at once, never logged; an anonymous firm has no name in it."""

import logging
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from audit.models import AuditRecord
from calendars import sources
from calendars.models import CalendarFeed
from calendars.services.feeds import make_feed
from enquiries.models import Approach
from enquiries.services.sending import send_enquiry
from enquiries.services.talks import cancel_talk, choose_time, propose_times
from matching.models import FollowUp, SideResponse
from rounds.models import Meeting
from tests import factories as make
from tests.concurrency import run_both

pytestmark = pytest.mark.django_db
NAME = "大连藏龙轴承有限公司"


@pytest.fixture
def placed():
    """A published meeting of an institution with an anonymous firm, which both sides are also asked about."""
    firm = make.firm(NAME)
    demand = make.demand(firm=firm, is_anonymous=True, public_alias="大连市某企业（代号云帆）", title="轴承寿命短")
    match = make.match(demand=demand, status="accepted", reviewed_by=make.city_officer(), reviewed_at=timezone.now())
    follow_up = FollowUp.objects.create(match=match, owner=match.reviewed_by)
    for side in ("firm", "office"):
        SideResponse.objects.create(follow_up=follow_up, side=side, due_on=timezone.localdate() + timedelta(days=3))
    docking_round = make.docking_round(status="gathering")
    parties = make.party(docking_round, firm), make.party(docking_round, match.achievement.institution)
    meeting = make.meeting(*parties, match=match)
    make.timetable(docking_round, {meeting: (make.slots(docking_round, 2)[0], make.hall(docking_round), 2)})
    return meeting


def address(user) -> str:
    return reverse("calendar_feed", args=[make_feed(by=user)])


def entries(response) -> dict[str, object]:
    assert response.status_code == 200
    return {str(event["uid"]): event for event in Calendar.from_ical(response.content).walk("VEVENT")}


def test_each_side_reads_its_meetings_and_deadlines_and_no_name_of_an_anonymous_firm(placed, client):
    office = make.institution_officer(placed.match.achievement.institution)
    response = client.get(address(office))
    events = entries(response)
    meeting = events[f"meeting-{placed.public_id}@dalian-techtransfer"]
    begins = placed.placements.get().slot.starts_at.replace(microsecond=0)
    assert meeting["dtstart"].dt == begins and "2 号桌" in meeting["location"]
    deadlines = [str(event["summary"]) for uid, event in events.items() if uid.startswith("answer-")]
    assert deadlines == ["答复期限：轴承寿命短"]
    text = response.content.decode().replace("\r\n ", "")
    assert "藏龙" not in text and "testserver/workbench/" in text
    firm = entries(client.get(address(make.firm_officer(placed.match.demand.firm))))
    assert firm.keys() & events.keys() == {f"meeting-{placed.public_id}@dalian-techtransfer"}
    assert not entries(client.get(address(make.institution_officer(make.institution("大连海事大学")))))
    assert not entries(client.get(address(make.city_officer())))


def test_the_same_content_is_not_sent_twice_and_a_change_has_a_higher_sequence(placed, client):
    url = address(make.institution_officer(placed.match.achievement.institution))
    first = client.get(url)
    assert client.get(url).content == first.content
    assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert "private" in first["Cache-Control"] and first["Referrer-Policy"] == "same-origin"
    uid = f"meeting-{placed.public_id}@dalian-techtransfer"
    hall, slot = placed.placements.get().hall, placed.docking_round.slots.last()
    placed.docking_round.timetables.update(status="replaced")
    make.timetable(placed.docking_round, {placed: (slot, hall, 1)})
    changed = client.get(url, headers={"If-None-Match": first["ETag"]})
    assert entries(changed)[uid]["sequence"] > entries(first)[uid]["sequence"]
    Meeting.objects.filter(pk=placed.pk).update(status="missed")
    assert entries(client.get(url))[uid]["status"] == "CANCELLED"


def test_one_link_per_user_that_ends_at_once_and_is_stored_as_a_digest(client):
    user = make.user()
    old, new = address(user), address(user)
    assert (client.get(old).status_code, client.get(new).status_code) == (404, 200)
    secret = new.split("/")[2]
    assert secret not in str(CalendarFeed.objects.values()) and secret not in str(AuditRecord.objects.values())
    user.is_active = False
    user.save()
    assert client.get(new).status_code == 404
    user.is_active = True
    user.save()
    client.force_login(user)
    client.post(reverse("calendar_end"))
    assert client.get(new).status_code == 404


def test_the_secret_is_in_no_log_line_whatever_happens(client, caplog, monkeypatch, settings):
    user = make.user()
    url = address(user)
    wrong = url.replace(url.split("/")[2], "wrong-secret-of-somebody")
    caplog.set_level(logging.DEBUG)
    client.get(wrong)
    client.get(url)

    def fail(_user):
        raise RuntimeError("source is broken")

    monkeypatch.setitem(sources._sources, "broken", fail)
    assert client.get(url).status_code == 503
    strict = Client(enforce_csrf_checks=True)
    assert [strict.post(url).status_code, strict.generic("PROPFIND", url).status_code] == [405, 405]
    lines = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records)
    assert "wrong-secret" not in lines and url.split("/")[2] not in lines
    assert "source is broken" in lines


def test_the_page_shows_a_link_once_and_only_a_post_makes_one(client):
    client.force_login(make.user())
    page = reverse("calendar")
    assert "webcal://" not in client.get(page).text and not CalendarFeed.objects.exists()
    made = client.post(page)
    assert "webcal://testserver/calendar/" in made.text and "no-store" in made["Cache-Control"]
    assert "webcal://" not in client.get(page).text


def test_guessing_and_reading_without_end_are_throttled(client, monkeypatch):
    for _ in range(21):
        response = client.get(reverse("calendar_feed", args=["guess"]))
    assert response.status_code == 429
    url = address(make.user())
    monkeypatch.setattr("calendars.views.public.feed.MOST_READINGS", 2)
    assert [client.get(url, REMOTE_ADDR="10.9.8.7").status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.django_db(transaction=True)
def test_two_windows_at_the_same_moment_leave_one_link(client):
    user = make.user()
    secrets = run_both(lambda: make_feed(by=user), lambda: make_feed(by=user))
    codes = [client.get(reverse("calendar_feed", args=[secret])).status_code for secret in secrets]
    assert sorted(codes) == [200, 404]


def test_talks_and_answers_due_of_approaches(client):
    firm = make.firm(NAME)
    firm_user, achievement = make.firm_officer(firm), make.achievement()
    office = make.institution_officer(achievement.institution)
    approach = send_enquiry(
        achievement,
        firm=firm,
        purpose=Approach.FIRM_PURPOSES[0],
        text="能在零下使用吗？",
        by=firm_user,
        is_anonymous=True,
    )
    url = address(office)
    assert entries(client.get(url)).keys() == {f"approach-{approach.public_id}@dalian-techtransfer"}
    starts = timezone.now() + timedelta(days=3)
    [talk] = propose_times(approach, starts=[starts], minutes=60, place="视频会议", by=office)
    assert not entries(client.get(url))
    choose_time(talk, by=firm_user)
    response = client.get(url)
    [event] = entries(response).values()
    assert str(event["uid"]).startswith(f"talk-{talk.public_id}@") and event["location"] == "视频会议"
    assert "藏龙" not in response.content.decode().replace("\r\n ", "")
    cancel_talk(talk, by=office)
    [event] = entries(client.get(url)).values()
    assert (event["status"], event["sequence"]) == ("CANCELLED", 1)
