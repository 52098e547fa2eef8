"""Measures: who may do what, in which state, and what the state is called on which day."""

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


def state(one: Measure) -> str:
    return Measure.objects.with_state().get(pk=one.pk).state


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
    def test_follows_from_its_days(self, fields, wanted):
        assert state(measure(**{name: day(number) for name, number in fields.items()})) == wanted

    def test_a_milestone_missed_makes_it_overdue_and_one_reached_does_not(self, city):
        one = measure(due_on=day(60))
        milestone = Milestone.objects.create(measure=one, title="摸底", due_on=day(-2))
        assert state(one) == State.OVERDUE
        reach_milestone(milestone, by=city)
        assert state(one) == State.RUNNING

    def test_done_and_dropped_are_over_whatever_the_day(self, city):
        one, other = measure(due_on=day(-9)), measure(due_on=day(-9))
        finish_measure(one, by=city)
        drop_measure(other, by=city, reason="并入另一项")
        assert (state(one), state(other)) == (State.DONE, State.DROPPED)

    def test_can_be_asked_for_another_day(self):
        one = measure(due_on=day(30))
        assert Measure.objects.with_state(day(31)).get(pk=one.pk).state == State.OVERDUE

    def test_overdue_comes_first(self, city):
        wanted = [measure(due_on=day(-1)), measure(due_on=day(2)), measure(starts_on=day(-1)), measure(due_on=day(90))]
        done = measure(due_on=day(-5))
        finish_measure(done, by=city)
        shuffled = Measure.objects.filter(pk__in=[one.pk for one in (*wanted, done)]).order_by("-pk")
        assert list(shuffled.overdue_first()) == [*wanted, done]


