import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from achievements.models import Achievement
from achievements.services.review import (
    approve_achievement,
    approve_achievements,
    return_achievement,
    return_achievements,
    submit_achievement,
    submit_achievements,
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


@pytest.mark.parametrize("status", [Status.DRAFT, Status.INSTITUTION_REVIEW])
def test_an_institution_submits_to_the_city(office, status):
    achievement = factories.achievement(registered=False, status=status)
    submit_achievement(achievement, by=office)
    assert achievement.status == Status.CITY_REVIEW
    record = AuditRecord.objects.get(object_type="achievements.achievement", object_id=achievement.pk)
    assert (record.actor, record.changes) == (office, {"status": [status, "city_review"]})


def test_the_city_submits_to_the_institution(draft):
    submit_achievement(draft, by=factories.city_officer())
    assert draft.status == Status.INSTITUTION_REVIEW


@pytest.mark.parametrize("status", [s for s in Status if s not in {Status.DRAFT, Status.INSTITUTION_REVIEW}])
def test_only_drafts_are_submitted(office, status):
    fields = {"status_reason": "原因"} if status in {Status.PAUSED, Status.WITHDRAWN} else {}
    achievement = factories.achievement(status=status, **fields)
    with pytest.raises(ValidationError, match="现在是“"):
        submit_achievement(achievement, by=office)
    achievement.refresh_from_db()
    assert achievement.status == status


def test_another_institution_cannot_submit_or_approve(draft):
    stranger = factories.institution_officer(factories.institution("大连大学"))
    for service in (submit_achievement, approve_achievement):
        with pytest.raises(PermissionDenied):
            service(draft, by=stranger)


def test_a_transition_of_a_stale_object_is_refused(draft, office):
    seen_before = Achievement.objects.get(pk=draft.pk)
    submit_achievement(draft, by=office)
    with pytest.raises(ValidationError, match="待市科技局审核"):
        submit_achievement(seen_before, by=office)


def test_the_city_returns_achievements_with_a_reason(draft, office):
    submit_achievement(draft, by=office)
    with pytest.raises(ValidationError, match="请写明原因"):
        return_achievement(draft, by=factories.city_officer(), reason="  ")
    with pytest.raises(ValidationError, match="最多 300 个字"):
        return_achievement(draft, by=factories.city_officer(), reason="长" * 301)
    return_achievement(draft, by=factories.city_officer(), reason="请补充指标")
    assert (draft.status, draft.status_reason) == (Status.DRAFT, "请补充指标")
    submit_achievement(draft, by=office)
    assert draft.status_reason == ""


def test_an_institution_cannot_return_what_it_submitted(draft, office):
    submit_achievement(draft, by=office)
    with pytest.raises(ValidationError):
        return_achievement(draft, by=office, reason="想改一下")


def test_approval_by_the_city_on_behalf_of_the_institution_is_recorded():
    achievement = factories.achievement(registered=False, status=Status.INSTITUTION_REVIEW)
    approve_achievement(achievement, by=factories.city_officer())
    assert achievement.status == Status.CITY_REVIEW
    assert AuditRecord.objects.filter(action="代院校审核通过", object_id=achievement.pk).exists()


def test_bulk_submission_writes_one_audit_record_each(draft, office, django_assert_max_num_queries):
    rows = [draft, *(factories.achievement(registered=False) for _ in range(4))]
    foreign = factories.achievement(registered=False, institution=factories.institution("大连大学"))
    registered = factories.achievement()
    office.scope  # noqa: B018 (read once before counting)
    with django_assert_max_num_queries(7):
        result = submit_achievements(Achievement.objects.all(), by=office)
    assert result.changed == 5
    assert set(Achievement.objects.filter(pk__in=[r.pk for r in rows]).values_list("status", flat=True)) == {
        "city_review"
    }
    for row in (foreign, registered):
        before = row.status
        row.refresh_from_db()
        assert row.status == before
    assert AuditRecord.objects.filter(action="提交市科技局审核").count() == 5


def test_users_without_institution_cannot_submit_in_bulk(draft):
    for outsider in (factories.firm_officer(), factories.district_officer(), factories.auditor()):
        with pytest.raises(PermissionDenied):
            submit_achievements([draft], by=outsider)


def test_bulk_return_and_approval(office):
    waiting = [factories.achievement(registered=False, status=Status.INSTITUTION_REVIEW) for _ in range(2)]
    assert approve_achievements(waiting, by=office) == (2, 0)
    with pytest.raises(PermissionDenied):
        return_achievements(waiting, by=office, reason="无权")
    assert return_achievements([*waiting, factories.achievement()], by=factories.city_officer(), reason="请补充") == (
        2,
        1,
    )
