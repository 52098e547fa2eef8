import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from achievements.models import Achievement
from achievements.services.lifecycle import (
    feature_achievement,
    feature_achievements,
    mark_transferred,
    pause_achievement,
    pause_achievements,
    reinstate_achievement,
    start_docking,
    withdraw_achievement,
    withdraw_achievements,
)
from audit.models import AuditRecord
from tests import factories

pytestmark = pytest.mark.django_db
Status = Achievement.Status
OFFERED = {Status.REGISTERED, Status.FEATURED, Status.DOCKING}
RULES = [
    (feature_achievement, {Status.REGISTERED}, Status.FEATURED, {}),
    (start_docking, {Status.REGISTERED, Status.FEATURED}, Status.DOCKING, {}),
    (mark_transferred, OFFERED, Status.TRANSFERRED, {"note": "许可，2026 年，大连，50 万元"}),
    (pause_achievement, OFFERED, Status.PAUSED, {"reason": "独家洽谈中"}),
    (withdraw_achievement, set(Status) - {Status.TRANSFERRED, Status.WITHDRAWN}, Status.WITHDRAWN, {"reason": "失效"}),
    (reinstate_achievement, {Status.PAUSED, Status.WITHDRAWN}, Status.REGISTERED, {}),
]


def in_state(status, **fields):
    registered = status not in {Status.DRAFT, Status.INSTITUTION_REVIEW, Status.CITY_REVIEW}
    return factories.achievement(registered=registered, status=status, status_reason="原因", **fields)


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize(("service", "sources", "target", "kwargs"), RULES, ids=[rule[0].__name__ for rule in RULES])
def test_each_transition_from_each_status(service, sources, target, kwargs, status):
    achievement, city = in_state(status), factories.city_officer()
    if status in sources:
        service(achievement, by=city, **kwargs)
        assert achievement.status == target
        assert AuditRecord.objects.get(object_id=achievement.pk, object_type__startswith="achievements.").changes[
            "status"
        ] == [status, target]
    elif service is start_docking and status == Status.DOCKING:
        service(achievement, by=city)
        assert achievement.status == Status.DOCKING
    else:
        with pytest.raises(ValidationError, match="现在是“"):
            service(achievement, by=city, **kwargs)
        achievement.refresh_from_db()
        assert achievement.status == status


@pytest.mark.parametrize(("service", "sources", "target", "kwargs"), RULES, ids=[rule[0].__name__ for rule in RULES])
def test_other_users_are_denied_each_transition(service, sources, target, kwargs):
    achievement = in_state(sorted(sources)[0])
    strangers = [
        factories.institution_officer(factories.institution("大连大学")),
        factories.firm_officer(),
        factories.auditor(),
    ]
    for stranger in strangers:
        with pytest.raises(PermissionDenied):
            service(achievement, by=stranger, **kwargs)


def test_an_institution_can_pause_and_reinstate_but_not_undo_a_withdrawal():
    achievement = factories.achievement()
    office = factories.institution_officer(achievement.institution)
    pause_achievement(achievement, by=office, reason="独家洽谈中")
    reinstate_achievement(achievement, by=office)
    assert (achievement.status, achievement.status_reason) == (Status.REGISTERED, "")
    withdraw_achievement(achievement, by=office, reason="专利失效")
    with pytest.raises(PermissionDenied):
        reinstate_achievement(achievement, by=office)


def test_the_registry_number_survives_a_withdrawal():
    achievement, city = factories.achievement(), factories.city_officer()
    number = achievement.registry_number
    withdraw_achievement(achievement, by=city, reason="专利失效")
    reinstate_achievement(achievement, by=city)
    assert achievement.registry_number == number


def test_a_withdrawn_draft_is_reinstated_as_a_draft():
    achievement, city = factories.achievement(registered=False), factories.city_officer()
    withdraw_achievement(achievement, by=city, reason="重复")
    reinstate_achievement(achievement, by=city)
    assert achievement.status == Status.DRAFT


def test_reinstating_is_refused_if_the_title_is_taken():
    achievement, city = factories.achievement(), factories.city_officer()
    withdraw_achievement(achievement, by=city, reason="重新填报")
    factories.achievement(title=achievement.title)
    with pytest.raises(ValidationError, match="本单位已有同名成果"):
        reinstate_achievement(achievement, by=city)
    achievement.refresh_from_db()
    assert achievement.status == Status.WITHDRAWN


def test_marking_as_transferred_requires_a_note():
    achievement = factories.achievement()
    with pytest.raises(ValidationError, match="请写明原因"):
        mark_transferred(achievement, by=factories.city_officer(), note="")
    mark_transferred(achievement, by=factories.city_officer(), note="许可，2026 年，大连，50 万元")
    assert (achievement.transferred_note, achievement.willingness) == ("许可，2026 年，大连，50 万元", "done")
    assert not Achievement.objects.on_offer().exists()
    assert Achievement.objects.published().contains(achievement)


def test_a_district_officer_may_start_docking():
    achievement = factories.achievement()
    start_docking(achievement, by=factories.district_officer())
    assert achievement.status == Status.DOCKING


def test_bulk_transitions_skip_ineligible_rows():
    city = factories.city_officer()
    rows = [factories.achievement() for _ in range(3)]
    draft = factories.achievement(registered=False)
    assert feature_achievements([*rows, draft], by=city) == (3, 1)
    assert pause_achievements([*rows, draft], by=city, reason="活动暂停") == (3, 1)
    assert withdraw_achievements([*rows, draft], by=city, reason="清理") == (4, 0)
    for service in (feature_achievements, pause_achievements, withdraw_achievements):
        kwargs = {} if service is feature_achievements else {"reason": "无权"}
        with pytest.raises(PermissionDenied):
            service(rows, by=factories.institution_officer(), **kwargs)
