"""Targets given to districts and institutions: agree, counter, accept; who may; what happens at the same time."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Region
from audit.models import AuditRecord
from mechanism.models import AllocatedTarget
from mechanism.services.target_allocation import (
    accept_counter,
    agree_target,
    counter_target,
    give_target,
    parse_target_value,
)
from notices.models import Notice
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    return make.city_officer()


@pytest.fixture
def district():
    return make.district_officer("jinpu")


@pytest.fixture
def target(city, district):
    given = give_target(figure="turnover", year=2026, assignee=make.region("jinpu"), value=Decimal(30), by=city)
    assert given is not None
    return given


def test_given_countered_accepted_leaves_a_history_and_tells_the_other_side(target, city, district):
    assert Notice.objects.filter(recipient=district, text__contains="30").count() == 1
    reason = "去年的特大合同不会再有"
    counter_target(target, proposed=Decimal(24), reason=reason, revision=target.revision, by=district)
    assert Notice.objects.get(recipient=city, read_at=None).text.endswith(reason)
    accept_counter(target, revision=target.revision, by=city)
    target.refresh_from_db()
    assert (target.status, target.value, target.proposed) == ("agreed", Decimal(24), None)
    steps = [(step.kind, step.value, step.by) for step in target.steps.all()]
    assert steps == [("given", 30, city), ("countered", 24, district), ("accepted", 24, city)]
    assert AuditRecord.objects.filter(object_type="mechanism.allocatedtarget", object_id=str(target.pk)).count() == 3


def test_a_new_value_has_to_be_agreed_again_and_the_same_value_changes_nothing(target, city, district):
    agree_target(target, revision=target.revision, by=district)
    again = {"figure": "turnover", "year": 2026, "assignee": target.region, "by": city}
    assert give_target(value=Decimal(30), **again) is None
    give_target(value=Decimal(33), note="按会议纪要调整", **again)
    target.refresh_from_db()
    assert (target.status, target.value) == ("given", 33)
    assert [step.kind for step in target.steps.all()] == ["given", "agreed", "revised"]


def test_nobody_answers_a_value_that_has_changed_meanwhile(target, city, district):
    seen = target.revision
    give_target(figure="turnover", year=2026, assignee=target.region, value=Decimal(40), by=city)
    for answer in (agree_target, lambda row, **kwargs: counter_target(row, proposed=Decimal(9), reason="少", **kwargs)):
        with pytest.raises(ValidationError, match="刚刚有人改过，现在是 40"):
            answer(target, revision=seen, by=district)
    target.refresh_from_db()
    assert (target.status, target.value) == ("given", 40)
    agree_target(target, revision=target.revision, by=district)
    with pytest.raises(ValidationError, match="已商定"):
        agree_target(target, revision=target.revision, by=district)


def test_only_the_city_gives_and_only_the_assignee_answers(target, city, district):
    others = (make.district_officer("210283"), make.institution_officer(make.institution()), make.auditor(), city)
    for other in others:
        with pytest.raises(PermissionDenied):
            agree_target(target, revision=target.revision, by=other)
    for other in (*others[:3], district):
        with pytest.raises(PermissionDenied):
            give_target(figure="items", year=2026, assignee=target.region, value=Decimal(3), by=other)
    counter_target(target, proposed=Decimal(3), reason="少", revision=target.revision, by=district)
    with pytest.raises(PermissionDenied):
        accept_counter(target, revision=target.revision, by=district)
    assert list(AllocatedTarget.objects.visible_to(others[0])) == []
    assert list(AllocatedTarget.objects.visible_to(district)) == [target]


def test_a_counter_needs_a_reason_and_another_value(target, district):
    for proposed, reason, message in ((Decimal(9), " \u200b ", "理由"), (Decimal(30), "好", "一样")):
        with pytest.raises(ValidationError, match=message):
            counter_target(target, proposed=proposed, reason=reason, revision=target.revision, by=district)


@pytest.mark.parametrize(
    ("figure", "text", "message"),
    [
        ("turnover", "三十", "金普新区：“三十”不是数字"),
        ("turnover", "-1", "要大于 0"),
        ("turnover", "NaN", "要大于 0"),
        ("turnover", "1e99", "不超过 100,000,000"),
        ("turnover", "1.234", "两位小数"),
        ("local_rate", "101", "不超过 100"),
    ],
)
def test_a_typed_value_is_refused_with_row_and_value(figure, text, message):
    with pytest.raises(ValidationError, match=message):
        parse_target_value(text, "金普新区", figure)


def test_typed_values():
    assert parse_target_value(" 1，200.5 ", "x", "turnover") == Decimal("1200.5")


def test_counts_are_whole_and_agencies_belong_to_no_institution(city):
    with pytest.raises(ValidationError, match="整数"):
        give_target(figure="items", year=2026, assignee=make.region("jinpu"), value=Decimal("1.5"), by=city)
    with pytest.raises(ValidationError, match="不归高校院所"):
        give_target(figure="agencies", year=2026, assignee=make.institution(), value=Decimal(1), by=city)


def test_the_database_refuses_what_no_service_writes(target):
    region = Region.objects.get(pk=target.region_id)
    wrong = (
        {"figure": "turnover", "year": 2026, "region": region, "value": 1},
        {"figure": "items", "year": 2026, "value": 1},
        {"figure": "items", "year": 2026, "region": region, "institution": make.institution(), "value": 1},
        {"figure": "items", "year": 2026, "region": region, "value": 0},
        {"figure": "local_rate", "year": 2026, "region": region, "value": 101},
        {"figure": "items", "year": 2026, "region": region, "value": 1, "status": "countered"},
    )
    for values in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            AllocatedTarget.objects.create(**values)
