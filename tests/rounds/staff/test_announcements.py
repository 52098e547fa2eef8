"""Announcements to everybody there, the rule for late talks, and what tables, phones and screens show of both."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from notices.models import Notice
from rounds.models import Announcement, Meeting, SignageScreen, Timetable
from rounds.services.event_day import announce, withdraw_ended_announcements
from tests import factories as make
from tests.rounds.day.fixtures import running


@pytest.fixture
def event(db):
    return running()


def pages(event, signed_in) -> dict[str, str]:
    """What a guest's phone, the host of table 1 and the screen show."""
    screen = SignageScreen.objects.get_or_create(docking_round=event.round)[0]
    client = signed_in(make.city_officer())
    addresses = {
        "phone": reverse("party_day", args=[event.firms[0].code]),
        "table": reverse("admin:rounds_day_table", args=[f"{event.hall.pk}-1"]),
        "screen": reverse("signage", args=[screen.public_id]),
    }
    return {name: client.get(address + "?part=1").text for name, address in addresses.items()}


@pytest.mark.long
def test_announcement_reaches_all_pages_and_leaves_them(event, signed_in):
    user = make.firm_officer(event.firms[0].organisation)
    officer = make.city_officer()
    client, day = signed_in(officer), reverse("admin:rounds_day_day", args=[event.round.public_id])
    address = reverse("admin:rounds_day_announcements", args=[event.round.public_id])
    data = {"text": "午餐改在<二楼>西餐厅", "minutes": "30", "is_sent": "1"}
    assert "现场通知已发布" in client.post(address, data, follow=True).text
    for text in pages(event, signed_in).values():
        assert "午餐改在&lt;二楼&gt;西餐厅" in text
    notice = Notice.objects.get(recipient=user)
    assert "午餐改在<二楼>西餐厅" in notice.text and notice.path == reverse("my_day", args=[event.firms[0].public_id])

    Announcement.objects.update(
        made_at=timezone.now() - timedelta(hours=1), shown_until=timezone.now() - timedelta(seconds=1)
    )
    assert withdraw_ended_announcements() == 1 and withdraw_ended_announcements() == 0
    assert not Notice.objects.active().filter(recipient=user).exists()
    assert not any("西餐厅" in text for text in pages(event, signed_in).values())
    announcement = announce(event.round, text="三号厅停电", minutes=15, is_sent=False, by=officer)
    assert "三号厅停电" in client.get(day).text
    assert "已撤下" in client.post(address, {"withdraw": announcement.public_id}, follow=True).text
    assert not any("三号厅停电" in text for text in pages(event, signed_in).values())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"text": "  ", "minutes": "30"}, "请填写现场通知的内容"),
        ({"text": "好" * 81, "minutes": "30"}, "现在是 81 字"),
        ({"text": "开会了", "minutes": "9999"}, "显示时间请选 15、30、60 或 180 分钟"),
    ],
)
def test_faulty_announcement_is_refused_with_a_reason(event, signed_in, data, words):
    address = reverse("admin:rounds_day_announcements", args=[event.round.public_id])
    assert words in signed_in(make.city_officer()).post(address, data, follow=True).text
    assert not Announcement.objects.exists()


def test_who_does_not_lead_the_round_neither_announces_nor_changes_the_rule(event, signed_in):
    client = signed_in(make.district_officer("jinpu"))
    place = [event.round.public_id]
    for name in ("announcements", "late_rule"):
        address = reverse(f"admin:rounds_day_{name}", args=place)
        data = {"text": "开会了", "minutes": "30", "kind": "shorten", "min_minutes": "5"}
        assert client.post(address, data).status_code == 403
    assert "怎么办" not in client.get(reverse("admin:rounds_day_day", args=place)).text


def test_late_talk_is_shifted_or_shortened_everywhere_by_the_rule(event, signed_in):
    """The talk of table 1 began five minutes after its slot; the next one is ten minutes after the slot's end."""
    first = event.meetings[0]
    Meeting.objects.filter(pk=first.pk).update(status="begun", begun_at=event.slots[0].starts_at + timedelta(minutes=5))
    shown = pages(event, signed_in)
    assert all("晚开始 5 分钟，顺延到" in shown[name] for name in ("phone", "table"))
    ends_at = event.slots[0].ends_at + timedelta(minutes=5)
    assert f'data-ends-at="{int(ends_at.timestamp())}"' in shown["screen"]
    address = reverse("admin:rounds_day_late_rule", args=[event.round.public_id])
    client = signed_in(make.city_officer())
    refused = client.post(address, {"kind": "shorten", "min_minutes": "0"}, follow=True)
    assert "至少洽谈分钟数请填 1 到 120" in refused.text
    client.post(address, {"kind": "shorten", "min_minutes": "5"})
    shown = pages(event, signed_in)
    assert all("晚开始 5 分钟，缩短为 15 分钟" in shown[name] for name in ("phone", "table"))
    assert f'data-ends-at="{int(event.slots[0].ends_at.timestamp())}"' in shown["screen"]


def test_screen_marks_what_a_new_version_changed(event, signed_in):
    assert "有变动" not in pages(event, signed_in)["screen"]
    Timetable.objects.update(status="replaced")
    moved = event.placed | {event.meetings[3]: (event.slots[0], event.hall, 3)}
    make.timetable(event.round, moved)
    assert pages(event, signed_in)["screen"].count("有变动") == 1
