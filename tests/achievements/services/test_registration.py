from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from achievements.models import Achievement, RegistryCounter
from achievements.services.publication import (
    publish_achievement,
    publish_achievements,
    renew_achievement,
    unpublish_achievement,
    years_later,
)
from achievements.services.registration import next_registry_numbers, register_achievement, register_achievements
from audit.models import AuditRecord
from tests import factories

pytestmark = pytest.mark.django_db
Status = Achievement.Status


def waiting(**fields):
    return factories.achievement(registered=False, status=Status.CITY_REVIEW, **fields)


def test_registration_assigns_a_number_and_publishes_for_two_years():
    achievement, city = waiting(), factories.city_officer()
    register_achievement(achievement, by=city)
    today = timezone.localdate()
    assert achievement.registry_number == f"DL-{today.year}-0001"
    assert (achievement.registered_by, achievement.expires_on) == (city, years_later(today, 2))
    assert Achievement.objects.on_offer().contains(achievement)
    record = AuditRecord.objects.get(action="登记入库")
    assert record.changes["registry_number"] == [None, achievement.registry_number]


def test_a_future_expiry_date_is_kept_and_a_past_one_replaced():
    later, past = timezone.localdate() + timedelta(days=90), timezone.localdate() - timedelta(days=1)
    rows = [waiting(expires_on=later), waiting(expires_on=past)]
    register_achievements(rows, by=factories.city_officer())
    assert [Achievement.objects.get(pk=row.pk).expires_on for row in rows] == [
        later,
        years_later(timezone.localdate(), 2),
    ]


def test_an_unwilling_achievement_is_registered_but_not_published():
    achievement, city = waiting(willingness="unwilling"), factories.city_officer()
    register_achievement(achievement, by=city)
    assert achievement.status == Status.REGISTERED
    assert achievement.published_at is None
    with pytest.raises(ValidationError, match="暂无转化意愿"):
        publish_achievement(achievement, by=city)


@pytest.mark.parametrize("status", [s for s in Status if s != Status.CITY_REVIEW])
def test_registration_in_another_status_uses_no_number(status):
    registered = status not in {Status.DRAFT, Status.INSTITUTION_REVIEW}
    achievement = factories.achievement(registered=registered, status=status, status_reason="原因")
    before = achievement.registry_number
    with pytest.raises(ValidationError, match="只有“待市科技局审核”"):
        register_achievement(achievement, by=factories.city_officer())
    achievement.refresh_from_db()
    assert (achievement.status, achievement.registry_number) == (status, before)
    assert not RegistryCounter.objects.exists()


def test_only_the_city_can_register_and_publish():
    achievement = waiting()
    office = factories.institution_officer(achievement.institution)
    for outsider in (office, factories.auditor(), factories.district_officer()):
        for service in (register_achievement, publish_achievement):
            with pytest.raises(PermissionDenied):
                service(achievement, by=outsider)


def test_bulk_registration_takes_few_queries(django_assert_max_num_queries):
    rows = [waiting() for _ in range(6)]
    left = factories.achievement(registered=False)
    city = factories.city_officer()
    city.scope  # noqa: B018 (read once before counting)
    with django_assert_max_num_queries(7):
        result = register_achievements(Achievement.objects.filter(registry_number=None), by=city)
    assert result == (6, 1)
    year = timezone.localdate().year
    assert [Achievement.objects.get(pk=row.pk).registry_number for row in rows] == [
        f"DL-{year}-{number:04d}" for number in range(1, 7)
    ]
    left.refresh_from_db()
    assert left.registry_number is None


def test_registry_numbers_can_exceed_four_digits():
    RegistryCounter.objects.create(year=timezone.localdate().year, last=9999)
    assert next_registry_numbers(2)[0].endswith("-10000")
    assert next_registry_numbers(0) == []


def test_the_database_rejects_duplicate_registry_numbers():
    first, second = factories.achievement(), factories.achievement()
    with pytest.raises(IntegrityError), transaction.atomic():
        Achievement.objects.filter(pk=second.pk).update(registry_number=first.registry_number)


@pytest.mark.django_db(transaction=True)
def test_concurrent_registrations_get_distinct_numbers():
    rows = [waiting() for _ in range(24)]
    city = factories.city_officer()
    single, bulk = rows[:12], rows[6:]  # they overlap: every item may be asked for twice

    def register_one(row):
        try:
            register_achievement(row, by=city)
            return 1
        except ValidationError:
            return 0
        finally:
            connections.close_all()

    def register_some(part):
        try:
            return register_achievements(part, by=city).changed
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(register_one, row) for row in single]
        done += [pool.submit(register_some, bulk[start::3]) for start in range(3)]
        moved = sum(job.result() for job in done)
    numbers = list(Achievement.objects.order_by("registry_number").values_list("registry_number", flat=True))
    year = timezone.localdate().year
    assert numbers == [f"DL-{year}-{number:04d}" for number in range(1, 25)]
    assert moved == 24
    assert AuditRecord.objects.filter(action="登记入库").count() == 24
    connection.close()


def test_publishing_again_changes_nothing():
    achievement, city = factories.achievement(), factories.city_officer()
    since = achievement.published_at
    publish_achievement(achievement, by=city)
    assert achievement.published_at == since
    assert not AuditRecord.objects.filter(action="公开").exists()


def test_unpublish_with_a_reason_and_publish_again():
    achievement, city = factories.achievement(), factories.city_officer()
    office = factories.institution_officer(achievement.institution)
    unpublish_achievement(achievement, by=office, reason="专利变更中")
    assert not Achievement.objects.published().exists()
    with pytest.raises(ValidationError, match="没有公开"):
        unpublish_achievement(achievement, by=office, reason="再来一次")
    assert publish_achievements([achievement, factories.achievement(registered=False)], by=city) == (1, 1)
    assert Achievement.objects.published().contains(achievement)


def test_an_expired_achievement_must_be_renewed_before_publication():
    yesterday = timezone.localdate() - timedelta(days=1)
    achievement, city = factories.achievement(expires_on=yesterday, published_at=None), factories.city_officer()
    with pytest.raises(ValidationError, match="有效期"):
        publish_achievement(achievement, by=city)
    with pytest.raises(ValidationError, match="晚于今天"):
        renew_achievement(achievement, by=city, until=yesterday)
    renew_achievement(achievement, by=factories.institution_officer(achievement.institution))
    assert achievement.expires_on == years_later(timezone.localdate(), 2)
    publish_achievement(achievement, by=city)


def test_a_draft_cannot_be_renewed():
    with pytest.raises(ValidationError, match="不能续期"):
        renew_achievement(factories.achievement(registered=False), by=factories.city_officer())


def test_two_years_after_29_february():
    assert years_later(date(2028, 2, 29), 2) == date(2030, 2, 28)
    assert years_later(date(2026, 11, 24), 2) == date(2028, 11, 24)
