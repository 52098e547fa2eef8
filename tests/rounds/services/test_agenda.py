import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from icalendar import Calendar

from audit.models import AuditRecord
from calendars.ical import write_calendar
from rounds.calendar_events import agenda_event
from rounds.models import AgendaItem
from rounds.services.agenda import drop_agenda_item, save_agenda_item
from tests import factories as make

SITE = "https://example.cn"


@pytest.fixture
def city(db):
    return make.city_officer()


@pytest.fixture
def docking_round(db):
    """From nine to five on a day to come, so that nothing crosses midnight whenever the tests run."""
    begin = make.noon(days=30) - timedelta(hours=3)
    return make.docking_round(name="冬季对接会", starts_at=begin, ends_at=begin + timedelta(hours=8), place="会展中心")


def drafted(docking_round, *, after=0, minutes=30, **fields) -> AgendaItem:
    begin = docking_round.starts_at + timedelta(minutes=after)
    values = {"kind": "policy", "title": "政策解读", "starts_at": begin, "ends_at": begin + timedelta(minutes=minutes)}
    return AgendaItem(docking_round=docking_round, **values | fields)


def refused(item, by, **people) -> str:
    with pytest.raises(ValidationError) as refusal:
        save_agenda_item(item, by=by, **people)
    return "".join(refusal.value.messages)


def test_item_is_saved_with_people_and_its_sequence_grows(docking_round, city):
    party = make.party(docking_round)
    person = make.attendee(party, name="王示例")
    item = save_agenda_item(drafted(docking_round), by=city, parties=[party], speakers=[person])
    assert (item.sequence, list(item.parties.all()), list(item.speakers.all())) == (0, [party], [person])
    same = AgendaItem.objects.get(pk=item.pk)
    save_agenda_item(same, by=city, parties=[party], speakers=[person])
    assert AgendaItem.objects.get().sequence == 0
    same.title = "开场致辞"
    save_agenda_item(same, by=city, parties=[party])
    assert AgendaItem.objects.get().sequence == 1
    first, second = AuditRecord.objects.filter(object_type="rounds.agendaitem").order_by("pk")
    assert second.changes == {"title": ["政策解读", "开场致辞"], "speakers": [["王示例"], []]}
    assert first.changes["parties"] == [[], [str(party)]]


def test_only_city_staff_edit_the_agenda(docking_round):
    with pytest.raises(PermissionDenied):
        save_agenda_item(drafted(docking_round), by=make.district_officer())
    assert not AgendaItem.objects.exists()


def test_conflicts_of_person_hall_and_pitch_are_named(docking_round, city):
    hall, achievement = make.hall(docking_round, name="报告厅"), make.achievement(title="正极材料")
    party = make.party(docking_round)
    person = make.attendee(party, name="王示例")
    first = drafted(docking_round, kind="pitch", title="推介", hall=hall, achievement=achievement)
    save_agenda_item(first, by=city, speakers=[person])
    again = drafted(docking_round, after=10, kind="pitch", title="再推", hall=hall, achievement=achievement)
    words = refused(again, city, attendees=[person])
    assert "都在报告厅" in words and "都推介“正极材料”" in words and "王示例要同时参加" in words
    assert f"{party}要同时参加" in refused(drafted(docking_round, after=10), city, parties=[party])
    save_agenda_item(drafted(docking_round, after=30, hall=hall), by=city, attendees=[person])


def test_person_of_two_teams_conflicts_with_themselves(docking_round, city):
    mine = make.attendee(make.party(docking_round), name="王示例")
    also = make.attendee(make.party(docking_round), name="王示例", same_as=mine)
    save_agenda_item(drafted(docking_round), by=city, attendees=[mine])
    assert "王示例要同时参加" in refused(drafted(docking_round, title="推介"), city, attendees=[also])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"after": -60}, "议程要在活动时间"),
        ({"after": 460}, "议程要在活动时间"),
        ({"minutes": 60 * 20}, "不能跨过午夜"),
        ({"minutes": -10}, "结束时间要晚于开始时间"),
        ({"title": ""}, "不能为空"),
    ],
)
def test_impossible_times_are_refused(docking_round, city, fields, words):
    assert words in refused(drafted(docking_round, **fields), city)


def test_halls_and_people_of_another_round_are_refused(docking_round, city):
    other = make.docking_round()
    assert "不属于本次活动" in refused(drafted(docking_round, hall=make.hall(other)), city)
    assert "不在本次活动的参会名单里" in refused(drafted(docking_round), city, parties=[make.party(other)])


def test_achievement_needs_the_kind_pitch(docking_round, city):
    assert "只有“推介”" in refused(drafted(docking_round, achievement=make.achievement()), city)


def test_closed_round_has_no_agenda_changes(city):
    over = make.docking_round(status="closed", closed_at=make.noon(), match_run=make.match_run())
    assert "已经结束" in refused(drafted(over), city)


def test_dropped_item_frees_its_hall_and_stays_in_calendars(docking_round, city):
    hall = make.hall(docking_round)
    item = save_agenda_item(drafted(docking_round, hall=hall), by=city)
    with pytest.raises(ValidationError, match="说明原因"):
        drop_agenda_item(item, " ", by=city)
    drop_agenda_item(item, "讲者生病", by=city)
    with pytest.raises(ValidationError, match="已经取消了"):
        drop_agenda_item(item, "再取消", by=city)
    save_agenda_item(drafted(docking_round, hall=hall, title="另一项"), by=city)
    assert "已经取消" in refused(item, city)
    items = AgendaItem.objects.for_calendars(city).with_people()
    calendar = Calendar.from_ical(write_calendar(map(agenda_event, items), address=SITE))
    states = {str(event["summary"]): str(event.get("status")) for event in calendar.walk("VEVENT")}
    assert states["政策解读：政策解读"] == "CANCELLED" and states["政策解读：另一项"] == "CONFIRMED"


def test_calendar_entry_keeps_its_uid_and_its_sequence_grows(docking_round, city):
    item = save_agenda_item(
        drafted(docking_round, guests="李示例 市科技局处长", hall=make.hall(docking_round, name="报告厅")), by=city
    )

    def event():
        item = AgendaItem.objects.with_people().get()
        (entry,) = Calendar.from_ical(write_calendar([agenda_event(item)], address=SITE)).walk("VEVENT")
        return entry

    before = event()
    item.starts_at += timedelta(minutes=15)
    item.ends_at += timedelta(minutes=15)
    save_agenda_item(item, by=city)
    after = event()
    assert before["uid"] == after["uid"] and item.public_id in after["uid"]
    assert (before["sequence"], after["sequence"]) == (0, 1)
    assert after.start - before.start == timedelta(minutes=15)
    assert str(after["location"]) == "会展中心 报告厅"
    assert "发言：李示例（市科技局处长）" in str(after["description"])


@pytest.mark.django_db(transaction=True)
def test_simultaneous_items_in_a_hall_leave_one():
    city = make.city_officer()
    begin = make.noon(days=30)
    docking_round = make.docking_round(starts_at=begin, ends_at=begin + timedelta(hours=4))
    hall, answers, ready = make.hall(docking_round, name="报告厅"), [], threading.Barrier(2)

    def take(title):
        item = drafted(docking_round, title=title, hall=hall)
        ready.wait(10)
        try:
            save_agenda_item(item, by=city)
            answers.append("kept")
        except ValidationError as error:
            answers.append("".join(error.messages))
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(title,)) for title in ("推介", "表彰")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert AgendaItem.objects.count() == 1
    kept, refusal = sorted(answers, key=len)
    assert kept == "kept" and "都在报告厅" in refusal
