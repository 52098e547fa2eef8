"""The thread, the times of a talk, the end and the clock of an approach."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from icalendar import Calendar

from calendars.ical import write_calendar
from core.workdays import add_workdays
from enquiries.calendar_events import talk_event
from enquiries.models import Approach, ApproachFile
from enquiries.services.clock import remind_recipient, run_clock
from enquiries.services.closing import end_approach
from enquiries.services.docking import name_firm
from enquiries.services.talks import cancel_talk, choose_time, clashing_talks, propose_times
from enquiries.services.thread import mark_read, post_message
from enquiries.tasks import remind_of_approaches
from notices.models import Notice
from tests import factories as make

pytestmark = pytest.mark.django_db
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa75\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82"
)


@pytest.fixture
def approach():
    return make.approach(is_anonymous=True)


@pytest.fixture
def office(approach):
    return make.institution_officer(approach.institution)


def at(hours: int):
    return (timezone.now() + timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0)


def test_states_as_both_sides_see_them(approach, office):
    mark_read(approach, by=make.city_officer())
    assert approach.status == "sent"
    mark_read(approach, by=office)
    read_at = approach.read_at
    mark_read(approach, by=make.institution_officer(approach.institution))
    assert (approach.status, approach.read_at) == ("read", read_at)
    post_message(approach, text="可以，请先说明工况。", by=office)
    assert (approach.status, approach.first_answered_at is not None) == ("answered", True)
    message = approach.messages.get()
    assert message.read_at is None
    mark_read(approach, by=approach.created_by)
    message.refresh_from_db()
    assert message.read_at is not None
    end_approach(approach, reason="terms", note="价格相差太大", by=approach.created_by)
    assert (approach.status, approach.ended_side, approach.end_reason) == ("ended", "firm", "terms")
    for late in (
        lambda: post_message(approach, text="再谈谈？", by=office),
        lambda: end_approach(approach, reason="other", note="再次", by=office),
        lambda: propose_times(approach, starts=[at(30)], minutes=60, place="会议室", by=office),
    ):
        with pytest.raises(ValidationError, match="结束"):
            late()


def test_files_are_checked_and_only_the_sides_and_their_staff_see_them(approach, office):
    firm_user = approach.created_by
    with pytest.raises(ValidationError, match="匿名时不能发附件"):
        post_message(approach, text="见附件。", by=firm_user, uploads=[("图.png", PNG)])
    for name, content, message in (
        ("a.exe", b"MZ" + b"0" * 100, "不是可以接收"),
        ("图.pdf", PNG, "扩展名"),
        ("机密★.png", PNG, "涉密"),
    ):
        with pytest.raises(ValidationError, match=message):
            post_message(approach, text="见附件。", by=office, uploads=[(name, content)])
    assert not ApproachFile.objects.exists() and approach.messages.count() == 0
    post_message(approach, text="见附件。", by=office, uploads=[("../../图.png", PNG)])
    stored = ApproachFile.objects.get()
    assert stored.name == "图.png" and "图" not in stored.file.name
    assert set(ApproachFile.objects.visible_to(firm_user)) == {stored}
    for stranger in (make.firm_officer(), make.institution_officer(make.institution("别的院校"))):
        assert not ApproachFile.objects.visible_to(stranger)
        with pytest.raises(PermissionDenied):
            post_message(approach, text="我也问问。", by=stranger)
    with pytest.raises(PermissionDenied):  # staff read, they do not write
        post_message(approach, text="请抓紧。", by=make.district_officer())
    name_firm(approach, by=firm_user)
    assert post_message(approach, text="现在可以发了。", by=firm_user, uploads=[("图.png", PNG)]).files.count() == 1


def test_one_side_proposes_times_and_the_other_picks_one(approach, office):
    firm_user = approach.created_by
    times = propose_times(approach, starts=[at(50), at(30), at(30)], minutes=60, place="网络会议", by=office)
    assert [talk.starts_at for talk in times] == [at(30), at(50)]
    assert approach.status == "answered"  # an offer of times is an answer
    with pytest.raises(PermissionDenied):
        choose_time(times[0], by=office)
    choose_time(times[1], by=firm_user)
    approach.refresh_from_db()
    times[0].refresh_from_db()
    assert (approach.status, times[0].status, times[1].status) == ("talk", "dropped", "chosen")
    with pytest.raises(ValidationError, match="不能选"):
        choose_time(times[0], by=firm_user)
    with pytest.raises(ValidationError, match="先取消"):
        propose_times(approach, starts=[at(70)], minutes=60, place="网络会议", by=firm_user)
    content = write_calendar([talk_event(times[1], office)], address="https://x.test")
    (entry,) = Calendar.from_ical(content).walk("VEVENT")
    assert entry.decoded("dtstart") == times[1].starts_at and str(entry["status"]) == "CONFIRMED"
    cancel_talk(times[1], by=office)
    approach.refresh_from_db()
    assert approach.status == "answered"
    for starts, message in (
        ([], "1 到 3"),
        ([at(i) for i in range(30, 34)], "1 到 3"),
        ([at(-3)], "过去"),
        ([at(24 * 200)], "太远"),
    ):
        with pytest.raises(ValidationError, match=message):
            propose_times(approach, starts=starts, minutes=60, place="网络会议", by=office)


def test_a_clash_with_another_talk_of_the_own_organisation_is_told(approach, office):
    other = make.approach(achievement=make.achievement(institution=approach.institution))
    taken = propose_times(other, starts=[at(30)], minutes=60, place="网络会议", by=office)[0]
    choose_time(taken, by=other.created_by)
    touching, overlapping = propose_times(approach, starts=[at(31), at(30)], minutes=60, place="网络会议", by=office)[
        ::-1
    ]
    assert clashing_talks(approach.institution, overlapping) == [taken]
    assert clashing_talks(approach.institution, touching) == []
    assert clashing_talks(approach.firm, overlapping) == []


def test_the_clock_reminds_then_tells_the_district_then_the_city_each_once(approach, office):
    district, city = make.district_officer(), make.city_officer()
    today = timezone.localdate()

    def due(day):
        Approach.objects.filter(pk=approach.pk).update(answer_due_on=day)
        remind_of_approaches()
        again = run_clock()
        assert again == 0
        return {(notice.recipient, notice.key.split(" ", 2)[2]) for notice in Notice.objects.filter(kind="approach")}

    assert not due(add_workdays(today, 4))
    reminded = {(office, "reminder")}
    assert due(add_workdays(today, 2)) == reminded
    assert due(today - timedelta(days=1)) == reminded | {(district, "district")}
    assert due(today - timedelta(days=20)) == reminded | {(district, "district"), (city, "city")}
    assert set(Approach.objects.late()) == {approach}
    remind_recipient(approach, by=district)
    with pytest.raises(ValidationError, match="今天已经提醒过"):
        remind_recipient(approach, by=city)
    for outsider in (make.district_officer("gaoxin"), make.auditor(), approach.created_by):
        with pytest.raises(PermissionDenied):
            remind_recipient(approach, by=outsider)
    post_message(approach, text="抱歉迟复，可以谈。", by=office)
    assert not Approach.objects.late() and run_clock() == 0
