"""Reports of bureaus: whose measures, evidence, the clock, the city's review."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from mechanism.models import Measure, Remark, Task
from mechanism.services.bureau_reports import ReportFile, accept_report, return_report, submit_report
from mechanism.services.evidence import add_file, remove_evidence
from mechanism.services.measures import create_measures, finish_measure, report_measure
from mechanism.services.reminders import remind_of_reports
from notices.models import Notice
from open_work.sources import open_work_of, summarise
from tests import factories as make
from tests.achievements import uploads

pytestmark = pytest.mark.django_db
PDF = ReportFile("细则.pdf", uploads.PDF)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def city():
    return make.city_officer()


@pytest.fixture
def bureau():
    return make.bureau_officer()


def measure(user, *, joint=(), **fields) -> Measure:
    values = {"task": Task.objects.get(number=4), "title": "先投后股试点流程", "report_days": 30} | fields
    row = Measure.objects.create(organisation=user.memberships.get().organisation, **values)
    row.joint.set(joint)
    return row


def other_bureau():
    return make.bureau_officer(make.organisation("bureau", "市国资委"))


def today(days: int = 0):
    return timezone.localdate() + timedelta(days=days)


def test_the_lead_reports_and_the_city_accepts_and_the_clock_moves(bureau, city):
    row = measure(bureau, report_due_on=today(-3))
    works = {work.key: summarise(work) for work in open_work_of(bureau)}
    assert works["reports-due"].overdue == 1
    report = submit_report(row, text="已起草流程图", files=[PDF], by=bureau)
    assert report.review == Remark.Review.PENDING and report.evidence.count() == 1
    works = {work.key: summarise(work).number for work in [*open_work_of(bureau), *open_work_of(city)]}
    assert works["reports-due"] == 0 and works["reports-to-review"] == 1
    with pytest.raises(ValidationError, match="等市里审核"):
        submit_report(row, text="再报一次", by=bureau)
    accept_report(report, by=city)
    row.refresh_from_db()
    assert row.report_due_on == today(30) and row.is_open
    with pytest.raises(ValidationError, match="已采纳"):
        return_report(report, reason="晚了", by=city)


def test_a_returned_report_is_due_again_and_does_not_stand_on_the_board(client, bureau, city):
    row = measure(bureau, report_due_on=today(-3))
    report = submit_report(row, text="差不多了", by=bureau)
    with pytest.raises(ValidationError, match="为什么退回"):
        return_report(report, reason=" ", by=city)
    return_report(report, reason="请写明到哪一步", by=city)
    row.refresh_from_db()
    assert row.report_due_on == today(7)
    assert Notice.objects.filter(recipient=bureau, text__contains="请写明到哪一步").exists()
    client.force_login(city)
    assert "差不多了" not in client.get(reverse("admin:mechanism_board")).content.decode()
    accept_report(submit_report(row, text="细则已会签", by=bureau), by=city)
    assert "细则已会签" in client.get(reverse("admin:mechanism_board")).content.decode()


def test_finishing_needs_evidence_the_lead_and_the_city(bureau, city):
    row, partner = measure(bureau), other_bureau()
    row.joint.add(partner.memberships.get().organisation)
    with pytest.raises(ValidationError, match="佐证"):
        submit_report(row, text="办完了", wants_finish=True, by=bureau)
    with pytest.raises(ValidationError, match="配合单位"):
        submit_report(row, text="办完了", wants_finish=True, files=[PDF], by=partner)
    report = submit_report(row, text="办完了", wants_finish=True, files=[PDF], by=bureau)
    assert Measure.objects.get().is_open
    accept_report(report, by=city)
    assert Measure.objects.get().done_by == city


def test_a_partner_reports_and_others_see_nothing(client, bureau, city):
    row, partner, stranger = (
        measure(bureau),
        other_bureau(),
        make.bureau_officer(make.organisation("bureau", "市教育局")),
    )
    row.joint.add(partner.memberships.get().organisation)
    report = submit_report(row, text="已出意见", files=[PDF], by=partner)
    assert report.organisation.name == "市国资委"
    with pytest.raises(PermissionDenied):
        submit_report(row, text="顺便说一句", by=stranger)
    pages = [reverse("bureau_measure", args=[row.public_id])]
    pages.append(reverse("bureau_evidence", args=[report.evidence.get().public_id]))
    for user, wanted in ((partner, 200), (bureau, 200), (stranger, 404), (make.firm_officer(), 404)):
        client.force_login(user)
        responses = [client.get(page) for page in pages]
        for response in responses:
            list(response)  # reads and closes the file
        assert [response.status_code for response in responses] == [wanted] * 2
        assert (row.title in client.get(reverse("bureau_measures")).content.decode()) == (wanted == 200)


@pytest.mark.parametrize("step", [report_measure, finish_measure])
def test_a_bureau_does_not_go_round_the_review(bureau, step):
    words = {"text": "直接写"} if step is report_measure else {}
    with pytest.raises(PermissionDenied):
        step(measure(bureau), by=bureau, **words)


def test_only_the_city_reviews_and_nobody_the_own_report(bureau, city):
    report = submit_report(measure(bureau), text="已起草", by=bureau)
    for user in (bureau, other_bureau(), make.district_officer(), make.auditor()):
        with pytest.raises(PermissionDenied):
            accept_report(report, by=user)
    make.user("city_officer", make.organisation("city", "市科技局"))
    Remark.objects.filter(pk=report.pk).update(by=city)
    report.refresh_from_db()
    with pytest.raises(PermissionDenied):
        accept_report(report, by=city)


def test_a_joining_district_reports_but_neither_finishes_nor_removes_evidence(bureau, city):
    row, district = measure(bureau), make.district_officer()
    row.joint.add(district.memberships.get().organisation)
    report_measure(row, text="已走访", by=district)
    with pytest.raises(PermissionDenied):
        finish_measure(row, by=district)
    piece = submit_report(row, text="已起草", files=[PDF], by=bureau).evidence.get()
    with pytest.raises(ValidationError, match="不能移除"):
        remove_evidence(piece, by=district)
    with pytest.raises(PermissionDenied):
        add_file(row, content=uploads.PDF, name="另一份.pdf", by=bureau)


def test_who_left_the_bureau_sees_nothing(bureau):
    row = measure(bureau, owner=bureau)
    bureau.memberships.all().delete()
    bureau.__dict__.pop("scope", None)
    assert not Measure.objects.visible_to(bureau).exists()
    with pytest.raises(PermissionDenied):
        submit_report(row, text="还在写", by=bureau)


def test_notices_lead_to_the_page_that_the_person_can_open(client, bureau, city):
    [row] = create_measures(
        [
            Measure(
                task=Task.objects.get(number=4), title="印发细则", organisation=bureau.memberships.get().organisation
            )
        ],
        by=city,
    )
    [notice] = Notice.objects.filter(recipient=bureau)
    client.force_login(bureau)
    assert client.get(notice.path).status_code == 200
    Measure.objects.filter(pk=row.pk).update(report_due_on=today(-8))
    assert remind_of_reports() == 1 and remind_of_reports() == 0


def test_the_page_takes_a_report_with_a_file_and_the_city_reviews_it_on_its_page(client, bureau, city):
    row = measure(bureau)
    client.force_login(bureau)
    address = reverse("bureau_report", args=[row.public_id])
    fake = SimpleUploadedFile("细则.pdf", b"MZ not a pdf")
    assert client.post(address, {"text": "已会签", "file": fake}).status_code == 422
    assert not Remark.objects.exists()
    file = SimpleUploadedFile("细则.pdf", uploads.PDF)
    sent = {"text": "已会签", "file": file, "wants_finish": "on", "link": "javascript:alert(1)"}
    assert client.post(address, sent).status_code == 422
    file.seek(0)
    assert client.post(address, {"text": "已会签", "file": file, "wants_finish": "on"}).status_code == 302
    report = Remark.objects.get()
    client.force_login(city)
    page = client.get(reverse("admin:mechanism_measure_page", args=[row.public_id])).content.decode()
    assert "采纳并记为完成" in page
    step = reverse("admin:mechanism_measure_step", args=[row.public_id])
    client.post(step, {"step": "accept_report", "which": report.pk})
    assert not Measure.objects.get().is_open
