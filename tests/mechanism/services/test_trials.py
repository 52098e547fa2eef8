"""Results of trials: two sides, two persons, versions, the proposal for the maturity, what is public."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.services.members import add_member
from achievements.services.revisions import accept_revision
from mechanism.models import Base, BaseRequest, TrialResult
from mechanism.services.trials import (
    TrialValues,
    add_trial_file,
    confirm_result,
    dispute_result,
    propose_maturity,
    publish_result,
    record_result,
    sides_of,
)
from open_work.sources import open_work_of, summarise
from tests import factories as make
from tests.achievements import uploads

pytestmark = pytest.mark.django_db
Status = TrialResult.Status


@pytest.fixture
def city():
    return make.city_officer()


@pytest.fixture
def operator():
    return make.user(Role.BROKER, make.organisation("agency", "大连试制服务中心"))


@pytest.fixture
def office():
    return make.institution_officer()


@pytest.fixture
def request_(operator, office):
    base = Base.objects.create(name="涂层中试基地", kind="pilot", organisation=operator.memberships.get().organisation)
    return BaseRequest.objects.create(
        base=base,
        organisation=office.memberships.get().organisation,
        achievement=make.achievement(maturity_scale="trl9", maturity_level=5, maturity_evidence="小试报告"),
        what="放大 50 公斤",
        asked_by=office,
        asked_at=timezone.now() - timedelta(days=30),
        status="accepted",
        answered_by=operator,
        answered_at=timezone.now(),
    )


def values(**fields) -> TrialValues:
    known = {"outcome": "reached", "finished_on": timezone.localdate(), "summary": "三批合格", "data": "收率：92%"}
    return TrialValues(**known | {"cost_wan": Decimal("8.5"), "scale": "trl9", "level": 6} | fields)


def confirmed(request, operator, office, *, is_public=False, **fields) -> TrialResult:
    result = record_result(request, values(**fields), by=operator)
    confirm_result(result, version=result.version, is_public=is_public, by=office)
    return result


def test_each_side_speaks_for_itself(request_, operator, office, city):
    result = record_result(request_, values(), by=operator)
    works = {work.key: summarise(work).number for work in open_work_of(office)}
    assert works["trials-to-confirm"] == 1
    for user in (operator, city, make.firm_officer(), make.auditor()):  # who wrote it, and who is no side
        with pytest.raises(PermissionDenied):
            confirm_result(result, version=1, by=user)
    confirm_result(result, version=1, by=office)
    assert TrialResult.objects.get().status == Status.CONFIRMED
    with pytest.raises(ValidationError, match="不能再改"):
        record_result(request_, values(outcome="missed"), by=operator)


def test_a_changed_version_has_to_be_read_again(request_, operator, office):
    result = record_result(request_, values(), by=operator)
    record_result(request_, values(outcome="missed"), by=operator)
    with pytest.raises(ValidationError, match="看过再确认"):
        confirm_result(result, version=1, by=office)
    dispute_result(result, version=2, reason="应为部分达到", by=office)
    assert TrialResult.objects.get().status == Status.DISPUTED
    with pytest.raises(ValidationError):
        confirm_result(result, version=2, by=office)
    record_result(request_, values(outcome="partly"), by=operator)
    confirm_result(TrialResult.objects.get(), version=3, by=office)
    assert TrialResult.objects.get().outcome == "partly"


def test_nobody_confirms_to_himself(request_, operator, office, city):
    add_member(office, request_.base.organisation, Role.BROKER, by=None)  # one person in both organisations
    result = record_result(request_, values(), by=office)
    with pytest.raises(PermissionDenied):
        confirm_result(result, version=1, by=office)
    BaseRequest.objects.filter(pk=request_.pk).update(organisation=request_.base.organisation)
    request_.refresh_from_db()
    assert (sides_of(request_, operator), sides_of(request_, city)) == ([], ["base"])  # its own base: the city checks


def test_the_city_speaks_for_a_base_without_users(request_, office, city):
    Base.objects.update(organisation=None, operator="外地的基地")
    request_ = BaseRequest.objects.select_related("base").get()
    result = record_result(request_, values(), by=office)
    confirm_result(result, version=1, by=city)
    assert TrialResult.objects.get().base_by == city


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"finished_on": timezone.localdate() + timedelta(days=9)}, "还没有到"),
        ({"finished_on": timezone.localdate() - timedelta(days=90)}, "早于申请"),
        ({"cost_wan": Decimal(-1)}, "大于或等于"),
        ({"level": 12}, "等级"),
        ({"scale": ""}, "等级"),
        ({"summary": "  "}, "做了什么"),
    ],
)
def test_refused_values(request_, operator, fields, message):
    with pytest.raises(ValidationError, match=message):
        record_result(request_, values(**fields), by=operator)


def test_only_of_an_accepted_request(request_, operator):
    BaseRequest.objects.update(status="asked", answered_by=None, answered_at=None)
    with pytest.raises(ValidationError, match="待答复"):
        record_result(request_, values(), by=operator)


def test_the_maturity_rises_by_a_proposal_that_the_city_accepts(request_, operator, office, city):
    result = confirmed(request_, operator, office)
    with pytest.raises(PermissionDenied):
        propose_maturity(result, by=city)
    propose_maturity(result, by=office)
    achievement = request_.achievement
    achievement.refresh_from_db()
    assert achievement.maturity_level == 5  # until the city has decided
    accept_revision(result.revision, by=city)
    achievement.refresh_from_db()
    assert achievement.maturity_level == 6 and achievement.maturity_assessed_by == "涂层中试基地"
    assert achievement.maturity_evidence.startswith("小试报告\n") and "涂层中试基地" in achievement.maturity_evidence
    with pytest.raises(ValidationError, match="已据此提出"):
        propose_maturity(result, by=office)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"level": 5}, "不低于"),
        ({"outcome": "missed"}, "没有达到"),
        ({"scale": "", "level": None}, "写了达到的等级"),
        ({"scale": "gbt22900_13", "level": 9}, "标准不同"),
    ],
)
def test_what_cannot_raise_the_maturity(request_, operator, office, fields, message):
    result = confirmed(request_, operator, office, **fields)
    with pytest.raises(ValidationError, match=message):
        propose_maturity(result, by=office)


def test_an_unconfirmed_result_raises_nothing(request_, operator, office):
    result = record_result(request_, values(), by=operator)
    with pytest.raises(ValidationError, match="双方确认"):
        propose_maturity(result, by=office)


def test_the_public_reads_the_end_and_nothing_else(client, request_, operator, office):
    result = confirmed(request_, operator, office)
    pages = [reverse("base_detail", args=[request_.base.public_id])]
    pages.append(reverse("achievement_detail", args=[request_.achievement.public_id]))
    assert all("达到预期" not in client.get(page).content.decode() for page in pages)
    with pytest.raises(PermissionDenied):
        publish_result(result, is_public=True, by=operator)
    publish_result(result, is_public=True, by=office)
    for page in pages:
        text = client.get(page).content.decode()
        assert "达到预期" in text and "三批合格" not in text and "92%" not in text and "8.5" not in text
    assert request_.achievement.title in client.get(pages[0]).content.decode()
    publish_result(result, is_public=False, by=office)
    assert all("达到预期" not in client.get(page).content.decode() for page in pages)


def test_the_name_of_a_firm_that_tried_is_on_no_public_page(client, request_, operator):
    firm = make.firm_officer(make.firm("大连隐山材料有限公司"))
    BaseRequest.objects.update(organisation=firm.memberships.get().organisation, achievement=None)
    confirmed(BaseRequest.objects.select_related("base").get(), operator, firm, is_public=True)
    text = client.get(reverse("base_detail", args=[request_.base.public_id])).content.decode()
    assert "达到预期" in text and "隐山" not in text


def test_files_are_checked_and_only_the_sides_get_them(client, settings, tmp_path, request_, operator, office, city):
    settings.MEDIA_ROOT = tmp_path
    result = record_result(request_, values(), by=operator)
    with pytest.raises(ValidationError):
        add_trial_file(result, content=b"<script>", name="报告.pdf", by=operator)
    file = add_trial_file(result, content=uploads.PDF, name="报告.pdf", by=operator)
    with pytest.raises(ValidationError, match="已经上传"):
        add_trial_file(result, content=uploads.PDF, name="又一份.pdf", by=office)
    address = reverse("trial_file", args=[file.public_id])
    for user, wanted in ((office, 200), (operator, 200), (city, 200), (make.firm_officer(), 404)):
        client.force_login(user)
        response = client.get(address)
        list(response)  # reads and closes the file
        assert response.status_code == wanted


def test_the_page_of_both_sides(client, settings, tmp_path, request_, operator, office):
    settings.MEDIA_ROOT = tmp_path
    address = reverse("trial_result", args=[request_.public_id])
    client.force_login(operator)
    sent = {"step": "record", "record-outcome": "reached", "record-finished_on": str(timezone.localdate())}
    bad = client.post(address, sent | {"record-summary": "三批合格", "record-cost_wan": "三万", "record-level": "6"})
    assert bad.status_code == 422 and not TrialResult.objects.exists()
    client.post(address, sent | {"record-summary": "三批合格", "record-scale": "trl9", "record-level": "6"})
    file = SimpleUploadedFile("报告.pdf", uploads.PDF)
    assert client.post(address, {"step": "file", "file-file": file}).status_code == 302
    client.force_login(office)
    assert "确认这份结果" in client.get(address).content.decode()
    client.post(address, {"step": "confirm", "confirm-version": "1", "confirm-is_public": "on"})
    result = TrialResult.objects.get()
    assert result.status == Status.CONFIRMED and result.is_public and result.files.count() == 1
    client.post(address, {"step": "maturity"})
    assert TrialResult.objects.get().revision is not None


def test_the_database_keeps_two_words_of_two_persons(request_, operator, office):
    result = record_result(request_, values(), by=operator)
    for fields in ({"status": "confirmed"}, {"user_by": operator, "user_at": timezone.now(), "status": "confirmed"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            TrialResult.objects.filter(pk=result.pk).update(**fields)
