import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from achievements.models import Achievement
from achievements.services import (
    approve_achievement,
    approve_many,
    return_achievement,
    return_many,
    submit_achievement,
    submit_many,
)
from audit.models import AuditRecord
from tests import factories

pytestmark = pytest.mark.django_db
Status = Achievement.Status


@pytest.fixture
def draft():
    return factories.achievement(registered=False)


@pytest.fixture
def office(draft):
    return factories.institution_officer(draft.institution)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.OFFICE_REVIEW])
def test_the_office_submits_to_the_city(office, status):
    achievement = factories.achievement(registered=False, status=status)
    submit_achievement(achievement, by=office)
    assert achievement.status == Status.CITY_REVIEW
    record = AuditRecord.objects.get(object_type="achievements.achievement", object_id=achievement.pk)
    assert (record.actor, record.changes) == (office, {"status": [status, "city_review"]})


def test_the_city_submits_to_the_office(draft):
    submit_achievement(draft, by=factories.city_officer())
    assert draft.status == Status.OFFICE_REVIEW


@pytest.mark.parametrize("status", [s for s in Status if s not in {Status.DRAFT, Status.OFFICE_REVIEW}])
def test_only_drafts_are_submitted(office, status):
    fields = {"status_reason": "原因"} if status in {Status.PAUSED, Status.WITHDRAWN} else {}
    achievement = factories.achievement(status=status, **fields)
    with pytest.raises(ValidationError, match="现在是“"):
        submit_achievement(achievement, by=office)
    achievement.refresh_from_db()
    assert achievement.status == status


def test_another_institution_may_not_submit(draft):
    stranger = factories.institution_officer(factories.institution("大连大学"))
    for service in (submit_achievement, approve_achievement):
        with pytest.raises(PermissionDenied):
            service(draft, by=stranger)


def test_a_click_upon_an_older_page_is_refused(draft, office):
    seen_before = Achievement.objects.get(pk=draft.pk)
    submit_achievement(draft, by=office)
    with pytest.raises(ValidationError, match="待市科技局审核"):
        submit_achievement(seen_before, by=office)


def test_the_city_returns_with_a_reason(draft, office):
    submit_achievement(draft, by=office)
    with pytest.raises(ValidationError, match="请写明原因"):
        return_achievement(draft, by=factories.city_officer(), reason="  ")
    with pytest.raises(ValidationError, match="最多 300 个字"):
        return_achievement(draft, by=factories.city_officer(), reason="长" * 301)
    return_achievement(draft, by=factories.city_officer(), reason="请补充指标")
    assert (draft.status, draft.status_reason) == (Status.DRAFT, "请补充指标")
    submit_achievement(draft, by=office)
    assert draft.status_reason == ""


def test_the_office_returns_only_what_is_still_its_turn(draft, office):
    submit_achievement(draft, by=office)
    with pytest.raises(ValidationError):
        return_achievement(draft, by=office, reason="想改一下")


def test_the_city_may_approve_in_the_offices_place_and_the_trail_says_so():
    achievement = factories.achievement(registered=False, status=Status.OFFICE_REVIEW)
    approve_achievement(achievement, by=factories.city_officer())
    assert achievement.status == Status.CITY_REVIEW
    assert AuditRecord.objects.filter(action="代院校审核通过", object_id=achievement.pk).exists()


def test_many_are_submitted_at_once_with_a_line_each(draft, office, django_assert_max_num_queries):
    rows = [draft, *(factories.achievement(registered=False) for _ in range(4))]
    foreign = factories.achievement(registered=False, institution=factories.institution("大连大学"))
    registered = factories.achievement()
    office.scope  # noqa: B018 (read once before counting)
    with django_assert_max_num_queries(7):
        result = submit_many(Achievement.objects.all(), by=office)
    assert result.moved == 5
    assert set(Achievement.objects.filter(pk__in=[r.pk for r in rows]).values_list("status", flat=True)) == {
        "city_review"
    }
    for row in (foreign, registered):
        before = row.status
        row.refresh_from_db()
        assert row.status == before
    assert AuditRecord.objects.filter(action="提交市科技局审核").count() == 5


def test_who_speaks_for_no_institution_submits_nothing_at_once(draft):
    for outsider in (factories.firm_officer(), factories.district_officer(), factories.auditor()):
        with pytest.raises(PermissionDenied):
            submit_many([draft], by=outsider)


def test_bulk_return_and_approval(office):
    waiting = [factories.achievement(registered=False, status=Status.OFFICE_REVIEW) for _ in range(2)]
    assert approve_many(waiting, by=office) == (2, 0)
    with pytest.raises(PermissionDenied):
        return_many(waiting, by=office, reason="无权")
    assert return_many([*waiting, factories.achievement()], by=factories.city_officer(), reason="请补充") == (2, 1)
