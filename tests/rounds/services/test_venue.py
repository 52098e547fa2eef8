from datetime import time, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils.timezone import localdate

from rounds.models import HallWalk, RoundDocument, Slot
from rounds.services.documents import add_document, remove_document
from rounds.services.publishing import publish_timetable
from rounds.services.replanning import ClosedTable, replan
from rounds.services.venue import check_hall, check_slot, make_slots, save_walking_times
from tests import factories as make
from tests.achievements import uploads
from tests.rounds.rounds import planned, small_round
from tests.rounds.staff.test_rounds import filled


@pytest.fixture
def city(db):
    return make.city_officer()


@pytest.fixture
def docking_round(db):
    begin = make.noon(days=30) - timedelta(hours=3)
    return make.docking_round(starts_at=begin, ends_at=begin + timedelta(hours=8))


def made(docking_round, by, **options):
    values = {"begin": time(9, 0), "end": time(12, 0), "length": 25, "pause": 5, "breaks": "10:00-10:30"} | options
    return make_slots(docking_round, day=localdate(docking_round.starts_at), by=by, **values)


def test_slots_of_a_day_are_replaced(docking_round, city):
    assert len(made(docking_round, city)) == 5
    made(docking_round, city, breaks="", length=55)
    assert [str(slot) for slot in docking_round.slots.all()] == ["09:00–09:55", "10:00–10:55", "11:00–11:55"]
    with pytest.raises(PermissionDenied):
        made(docking_round, make.district_officer())


def test_slots_in_use_are_not_replaced(docking_round, city):
    slot = made(docking_round, city)[0]
    meeting = make.meeting(make.party(docking_round), make.party(docking_round, make.institution()))
    make.timetable(docking_round, {meeting: (slot, make.hall(docking_round), 1)}, published=False)
    with pytest.raises(ValidationError, match="已经排了洽谈"):
        made(docking_round, city, breaks="")
    assert Slot.objects.count() == 5


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"begin": time(8, 0)}, "要在活动时间"),
        ({"end": time(18, 0)}, "要在活动时间"),
        ({"begin": time(22, 0), "end": time(1, 0)}, "跨过午夜"),
        ({"breaks": "午饭"}, "看不懂休息时间"),
    ],
)
def test_impossible_slots_leave_the_old_ones(docking_round, city, options, words):
    made(docking_round, city)
    with pytest.raises(ValidationError, match=words):
        made(docking_round, city, **options)
    assert Slot.objects.count() == 5


def test_walking_times_are_saved_changed_and_removed(docking_round, city):
    first, other = make.hall(docking_round), make.hall(docking_round)
    save_walking_times(docking_round, {(other.pk, first.pk): 6}, by=city)
    assert (HallWalk.objects.get().hall, HallWalk.objects.get().minutes) == (first, 6)
    save_walking_times(docking_round, {(first.pk, other.pk): 4}, by=city)
    assert HallWalk.objects.get().minutes == 4
    for pair, minutes in (((first.pk, first.pk), 3), ((first.pk, make.hall(make.docking_round()).pk), 3)):
        with pytest.raises(ValidationError, match="两个不同场地"):
            save_walking_times(docking_round, {pair: minutes}, by=city)
    with pytest.raises(ValidationError, match="1 到 120"):
        save_walking_times(docking_round, {(first.pk, other.pk): 121}, by=city)
    save_walking_times(docking_round, {(first.pk, other.pk): None}, by=city)
    assert not HallWalk.objects.exists()


def test_document_type_follows_its_content(docking_round, city):
    document = add_document(docking_round, content=uploads.PDF, name="../通知.pdf", by=city, is_public=True)
    assert (document.name, document.content_type) == ("通知.pdf", "application/pdf")
    assert document.file.name.startswith("rounds/") and "通知" not in document.file.name
    for content, name, words in (
        (uploads.PDF, "再来.pdf", "已经上传过"),
        (b"<script>", "通知.pdf", "不是可以接收的类型"),
        (uploads.PDF + b"1", "机密★方案.pdf", "涉密文件"),
    ):
        with pytest.raises(ValidationError, match=words):
            add_document(docking_round, content=content, name=name, by=city)
    with pytest.raises(PermissionDenied):
        add_document(docking_round, content=uploads.PDF + b"2", name="a.pdf", by=make.district_officer())
    remove_document(document, by=city)
    assert RoundDocument.objects.kept().count() == 0 and document.file.storage.exists(document.file.name)
    with pytest.raises(ValidationError, match="已经移除"):
        remove_document(document, by=city)


# --- What the timetable in force uses ----------------------------------------------------------------------------
class TestInUse:
    @pytest.mark.long
    def test_tables_in_use_are_not_removed_and_the_remedy_is_named(self, db):
        world = small_round(firms=3, teams=3, tables=3, slots=3)
        timetable = planned(world)
        world.hall.tables = 1
        with pytest.raises(ValidationError) as refusal:
            check_hall(world.hall)
        assert "第 1 版草稿" in refusal.value.message and "放弃这一版" in refusal.value.message
        publish_timetable(timetable, revision=0, by=world.by)
        with pytest.raises(ValidationError) as refusal:
            check_hall(world.hall)
        words = refusal.value.message
        place = timetable.placements.filter(table__gt=1).order_by("slot__starts_at", "table").first()
        assert f"一号厅 {place.table} 号桌 {place.meeting}" in words
        assert "等 6 场洽谈" in words and "现场有变化" in words
        world.hall.tables = 3
        check_hall(world.hall)

    def test_table_can_be_removed_after_republishing(self, db):
        world = small_round(firms=2, teams=2, tables=2)
        publish_timetable(planned(world), revision=0, by=world.by)
        draft = replan(world.round, ClosedTable(world.hall, 2), by=world.by)
        publish_timetable(draft, revision=0, by=world.by)
        world.hall.tables = 1
        check_hall(world.hall)

    def test_slot_in_use_keeps_its_times(self, db):
        world = small_round(firms=2, teams=1, slots=3)
        timetable = planned(world)
        publish_timetable(timetable, revision=0, by=world.by)
        used = timetable.placements.order_by("slot__starts_at").select_related("slot").first().slot
        used.ends_at += timedelta(minutes=2)
        with pytest.raises(ValidationError, match="这个时段不能改时间：已发布的第 1 版日程里有 13:30 一号厅 1 号桌"):
            check_slot(used)
        free = next(slot for slot in world.slots if not timetable.placements.filter(slot=slot).exists())
        free.ends_at += timedelta(minutes=2)
        check_slot(free)

    @pytest.mark.long
    def test_page_of_halls_shows_the_refusal(self, signed_in):
        world = small_round(firms=2, teams=2, tables=2)
        publish_timetable(planned(world), revision=0, by=world.by)
        client = signed_in(world.by)
        path = reverse("admin:rounds_venue_places", args=[world.round.pk])
        page = client.get(path)
        form = filled(page.context["halls"]) | filled(page.context["slots"])
        page = client.post(path, form | {"halls-0-tables": "1"})
        assert page.status_code == 422
        assert "“一号厅”不能减到 1 张桌" in page.text
        world.hall.refresh_from_db()
        assert world.hall.tables == 2
        assert client.post(path, form | {"halls-0-tables": "5"}).status_code == 302
