"""Staff pages of rounds: checklist, calendar, venue, agenda; contents, forms and numbers of queries."""

from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.timezone import localdate

from audit.models import AuditRecord
from rounds.models import AgendaItem, DockingRound
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(client):
    officer = make.city_officer()
    client.force_login(officer)
    return officer


@pytest.fixture
def docking_round(db):
    begin = make.noon(days=30) - timedelta(hours=3)
    return make.docking_round(name="冬季对接会", starts_at=begin, ends_at=begin + timedelta(hours=8))


def change(docking_round) -> str:
    return reverse("admin:rounds_dockinground_change", args=[docking_round.pk])


def agenda(docking_round) -> str:
    return reverse("admin:rounds_agenda", args=[docking_round.pk])


def filled(form) -> dict:
    """What a browser would send of a form or of the rows of a formset as they are shown."""
    if hasattr(form, "management_form"):
        data = filled(form.management_form) | {form.version_field: form.version}
        for row in form.forms:
            data |= filled(row)
        return data
    values = {field.html_name: field.value() for field in form}
    shown = {}
    for name, value in values.items():
        if isinstance(value, datetime):
            value = f"{value:%Y-%m-%dT%H:%M}"
        if value is not None and value is not False:
            shown[name] = [getattr(row, "pk", row) for row in value] if isinstance(value, list) else value
    return shown


class TestRound:
    def test_the_checklist_links_to_the_pages(self, client, city, docking_round):
        DockingRound.objects.filter(pk=docking_round.pk).update(status="preparing")
        page = client.get(change(docking_round)).text
        assert "下一步：发布活动" in page and "还没有场地，请添加场地和桌数。" in page
        assert f'href="{reverse("admin:rounds_venue_places", args=[docking_round.pk])}"' in page

    def test_links_the_matches_of_the_previous_round(self, client, city, docking_round):
        before = docking_round.starts_at - timedelta(days=80)
        run = make.match_run()
        make.docking_round(
            name="秋季对接会",
            starts_at=before,
            ends_at=before + timedelta(hours=8),
            status="closed",
            closed_at=before,
            match_run=run,
        )
        page = client.get(change(docking_round)).text
        assert "“秋季对接会”会后匹配的结果" in page and f"run__id__exact={run.pk}" in page

    def test_saved_with_its_organisers_and_refused_when_it_is_stale(self, client, city, docking_round):
        own = make.organisation("institution", "大连示例大学")
        docking_round.organisers.create(role="co", name="旧协办")
        page = client.get(change(docking_round))
        data = filled(page.context["form"]) | filled(page.context["organisers"])
        data |= {"place": "会展中心二层", "institutions": [own.pk], "organisers-0-DELETE": "on"}
        data |= {"organisers-1-role": "undertaker", "organisers-1-unit": "大连示例大学", "organisers-1-order": "1"}
        page = client.post(change(docking_round), data, follow=True)
        assert "已保存。" in page.text
        docking_round.refresh_from_db()
        assert (docking_round.place, docking_round.institutions.get()) == ("会展中心二层", own)
        assert [(row.role, row.organisation, row.name) for row in docking_round.organisers.all()] == [
            ("undertaker", own, "")
        ]
        trail = AuditRecord.objects.filter(object_type="rounds.dockinground").first()
        assert {"place", "institutions", "organiser"} <= trail.changes.keys()
        page = client.post(change(docking_round), data | {"place": "别处"})
        assert "修改了它，所以还没有保存" in page.text and "所以还没有保存。请核对下面填的内容" in page.text
        assert DockingRound.objects.get().place == "会展中心二层" and 'value="别处"' in page.text

    def test_halls_and_slots_are_changed_one_by_one_and_refused_when_stale(self, client, city, docking_round):
        hall = make.hall(docking_round, name="一号厅", tables=3)
        slot = make.slots(docking_round, 1)[0]
        path = reverse("admin:rounds_venue_places", args=[docking_round.pk])
        page = client.get(path)
        data = filled(page.context["halls"]) | filled(page.context["slots"])
        wrong = client.post(path, data | {"halls-0-tables": "很多"})
        assert wrong.status_code == 422 and "输入整数" in wrong.text
        client.post(path, data | {"halls-0-tables": "5", "halls-1-name": "报告厅", "halls-1-tables": "0"})
        assert list(docking_round.halls.values_list("name", "tables")) == [("一号厅", 5), ("报告厅", 0)]
        stale = client.post(path, data | {"halls-0-tables": "1"})
        assert stale.status_code == 422 and "有人改过这些场地" in stale.text
        assert docking_round.halls.get(pk=hall.pk).tables == 5 and docking_round.slots.get() == slot

    def test_a_day_of_the_calendar_fills_the_form(self, client, city):
        form = client.get(reverse("admin:rounds_dockinground_add") + "?day=2027-03-09").context["form"]
        assert f"{form.initial['starts_at']:%Y-%m-%d %H:%M}" == "2027-03-09 09:00"
        assert client.get(reverse("admin:rounds_dockinground_add") + "?day=2027-13-99").status_code == 200


