"""Obstacles from raising to the published answer: who may do what, clocks, counts, notices."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from mechanism.models import Obstacle, ObstacleKind, Task
from mechanism.services.obstacles import (
    Concern,
    answer_obstacle,
    assign_obstacle,
    judge_obstacle,
    organisations_for,
    publish_answer,
    raise_obstacle,
    unpublish_answer,
    withdraw_obstacle,
)
from mechanism.services.reminders import remind_of_obstacles
from mechanism.services.reported_obstacles import ReportedBy
from notices.models import Notice
from open_work.sources import open_work_of, summarise
from tests import factories as make

pytestmark = pytest.mark.django_db
Status = Obstacle.Status


@pytest.fixture
def city():
    return make.city_officer()


@pytest.fixture
def bureau():
    return make.bureau_officer()


@pytest.fixture
def firm():
    return make.firm_officer(make.firm("大连远帆轴承有限公司"))


def organisation_of(user):
    return user.memberships.get().organisation


def raised(user, **fields) -> Obstacle:
    values = {"kind": ObstacleKind.objects.get(name="审批"), "text": "作价入股要报两个部门，三个月没有结果。"}
    return raise_obstacle(by=user, **{"organisation": organisation_of(user)} | values | fields)


def given(user, office, city, **fields) -> Obstacle:
    row = raised(user)
    assign_obstacle(row, solver=organisation_of(office), by=city, **fields)
    return row


def texts_for(user) -> list[str]:
    return list(Notice.objects.unread().filter(recipient=user, kind="obstacle").values_list("text", flat=True))


def test_from_raising_to_solved(firm, bureau, city):
    row = raised(firm)
    assert [text for text in texts_for(city) if "请交办" in text]
    assign_obstacle(row, solver=organisation_of(bureau), handler=bureau, by=city)
    assert row.status == Status.ASSIGNED and row.due_on > timezone.localdate()
    assert len(texts_for(bureau)) == 1
    answer_obstacle(row, answer="两个部门合并为一次备案，十个工作日办结。", by=bureau)
    assert [text for text in texts_for(firm) if "有了答复" in text]
    judge_obstacle(row, is_solved=True, by=firm)
    assert Obstacle.objects.get().status == Status.SOLVED
    assert [text for text in texts_for(bureau) if "已经解决" in text]


def test_unsolved_waits_for_the_city_again_and_loses_the_published_answer_when_given(firm, bureau, city):
    row = given(firm, bureau, city)
    answer_obstacle(row, answer="请看指南。", by=bureau)
    publish_answer(row, text="指南在哪里？", answer="请看指南。", by=city)
    with pytest.raises(ValidationError, match="还差什么"):
        judge_obstacle(row, is_solved=False, by=firm)
    judge_obstacle(row, is_solved=False, reason="指南里没有写。", by=firm)
    assert Obstacle.objects.awaiting_assignment().get() == row
    assert [text for text in texts_for(city) if "重新交办" in text]
    other = make.bureau_officer(make.organisation("bureau", "市工信局"))
    assign_obstacle(row, solver=organisation_of(other), by=city)
    assert not Obstacle.objects.published().exists()
    with pytest.raises(PermissionDenied):  # the office before it no longer answers
        answer_obstacle(row, answer="再看一遍指南。", by=bureau)


@pytest.mark.parametrize("who", ["firm", "city", "other bureau", "auditor"])
def test_only_the_office_to_which_it_was_given_answers(firm, bureau, city, who):
    row = given(firm, bureau, city)
    people = {
        "firm": lambda: firm,
        "city": lambda: city,
        "other bureau": lambda: make.bureau_officer(make.organisation("bureau", "市教育局")),
        "auditor": make.auditor,
    }
    with pytest.raises(PermissionDenied):
        answer_obstacle(row, answer="按细则办理。", by=people[who]())


def test_only_the_raiser_says_whether_it_is_solved_and_not_who_answered(firm, bureau, city):
    row = given(firm, bureau, city)
    answer_obstacle(row, answer="按细则办理。", by=bureau)
    for user in (bureau, city, make.firm_officer()):
        with pytest.raises(PermissionDenied):
            judge_obstacle(row, is_solved=True, by=user)
    own = given(bureau, bureau, city)  # a bureau that raised what it was given to solve itself
    answer_obstacle(own, answer="自己办了。", by=bureau)
    with pytest.raises(PermissionDenied):
        judge_obstacle(own, is_solved=True, by=bureau)


def test_withdrawn_before_an_answer_only(firm, bureau, city):
    row = given(firm, bureau, city)
    with pytest.raises(PermissionDenied):
        withdraw_obstacle(row, by=city)
    withdraw_obstacle(row, by=firm)
    assert texts_for(bureau) == []
    with pytest.raises(ValidationError, match="已撤回"):
        answer_obstacle(row, answer="按细则办理。", by=bureau)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"due_on": timezone.localdate() - timedelta(days=2)}, "答复期限"),
        ({"due_on": timezone.localdate() + timedelta(days=400)}, "答复期限"),
    ],
)
def test_a_clock_within_reason(firm, bureau, city, fields, message):
    row = raised(firm)
    with pytest.raises(ValidationError, match=message):
        assign_obstacle(row, solver=organisation_of(bureau), by=city, **fields)


def test_given_to_an_office_and_its_people_only(firm, bureau, city):
    row = raised(firm)
    with pytest.raises(ValidationError, match="不是可以办理的部门"):
        assign_obstacle(row, solver=organisation_of(firm), by=city)
    with pytest.raises(ValidationError, match=r"不是.*的人员"):
        assign_obstacle(row, solver=organisation_of(bureau), handler=firm, by=city)
    with pytest.raises(PermissionDenied):
        assign_obstacle(row, solver=organisation_of(bureau), by=bureau)


def test_a_late_answer_is_shown_watched_and_reminded_of(client, firm, bureau, city):
    row = given(firm, bureau, city)
    Obstacle.objects.filter(pk=row.pk).update(due_on=timezone.localdate() - timedelta(days=3))
    works = {work.key: summarise(work) for work in open_work_of(bureau)}
    assert works["obstacles-to-answer"].overdue == 1
    watched = next(work for work in open_work_of(city) if work.key == "obstacles-overdue")
    assert watched.is_watched and summarise(watched).number == 1
    assert remind_of_obstacles() == 1 and remind_of_obstacles() == 0
    client.force_login(city)
    assert "办理逾期" in client.get(reverse("obstacles"), {"show": "overdue"}).content.decode()


def test_a_form_prefilled_from_the_record_and_counts_by_kind_and_state(client, firm, bureau, city):
    deal = make.deal(buyer=organisation_of(firm))
    client.force_login(firm)
    new = reverse("obstacle_new")
    kind = ObstacleKind.objects.get(name="资金")
    shown = client.get(new, {"deal": deal.public_id}).content.decode()
    sent = {"kind": kind.pk, "text": "垫不起设备款", "organisation": organisation_of(firm).public_id}
    response = client.post(new, sent | {"deal": deal.public_id})
    assert response.status_code == 302, response.content.decode()
    row = Obstacle.objects.get()
    assert (row.kind, row.text, row.raised_by) == (kind, "垫不起设备款", firm)
    visible = type(deal).objects.visible_to(firm).filter(pk=deal.pk).exists()
    assert (deal.name in shown, row.deal) == (visible, deal if visible else None)
    given(firm, bureau, city)
    client.force_login(city)
    lines = client.get(reverse("obstacles")).context["counts"]
    assert {line["label"]: line["total"] for line in lines["lines"]} == {"资金": 1, "审批": 1}
    assert {status: number for status, _label, number in lines["totals"] if number} == {"raised": 1, "assigned": 1}


def test_who_may_raise():
    users = [make.city_officer(), make.district_officer(), make.institution_officer(), make.firm_officer()]
    users += [make.user(Role.BROKER, make.organisation("agency")), make.bureau_officer()]
    assert [len(organisations_for(user)) for user in users] == [1] * 6
    for user in (make.auditor(), make.sysadmin(), make.user()):
        assert organisations_for(user) == []


def test_limits(firm, monkeypatch):
    monkeypatch.setattr("mechanism.services.obstacles.MAX_A_DAY", 2)
    raised(firm)
    raised(firm)
    with pytest.raises(ValidationError, match="一天里"):
        raised(firm)
    monkeypatch.setattr("mechanism.services.obstacles.MAX_OPEN", 2)
    with pytest.raises(ValidationError, match="在办"):
        raised(firm)


def test_an_inactive_kind_is_refused(firm):
    kind = ObstacleKind.objects.create(name="旧类别", is_active=False)
    with pytest.raises(ValidationError, match="已停用"):
        raised(firm, kind=kind)


def test_the_database_keeps_the_promises(firm):
    row = raised(firm)
    for values in ({"status": "assigned"}, {"status": "answered"}, {"published_at": timezone.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Obstacle.objects.filter(pk=row.pk).update(**values)


def test_the_task_shows_the_counted_number(client, firm, bureau, city):
    row = given(firm, bureau, city)
    answer_obstacle(row, answer="按细则办理。", by=bureau)
    withdraw_obstacle(raised(firm), by=firm)
    client.force_login(city)
    page = client.get(reverse("admin:mechanism_board"))
    task = next(entry for entry in page.context["tasks"] if entry["task"] == Task.objects.get(number=4))
    numbers = {number.label: number.text for number in task["counts"]}
    assert (numbers["堵点"], numbers["已答复"], numbers["已解决"]) == ("1", "1", "0")


def test_published_and_taken_back(client, firm, bureau, city):
    row = given(firm, bureau, city)
    with pytest.raises(ValidationError, match="有了答复才能公布"):
        publish_answer(row, text="怎么办？", answer="按细则办理。", by=city)
    answer_obstacle(row, answer="按细则办理。", by=bureau)
    publish_answer(row, text="备案怎么办？", answer="按细则办理。", by=city)
    page = client.get(reverse("obstacle_answers"), {"q": "备案"}).content.decode()
    assert "备案怎么办？" in page and "审批" in page and "轴承" not in page and row.text not in page
    assert "没有符合条件" in client.get(reverse("obstacle_answers"), {"q": "社保"}).content.decode()
    unpublish_answer(row, by=city)
    assert "备案怎么办？" not in client.get(reverse("obstacle_answers")).content.decode()


def test_a_long_list_is_paginated_with_the_same_queries(client, django_assert_max_num_queries, firm, city):
    kind = ObstacleKind.objects.first()
    rows = [
        Obstacle(kind=kind, organisation=organisation_of(firm), text=f"第{n}条" * 40, raised_by=firm) for n in range(60)
    ]
    Obstacle.objects.bulk_create(rows)
    client.force_login(city)
    client.get(reverse("obstacles"))
    with django_assert_max_num_queries(12):
        page = client.get(reverse("obstacles"), {"page": "2", "kind": str(kind.pk)})
    assert page.context["page"].paginator.count == 60 and "上一页" in page.content.decode()


def test_no_record_of_somebody_else(firm):
    deal = make.deal()
    with pytest.raises(PermissionDenied):
        raised(firm, concern=Concern(deal=deal))


class TestToldToAnOffice:
    def report_by(self, officer, **fields) -> ReportedBy:
        values = {"office": organisation_of(officer), "by": "王经理，电话", "on": timezone.localdate()}
        return ReportedBy(**values | fields)

    def test_the_party_sees_it_and_alone_says_whether_it_is_solved(self, city, bureau, firm):
        party, district = organisation_of(firm), make.district_officer("jinpu")
        row = raised(city, reported=self.report_by(city), organisation=party)
        assert (row.organisation, row.recording_office, row.told_by) == (
            party,
            organisation_of(city),
            "王经理，电话",
        )
        assert Notice.objects.filter(recipient=firm, text__contains="代贵单位记下一条堵点").exists()
        assign_obstacle(row, solver=organisation_of(bureau), by=city)
        answer_obstacle(row, answer="按细则办理，两周内办结。", by=bureau)
        assert Notice.objects.filter(recipient=firm, text__contains="有了答复").exists()
        with pytest.raises(PermissionDenied):
            judge_obstacle(row, is_solved=True, by=city)
        judge_obstacle(row, is_solved=True, by=firm)
        assert not Obstacle.objects.visible_to(make.firm_officer()).exists()
        assert not Obstacle.objects.raised_by(district).exists()

    def test_for_a_party_without_users_the_office_says_so_unless_it_answered(self, city, bureau):
        party = make.firm("大连没有用户的企业")
        row = raised(city, reported=self.report_by(city), organisation=party)
        assign_obstacle(row, solver=organisation_of(bureau), by=city)
        answer_obstacle(row, answer="按细则办理，两周内办结。", by=bureau)
        judge_obstacle(row, is_solved=True, by=city)
        own = raised(city, reported=self.report_by(city), organisation=party)
        assign_obstacle(own, solver=organisation_of(city), by=city)
        assert not Obstacle.objects.raised_by(make.city_officer()).filter(pk=own.pk).exists()

    def test_who_may_write_down_for_whom(self, city, bureau, firm):
        party, district = organisation_of(firm), make.district_officer("gaoxin")
        for by, reported in (
            (bureau, self.report_by(bureau)),  # a bureau raises its own
            (firm, ReportedBy(party, "我自己", timezone.localdate())),
            (city, ReportedBy(organisation_of(bureau), "王经理", timezone.localdate())),
        ):
            with pytest.raises(PermissionDenied):
                raised(by, reported=reported, organisation=make.firm())
        with pytest.raises(ValidationError, match="本区市县没有"):
            raised(district, reported=self.report_by(district), organisation=party)
        with pytest.raises(ValidationError, match="谁反映的"):
            raised(city, reported=self.report_by(city, by=" "), organisation=party)
        with pytest.raises(ValidationError, match="反映日期"):
            raised(city, reported=self.report_by(city, on=timezone.localdate() + timedelta(days=1)), organisation=party)

    def test_an_office_sees_what_is_about_it(self, bureau, firm):
        row = raised(firm, concern=Concern(about=organisation_of(bureau)))
        assert Obstacle.objects.visible_to(bureau).get() == row
        assert not Obstacle.objects.answerable_by(bureau).exists()
        assert not Obstacle.objects.visible_to(make.bureau_officer(make.organisation("bureau", "别的局"))).exists()
        with pytest.raises(ValidationError, match="不是政府部门"):
            raised(firm, concern=Concern(about=make.firm()))

    def test_by_the_form(self, city, firm, signed_in):
        client, party = signed_in(city), organisation_of(firm)
        kind = ObstacleKind.objects.get(name="审批")
        data = {"kind": kind.pk, "text": "环评排队三个月。", "organisation": organisation_of(city).public_id}
        data |= {"party": "没有这家", "told_by": "", "told_on": str(timezone.localdate())}
        answer = client.post(reverse("obstacle_new"), data)
        assert answer.status_code == 422 and "没有“没有这家”" in answer.content.decode()
        answer = client.post(reverse("obstacle_new"), data | {"party": party.name})
        assert answer.status_code == 422 and "请写明是谁反映的" in answer.content.decode()
        done = client.post(reverse("obstacle_new"), data | {"party": party.name, "told_by": "王经理"}, follow=True)
        assert "由 王经理 反映" in done.content.decode() and Obstacle.objects.get().organisation == party
        assert "代哪个单位记" not in signed_in(firm).get(reverse("obstacle_new")).content.decode()