class TestReporting:
    def test_the_first_report_begins_it(self, district):
        one = measure()
        report_measure(one, text="已摸底\u200b", by=district)
        assert state(one) == State.RUNNING
        assert Remark.objects.get().text == "已摸底"
        assert AuditRecord.objects.filter(action="报告进展", object_id=str(one.pk)).exists()

    @pytest.mark.parametrize("who", ["gaoxin", "auditor", "firm", "institution", "sysadmin"])
    def test_nobody_else_reports_or_comments(self, who):
        user = {
            "gaoxin": lambda: make.district_officer("gaoxin"),
            "auditor": make.auditor,
            "firm": make.firm_officer,
            "institution": make.institution_officer,
            "sysadmin": make.sysadmin,
        }[who]()
        one = measure()
        milestone = Milestone.objects.create(measure=one, title="摸底", due_on=day(2))
        for step in (
            lambda: report_measure(one, text="已摸底", by=user),
            lambda: comment_measure(one, text="太慢", by=user),
            lambda: finish_measure(one, by=user),
            lambda: reach_milestone(milestone, by=user),
            lambda: add_link(one, name="报道", link="https://example.cn/a", by=user),
            lambda: add_file(one, content=uploads.PDF, name="a.pdf", by=user),
        ):
            with pytest.raises(PermissionDenied):
                step()
        assert not Remark.objects.exists()
        assert not Evidence.objects.exists()

    def test_one_given_by_name_is_theirs_though_another_district_has_it(self):
        user = make.district_officer("gaoxin")
        one = measure(owner=user)
        report_measure(one, text="已联系", by=user)
        assert list(Measure.objects.visible_to(user)) == [one]

    def test_an_owner_without_office_sees_nothing(self):
        user = make.firm_officer()
        measure(owner=user)
        assert not Measure.objects.visible_to(user).exists()
        assert not Task.objects.visible_to(user).exists()

    @pytest.mark.parametrize("text", ["", " \u200b ", "长" * 1001])
    def test_an_empty_or_endless_report_is_refused(self, district, text):
        with pytest.raises(ValidationError):
            report_measure(measure(), text=text, by=district)

    def test_over_is_over(self, city, district):
        one = measure()
        milestone = Milestone.objects.create(measure=one, title="摸底", due_on=day(2))
        finish_measure(one, by=district, note="全部完成")
        for step in (
            lambda: report_measure(one, text="再报", by=district),
            lambda: finish_measure(one, by=city),
            lambda: drop_measure(one, by=city, reason="不做了"),
            lambda: reach_milestone(milestone, by=district),
        ):
            with pytest.raises(ValidationError):
                step()
        reopen_measure(one, by=city, reason="佐证不全")
        reach_milestone(milestone, by=district)
        with pytest.raises(ValidationError, match="已经记为达到"):
            reach_milestone(milestone, by=district)
        with pytest.raises(ValidationError, match="没有结束"):
            reopen_measure(one, by=city, reason="再来")

    def test_a_district_neither_drops_nor_opens_again(self, district):
        one = measure()
        with pytest.raises(PermissionDenied):
            drop_measure(one, by=district, reason="不做了")
        finish_measure(one, by=district)
        with pytest.raises(PermissionDenied):
            reopen_measure(one, by=district, reason="还没做完")

    def test_dropping_wants_a_reason(self, city):
        with pytest.raises(ValidationError, match="取消原因"):
            drop_measure(measure(), by=city, reason=" ")

    def test_the_database_keeps_it_too(self):
        one = measure()
        for broken in ({"done_at": timezone.now()}, {"dropped_at": timezone.now()}, {"organisation": None}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Measure.objects.filter(pk=one.pk).update(**broken)


class TestEvidence:
    def test_a_file_is_what_it_says_and_is_kept_under_another_name(self, district):
        one = measure()
        piece = add_file(one, content=uploads.PDF, name="../../摸底表.pdf", by=district)
        assert piece.name == "摸底表.pdf"
        assert "摸底" not in piece.file.name
        with pytest.raises(ValidationError, match="已经上传过"):
            add_file(one, content=uploads.PDF, name="又一份.pdf", by=district)

    def test_what_it_is_not_is_refused(self, district):
        with pytest.raises(ValidationError):
            add_file(measure(), content=b"<script>alert(1)</script>", name="佐证.pdf", by=district)
        with pytest.raises(ValidationError, match="涉密"):
            add_file(measure(), content=uploads.PDF, name="摸底表（机密）.pdf", by=district)

    @pytest.mark.parametrize("link", ["javascript:alert(1)", "ftp//x", ""])
    def test_a_link_that_leads_nowhere_good_is_refused(self, district, link):
        with pytest.raises((ValidationError, IntegrityError)), transaction.atomic():
            add_link(measure(), name="报道", link=link, by=district)

    def test_removed_once_and_kept(self, district):
        piece = add_link(measure(), name="报道", link="https://example.cn/a", by=district)
        remove_evidence(piece, by=district)
        assert Evidence.objects.get().removed_at
        with pytest.raises(ValidationError, match="已经移除"):
            remove_evidence(piece, by=district)

    def test_there_is_an_end_to_it(self, district, monkeypatch):
        monkeypatch.setattr("mechanism.services.evidence.MAX_EVIDENCE", 1)
        one = measure()
        add_link(one, name="报道", link="https://example.cn/a", by=district)
        with pytest.raises(ValidationError, match="最多 1 件"):
            add_link(one, name="报道", link="https://example.cn/b", by=district)


class TestTelling:
    def test_the_owner_learns_of_it_and_not_who_gave_it_to_themselves(self, city, district):
        create_measures([_new(owner=district), _new(title="另一项", owner=city)], by=city)
        assert [notice.recipient for notice in Notice.objects.all()] == [district]

    def test_without_an_owner_all_of_the_district(self, city, district):
        colleague, _elsewhere = make.district_officer("jinpu"), make.district_officer("gaoxin")
        create_measures([_new()], by=city)
        assert set(Notice.objects.values_list("recipient", flat=True)) == {district.pk, colleague.pk}

    def test_reminders_come_before_the_day_and_weekly_after_it_and_once_each(self, district):
        measure(owner=district, due_on=day(5))
        measure(owner=district, due_on=day(8))  # too early
        late = measure(owner=district, due_on=day(-8))
        assert remind_owners() == 2
        assert remind_owners() == 0
        Measure.objects.filter(pk=late.pk).update(due_on=day(-15))
        assert remind_owners() == 1
        assert Notice.objects.filter(text__contains="已逾期 15 天").count() == 1

    def test_nobody_is_reminded_of_what_is_over(self, city, district):
        one = measure(owner=district, due_on=day(-1))
        remind_owners()
        finish_measure(one, by=city)
        assert not Notice.objects.for_user(district).unread().exists()
        other = measure(owner=district, due_on=day(-1))
        drop_measure(other, by=city, reason="并入另一项")
        assert remind_owners() == 0

    def test_a_comment_reaches_the_owner_but_not_its_author(self, city, district):
        one = measure(owner=district)
        comment_measure(one, text="请补充企业名单", by=city)
        comment_measure(one, text="明天补", by=district)
        assert [(n.recipient, "请补充企业名单" in n.text) for n in Notice.objects.all()] == [(district, True)]


class TestCreating:
    def test_all_or_nothing_and_the_fault_names_its_measure(self, city):
        with pytest.raises(ValidationError, match=r"没有单位的举措.*责任单位"):
            create_measures([_new(), _new(title="没有单位的举措", organisation=None)], by=city)
        assert not Measure.objects.exists()

    def test_only_by_the_city(self, district):
        with pytest.raises(PermissionDenied):
            create_measures([_new()], by=district)


def _new(**fields) -> Measure:
    authority = make.organisation("district", "金普新区科技局", stat_region=make.region("jinpu"))
    return Measure(**{"task": Task.objects.get(number=3), "title": "会前对接", "organisation": authority} | fields)
