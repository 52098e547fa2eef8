from datetime import time, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.timezone import localdate

from docking.models import HallWalk, RoundDocument, Slot
from docking.services import add_document, keep_walks, make_slots, remove_document
from tests import factories as make
from tests.achievements import uploads


@pytest.fixture
def city(db):
    return make.city_officer()


@pytest.fixture
def held(db):
    begin = make.noon(days=30) - timedelta(hours=3)
    return make.docking_round(starts_at=begin, ends_at=begin + timedelta(hours=8))


def made(held, by, **said):
    values = {"begin": time(9, 0), "end": time(12, 0), "length": 25, "pause": 5, "breaks": "10:00-10:30"} | said
    return make_slots(held, day=localdate(held.starts_at), by=by, **values)


def test_turns_of_a_day_replace_those_it_had(held, city):
    assert len(made(held, city)) == 5
    made(held, city, breaks="", length=55)
    assert [str(slot) for slot in held.slots.all()] == ["09:00–09:55", "10:00–10:55", "11:00–11:55"]
    with pytest.raises(PermissionDenied):
        made(held, make.district_officer())


def test_turns_that_hold_meetings_stay(held, city):
    slot = made(held, city)[0]
    meeting = make.meeting(make.party(held), make.party(held, make.institution()))
    make.timetable(held, {meeting: (slot, make.hall(held), 1)}, published=False)
    with pytest.raises(ValidationError, match="已经排了洽谈"):
        made(held, city, breaks="")
    assert Slot.objects.count() == 5


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"begin": time(8, 0)}, "要在活动时间"),
        ({"end": time(18, 0)}, "要在活动时间"),
        ({"begin": time(22, 0), "end": time(1, 0)}, "跨过午夜"),
        ({"breaks": "午饭"}, "看不懂休息时间"),
    ],
)
def test_turns_that_cannot_be_leave_the_old_ones(held, city, said, words):
    made(held, city)
    with pytest.raises(ValidationError, match=words):
        made(held, city, **said)
    assert Slot.objects.count() == 5


def test_ways_between_halls_are_kept_changed_and_taken_away(held, city):
    one, other = make.hall(held), make.hall(held)
    keep_walks(held, {(other.pk, one.pk): 6}, by=city)
    assert (HallWalk.objects.get().one, HallWalk.objects.get().minutes) == (one, 6)
    keep_walks(held, {(one.pk, other.pk): 4}, by=city)
    assert HallWalk.objects.get().minutes == 4
    for pair, minutes in (((one.pk, one.pk), 3), ((one.pk, make.hall(make.docking_round()).pk), 3)):
        with pytest.raises(ValidationError, match="两个不同场地"):
            keep_walks(held, {pair: minutes}, by=city)
    with pytest.raises(ValidationError, match="1 到 120"):
        keep_walks(held, {(one.pk, other.pk): 121}, by=city)
    keep_walks(held, {(one.pk, other.pk): None}, by=city)
    assert not HallWalk.objects.exists()


def test_a_document_is_what_its_content_says(held, city):
    document = add_document(held, content=uploads.PDF, name="../通知.pdf", by=city, is_public=True)
    assert (document.name, document.content_type) == ("通知.pdf", "application/pdf")
    assert document.file.name.startswith("rounds/") and "通知" not in document.file.name
    for content, name, words in (
        (uploads.PDF, "再来.pdf", "已经上传过"),
        (b"<script>", "通知.pdf", "不是可以接收的类型"),
        (uploads.PDF + b"1", "机密★方案.pdf", "涉密文件"),
    ):
        with pytest.raises(ValidationError, match=words):
            add_document(held, content=content, name=name, by=city)
    with pytest.raises(PermissionDenied):
        add_document(held, content=uploads.PDF + b"2", name="a.pdf", by=make.district_officer())
    remove_document(document, by=city)
    assert RoundDocument.objects.kept().count() == 0 and document.file.storage.exists(document.file.name)
    with pytest.raises(ValidationError, match="已经移除"):
        remove_document(document, by=city)
