"""Measures: permissions, states and dates, evidence, notifications."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.models import AuditRecord
from mechanism.models import Evidence, Measure, Milestone, Remark, Task
from mechanism.services.evidence import add_file, add_link, remove_evidence
from mechanism.services.measures import (
    comment_measure,
    create_measures,
    drop_measure,
    finish_measure,
    reach_milestone,
    reopen_measure,
    report_measure,
)
from mechanism.services.reminders import remind_owners
from notices.models import Notice
from tests import factories as make
from tests.achievements import uploads

pytestmark = pytest.mark.django_db
State = Measure.State


@pytest.fixture
def city():
    return make.city_officer()


@pytest.fixture
def district():
    return make.district_officer("jinpu")


def measure(**fields) -> Measure:
    authority = make.organisation("district", "金普新区科技局", stat_region=make.region("jinpu"))
    values = {"task": Task.objects.get(number=3), "title": "组织企业会前对接", "organisation": authority} | fields
    return Measure.objects.create(**values)


def day(number: int) -> date:
    return timezone.localdate() + timedelta(days=number)


def state(row: Measure) -> str:
    return Measure.objects.with_state().get(pk=row.pk).state


class TestState:
    @pytest.mark.parametrize(
        ("fields", "wanted"),
        [
            ({}, State.NOT_BEGUN),
            ({"starts_on": 3}, State.NOT_BEGUN),
            ({"starts_on": 0}, State.RUNNING),
            ({"due_on": 30}, State.NOT_BEGUN),
            ({"due_on": 7}, State.DUE_SOON),
            ({"due_on": 0}, State.DUE_SOON),
            ({"due_on": -1}, State.OVERDUE),
        ],
    )
    def test_state_follows_from_dates(self, fields, wanted):
        assert state(measure(**{name: day(number) for name, number in fields.items()})) == wanted

    def test_only_missed_milestones_make_a_measure_overdue(self, city):
        row = measure(due_on=day(60))
        milestone = Milestone.objects.create(measure=row, title="摸底", due_on=day(-2))
        assert state(row) == State.OVERDUE
        reach_milestone(milestone, by=city)
        assert state(row) == State.RUNNING

    def test_done_and_dropped_do_not_depend_on_dates(self, city):
        row, other = measure(due_on=day(-9)), measure(due_on=day(-9))
        finish_measure(row, by=city)
        drop_measure(other, by=city, reason="并入另一项")
        assert (state(row), state(other)) == (State.DONE, State.DROPPED)

    def test_state_on_another_day(self):
        row = measure(due_on=day(30))
        assert Measure.objects.with_state(day(31)).get(pk=row.pk).state == State.OVERDUE

    def test_overdue_measures_come_first(self, city):
        wanted = [measure(due_on=day(-1)), measure(due_on=day(2)), measure(starts_on=day(-1)), measure(due_on=day(90))]
        done = measure(due_on=day(-5))
        finish_measure(done, by=city)
        shuffled = Measure.objects.filter(pk__in=[row.pk for row in (*wanted, done)]).order_by("-pk")
        assert list(shuffled.overdue_first()) == [*wanted, done]


class TestReporting:
    def test_the_first_report_starts_a_measure(self, district):
        row = measure()
        report_measure(row, text="已摸底\u200b", by=district)
        assert state(row) == State.RUNNING
        assert Remark.objects.get().text == "已摸底"
        assert AuditRecord.objects.filter(action="报告进展", object_id=str(row.pk)).exists()

    @pytest.mark.parametrize("who", ["gaoxin", "auditor", "firm", "institution", "sysadmin"])
    def test_others_cannot_report_comment_or_add_evidence(self, who):
        user = {
            "gaoxin": lambda: make.district_officer("gaoxin"),
            "auditor": make.auditor,
            "firm": make.firm_officer,
            "institution": make.institution_officer,
            "sysadmin": make.sysadmin,
        }[who]()
        row = measure()
        milestone = Milestone.objects.create(measure=row, title="摸底", due_on=day(2))
        for step in (
            lambda: report_measure(row, text="已摸底", by=user),
            lambda: comment_measure(row, text="太慢", by=user),
            lambda: finish_measure(row, by=user),
            lambda: reach_milestone(milestone, by=user),
            lambda: add_link(row, name="报道", link="https://example.cn/a", by=user),
            lambda: add_file(row, content=uploads.PDF, name="a.pdf", by=user),
        ):
            with pytest.raises(PermissionDenied):
                step()
        assert not Remark.objects.exists()
        assert not Evidence.objects.exists()

    def test_the_owner_reports_on_a_measure_of_another_district(self):
        user = make.district_officer("gaoxin")
        row = measure(owner=user)
        report_measure(row, text="已联系", by=user)
        assert list(Measure.objects.visible_to(user)) == [row]

    def test_an_owner_who_is_not_staff_sees_nothing(self):
        user = make.firm_officer()
        measure(owner=user)
        assert not Measure.objects.visible_to(user).exists()
        assert not Task.objects.visible_to(user).exists()

    @pytest.mark.parametrize("text", ["", " \u200b ", "长" * 1001])
    def test_empty_and_too_long_reports_are_rejected(self, district, text):
        with pytest.raises(ValidationError):
            report_measure(measure(), text=text, by=district)

    def test_a_finished_measure_is_closed_until_reopened(self, city, district):
        row = measure()
        milestone = Milestone.objects.create(measure=row, title="摸底", due_on=day(2))
        finish_measure(row, by=district, note="全部完成")
        for step in (
            lambda: report_measure(row, text="再报", by=district),
            lambda: finish_measure(row, by=city),
            lambda: drop_measure(row, by=city, reason="不做了"),
            lambda: reach_milestone(milestone, by=district),
        ):
            with pytest.raises(ValidationError):
                step()
        reopen_measure(row, by=city, reason="佐证不全")
        reach_milestone(milestone, by=district)
        with pytest.raises(ValidationError, match="已经记为达到"):
            reach_milestone(milestone, by=district)
        with pytest.raises(ValidationError, match="没有结束"):
            reopen_measure(row, by=city, reason="再来")

    def test_a_district_cannot_drop_or_reopen(self, district):
        row = measure()
        with pytest.raises(PermissionDenied):
            drop_measure(row, by=district, reason="不做了")
        finish_measure(row, by=district)
        with pytest.raises(PermissionDenied):
            reopen_measure(row, by=district, reason="还没做完")

    def test_dropping_requires_a_reason(self, city):
        with pytest.raises(ValidationError, match="取消原因"):
            drop_measure(measure(), by=city, reason=" ")

    def test_database_constraints(self):
        row = measure()
        for broken in ({"done_at": timezone.now()}, {"dropped_at": timezone.now()}, {"organisation": None}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Measure.objects.filter(pk=row.pk).update(**broken)


class TestEvidence:
    def test_files_are_stored_once_under_a_random_name(self, district):
        row = measure()
        piece = add_file(row, content=uploads.PDF, name="../../摸底表.pdf", by=district)
        assert piece.name == "摸底表.pdf"
        assert "摸底" not in piece.file.name
        with pytest.raises(ValidationError, match="已经上传过"):
            add_file(row, content=uploads.PDF, name="又一份.pdf", by=district)

    def test_wrong_content_and_secret_names_are_rejected(self, district):
        with pytest.raises(ValidationError):
            add_file(measure(), content=b"<script>alert(1)</script>", name="佐证.pdf", by=district)
        with pytest.raises(ValidationError, match="涉密"):
            add_file(measure(), content=uploads.PDF, name="摸底表（机密）.pdf", by=district)

    @pytest.mark.parametrize("link", ["javascript:alert(1)", "ftp//x", ""])
    def test_invalid_links_are_rejected(self, district, link):
        with pytest.raises((ValidationError, IntegrityError)), transaction.atomic():
            add_link(measure(), name="报道", link=link, by=district)

    def test_removed_evidence_is_kept_in_the_database(self, district):
        piece = add_link(measure(), name="报道", link="https://example.cn/a", by=district)
        remove_evidence(piece, by=district)
        assert Evidence.objects.get().removed_at
        with pytest.raises(ValidationError, match="已经移除"):
            remove_evidence(piece, by=district)

    def test_maximum_number_of_evidence(self, district, monkeypatch):
        monkeypatch.setattr("mechanism.services.evidence.MAX_EVIDENCE", 1)
        row = measure()
        add_link(row, name="报道", link="https://example.cn/a", by=district)
        with pytest.raises(ValidationError, match="最多 1 件"):
            add_link(row, name="报道", link="https://example.cn/b", by=district)


class TestNotifications:
    def test_the_owner_is_notified_except_of_their_own_assignment(self, city, district):
        create_measures([_new(owner=district), _new(title="另一项", owner=city)], by=city)
        assert [notice.recipient for notice in Notice.objects.all()] == [district]

    def test_without_an_owner_all_officers_of_the_district_are_notified(self, city, district):
        colleague, _elsewhere = make.district_officer("jinpu"), make.district_officer("gaoxin")
        create_measures([_new()], by=city)
        assert set(Notice.objects.values_list("recipient", flat=True)) == {district.pk, colleague.pk}

    def test_reminders_before_the_deadline_and_weekly_after_it(self, district):
        measure(owner=district, due_on=day(5))
        measure(owner=district, due_on=day(8))  # too early
        late = measure(owner=district, due_on=day(-8))
        assert remind_owners() == 2
        assert remind_owners() == 0
        Measure.objects.filter(pk=late.pk).update(due_on=day(-15))
        assert remind_owners() == 1
        assert Notice.objects.filter(text__contains="已逾期 15 天").count() == 1

    def test_closed_measures_send_no_reminders(self, city, district):
        row = measure(owner=district, due_on=day(-1))
        remind_owners()
        finish_measure(row, by=city)
        assert not Notice.objects.for_user(district).unread().exists()
        other = measure(owner=district, due_on=day(-1))
        drop_measure(other, by=city, reason="并入另一项")
        assert remind_owners() == 0

    def test_a_comment_notifies_the_owner_but_not_its_author(self, city, district):
        row = measure(owner=district)
        comment_measure(row, text="请补充企业名单", by=city)
        comment_measure(row, text="明天补", by=district)
        assert [(n.recipient, "请补充企业名单" in n.text) for n in Notice.objects.all()] == [(district, True)]


class TestCreating:
    def test_creates_all_or_none_and_names_the_faulty_measure(self, city):
        with pytest.raises(ValidationError, match=r"没有单位的举措.*责任单位"):
            create_measures([_new(), _new(title="没有单位的举措", organisation=None)], by=city)
        assert not Measure.objects.exists()

    def test_only_city_staff_create_measures(self, district):
        with pytest.raises(PermissionDenied):
            create_measures([_new()], by=district)


def _new(**fields) -> Measure:
    authority = make.organisation("district", "金普新区科技局", stat_region=make.region("jinpu"))
    return Measure(**{"task": Task.objects.get(number=3), "title": "会前对接", "organisation": authority} | fields)