class TestCalendar:
    def test_proposes_days_for_a_round(self, client, city, docking_round):
        page = client.get(reverse("admin:rounds_calendar"))
        assert "用这一天新建活动" in page.text and docking_round.name in page.text
        first = page.context["choices"][0][0]
        assert first.day >= localdate(docking_round.starts_at) + timedelta(days=56)
        assert f"?day={first.day:%Y-%m-%d}" in page.text

    def test_an_auditor_sees_no_buttons(self, client, docking_round):
        client.force_login(make.auditor())
        page = client.get(reverse("admin:rounds_calendar")).text
        assert docking_round.name in page and "用这一天新建活动" not in page

    def test_the_number_of_queries_is_constant(self, client, city, docking_round, django_assert_max_num_queries):
        with django_assert_max_num_queries(50) as queries:
            client.get(reverse("admin:rounds_calendar"))
        make.docking_round(), make.docking_round()
        with django_assert_max_num_queries(len(queries)):
            client.get(reverse("admin:rounds_calendar"))


class TestVenue:
    def test_slots_are_made_from_the_form(self, client, city, docking_round):
        make.hall(docking_round, tables=20)
        data = {
            "day": f"{localdate(docking_round.starts_at)}",
            "begin": "10:00",
            "end": "12:00",
            "length": "25",
            "pause": "5",
        }
        page = client.post(reverse("admin:rounds_venue_slots", args=[docking_round.pk]), data, follow=True).text
        assert "已生成 4 个洽谈时段" in page and "最多 <b>80</b> 场洽谈" in page and "10:00–10:25" in page

    def test_invalid_input_is_an_error_of_the_form(self, client, city, docking_round):
        data = {
            "day": f"{localdate(docking_round.starts_at)}",
            "begin": "10:00",
            "end": "12:00",
            "length": "25",
            "pause": "5",
        }
        answer = client.post(reverse("admin:rounds_venue_slots", args=[docking_round.pk]), data | {"breaks": "午饭"})
        assert answer.status_code == 422 and "看不懂休息时间“午饭”" in answer.text
        answer = client.post(reverse("admin:rounds_venue_slots", args=[docking_round.pk]), data | {"length": ""})
        assert answer.status_code == 422 and not docking_round.slots.exists()

    def test_walking_times_are_saved_for_each_pair(self, client, city, docking_round):
        hall, other = make.hall(docking_round, name="甲厅"), make.hall(docking_round, name="乙厅")
        path = reverse("admin:rounds_venue_walks", args=[docking_round.pk])
        client.post(path, {f"walk_{hall.pk}_{other.pk}": "7"})
        assert 'value="7"' in client.get(reverse("admin:rounds_venue", args=[docking_round.pk])).text

    def test_an_unsafe_file_is_refused_with_a_message(self, client, city, docking_round):
        path = reverse("admin:rounds_venue_documents", args=[docking_round.pk])
        answer = client.post(path, {"file": SimpleUploadedFile("通知.pdf", b"MZ not a pdf")})
        assert answer.status_code == 422 and "不是可以接收的类型" in answer.text


class TestAgenda:
    def agenda_data(self, docking_round, **more) -> dict:
        day = f"{localdate(docking_round.starts_at)}"
        return {
            **{"docking_round": docking_round.pk, "kind": "policy", "title": "政策解读", "is_public": "on"},
            **{"starts_at": f"{day}T09:00", "ends_at": f"{day}T09:30"},
        } | more

    def test_an_agenda_item_takes_halls_and_people_of_its_round_only(self, client, city, docking_round):
        hall, foreign = make.hall(docking_round), make.hall(make.docking_round())
        path = reverse("admin:rounds_agendaitem_add") + f"?docking_round={docking_round.pk}"
        assert list(client.get(path).context["form"].fields["hall"].queryset) == [hall]
        assert "hall" in client.post(path, self.agenda_data(docking_round, hall=foreign.pk)).context["form"].errors
        page = client.post(path, self.agenda_data(docking_round, hall=hall.pk, guests="李示例 市科技局"), follow=True)
        item = AgendaItem.objects.get()
        assert (item.hall, item.guest_list[0].position) == (hall, "市科技局")
        assert "政策解读" in page.text and page.request["PATH_INFO"] == agenda(docking_round)

    def test_a_conflict_names_both_items_and_the_form_keeps_its_input(self, client, city, docking_round):
        hall = make.hall(docking_round, name="报告厅")
        first = make.agenda_item(docking_round, title="开场", hall=hall)
        answer = client.post(reverse("admin:rounds_agendaitem_add"), self.agenda_data(docking_round, hall=hall.pk))
        assert "“政策解读”（09:00–09:30）和“开场”（09:00–09:30）都在报告厅" in answer.text
        assert 'value="政策解读"' in answer.text and AgendaItem.objects.count() == 1
        make.agenda_item(docking_round, title="推介", guests="王示例")
        AgendaItem.objects.filter(pk=first.pk).update(guests="王示例")
        assert "有 1 处冲突" in client.get(agenda(docking_round)).text

    def test_a_change_raises_the_sequence_and_a_stale_or_dropped_item_is_refused(self, client, city, docking_round):
        item = make.agenda_item(docking_round)
        path = reverse("admin:rounds_agendaitem_change", args=[item.pk])
        seen = client.get(path).context["form"]["seen_version"].value()
        client.post(path, self.agenda_data(docking_round, title="开场致辞", seen_version=seen))
        item.refresh_from_db()
        assert (item.title, item.sequence) == ("开场致辞", 1)
        page = client.post(path, self.agenda_data(docking_round, title="另一个", seen_version=seen))
        assert "修改了它，所以还没有保存" in page.text
        drop = reverse("admin:rounds_agenda_drop", args=[item.public_id])
        assert "请说明原因" in client.post(drop, {"reason": " "}, follow=True).text
        page = client.post(drop, {"reason": "讲者生病"}, follow=True)
        assert "已取消 1 项" in page.text and "讲者生病" in page.text
        item.refresh_from_db()
        assert item.dropped_reason == "讲者生病"
        assert client.post(path, self.agenda_data(docking_round)).status_code == 403

    def test_a_district_reads_the_public_items_and_changes_none(self, client, docking_round):
        item = make.agenda_item(docking_round, title="开场")
        make.agenda_item(docking_round, title="内部碰头", is_public=False)
        client.force_login(make.district_officer())
        page = client.get(agenda(docking_round)).text
        assert "开场" in page and "内部碰头" not in page and "添加一项" not in page
        drop = reverse("admin:rounds_agenda_drop", args=[item.public_id])
        assert client.post(drop, {"reason": "讲者生病"}).status_code == 403


class TestPublicPage:
    def test_the_public_page_shows_the_agenda_with_speakers(self, client, docking_round):
        hall = make.hall(docking_round, name="报告厅")
        make.agenda_item(docking_round, title="专利开放许可", hall=hall, guests="李示例 市科技局处长", note="要两瓶水")
        make.agenda_item(docking_round, title="内部碰头", is_public=False)
        for name in ("round_detail", "round_agenda"):
            page = client.get(reverse(name, args=[docking_round.public_id])).text
            assert "专利开放许可" in page and "报告厅" in page and "李示例（市科技局处长）" in page
            assert "要两瓶水" not in page and "内部碰头" not in page
        answer = client.get(reverse("round_calendar", args=[docking_round.public_id]))
        assert answer["Content-Type"] == "text/calendar; charset=utf-8"
        assert "SUMMARY:政策解读：专利开放许可" in answer.text and "内部碰头" not in answer.text

    def test_the_number_of_queries_is_constant(self, client, docking_round, django_assert_max_num_queries):
        def item(after):
            made = make.agenda_item(docking_round, after=after, hall=make.hall(docking_round))
            made.speakers.add(make.attendee(make.party(docking_round)))

        path = reverse("round_detail", args=[docking_round.public_id])
        item(0)
        with django_assert_max_num_queries(40) as queries:
            client.get(path)
        item(0), item(30)
        with django_assert_max_num_queries(len(queries)):
            client.get(path)
