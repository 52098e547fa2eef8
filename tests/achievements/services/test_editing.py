from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from achievements.models import Achievement
from achievements.services.editing import create_achievement, update_achievement
from audit.models import AuditRecord
from taxonomy.models import Industry
from tests import factories

pytestmark = pytest.mark.django_db
Status = Achievement.Status
INDICATOR = {"name": "循环寿命", "comparison": "ge", "value": "2000", "unit": "次"}


@pytest.fixture
def achievement():
    return factories.achievement(registered=False)


@pytest.fixture
def office(achievement):
    return factories.institution_officer(achievement.institution)


def fields(**changes):
    return {
        "title": "高镍三元正极材料表面包覆技术",
        "institution": factories.institution(),
        "lead_person": "示例人",
        "form": "material",
        "industry": Industry.objects.get(slug="materials"),
        "summary": "在正极颗粒表面生成包覆层，抑制副反应，提高循环寿命。",
        "stage": "middle",
        "transfer_ways": ["licence"],
        "non_secret_confirmed": True,
    } | changes


def test_a_new_achievement_is_a_draft_with_detail_rows(office):
    made = create_achievement(
        fields(maturity_level=6), by=office, detail_rows={"indicators": [INDICATOR], "completers": [{"name": "甲"}]}
    )
    assert (made.status, made.created_by, made.maturity_bucket) == (Status.DRAFT, office, "pilot")
    assert [str(indicator) for indicator in made.indicators.all()] == ["循环寿命 ≥ 2000 次"]
    assert AuditRecord.objects.filter(action="新建", object_id=made.pk).exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"non_secret_confirmed": False}, "__all__"),
        ({"summary": "机密★ 某材料"}, "summary"),
        ({"keywords": ["一", "二", "三", "四"]}, "keywords"),
        ({"transfer_ways": []}, "transfer_ways"),
        ({"maturity_level": 12}, "__all__"),
        ({"price_min_wan": Decimal(9), "price_max_wan": Decimal(1)}, "__all__"),
        ({"title": ""}, "title"),
    ],
)
def test_invalid_values_are_not_stored(office, changes, field):
    with pytest.raises(ValidationError) as refusal:
        create_achievement(fields(**changes), by=office)
    assert field in refusal.value.message_dict
    assert Achievement.objects.count() == 1


def test_a_secrecy_marking_in_a_detail_row_is_refused(office):
    with pytest.raises(ValidationError, match="涉密"):
        create_achievement(fields(), by=office, detail_rows={"indicators": [INDICATOR | {"condition": "密级：秘密"}]})


def test_achievements_of_other_institutions_cannot_be_edited(office, achievement):
    with pytest.raises(PermissionDenied):
        create_achievement(fields(institution=factories.institution("大连大学")), by=office)
    with pytest.raises(PermissionDenied):
        update_achievement(achievement, {"summary": "x"}, by=factories.auditor())


def test_the_audit_record_has_old_and_new_values(achievement, office):
    old = achievement.summary
    update_achievement(
        achievement,
        {"summary": "新的简介", "price_min_wan": Decimal("12.50")},
        by=office,
        detail_rows={"indicators": [INDICATOR]},
    )
    assert AuditRecord.objects.get(action="修改").changes == {
        "summary": [old, "新的简介"],
        "price_min_wan": [None, "12.50"],
        "indicators": [[], ["循环寿命 ≥ 2000 次"]],
    }


def test_saving_without_changes_writes_no_record(achievement, office):
    update_achievement(achievement, {"summary": achievement.summary}, by=office, detail_rows={"indicators": []})
    assert not AuditRecord.objects.filter(action="修改").exists()


def test_detail_rows_are_replaced_only_when_given(achievement, office):
    update_achievement(achievement, {}, by=office, detail_rows={"indicators": [INDICATOR]})
    kept = achievement.indicators.get().pk
    update_achievement(achievement, {"summary": "新的简介"}, by=office)
    update_achievement(achievement, {}, by=office, detail_rows={"indicators": [INDICATOR]})
    assert achievement.indicators.get().pk == kept


def test_an_edit_of_a_stale_version_is_refused(achievement, office):
    seen = achievement.updated_at
    update_achievement(achievement, {"summary": "别人的修改"}, by=office, seen_at=seen)
    with pytest.raises(ValidationError, match="请重新打开页面"):
        update_achievement(achievement, {"summary": "我的修改"}, by=office, seen_at=seen)
    achievement.refresh_from_db()
    assert achievement.summary == "别人的修改"
    with pytest.raises(ValidationError):
        update_achievement(achievement, {"summary": "x"}, by=office, seen_at=achievement.updated_at - timedelta(days=1))


def test_a_registered_achievement_keeps_title_and_status(office):
    registered = factories.achievement()
    update_achievement(registered, {"lead_person": "示例人乙"}, by=office)
    assert registered.status == Status.REGISTERED
    for name, value in (("title", "换个名称"), ("institution", factories.institution("大连大学"))):
        with pytest.raises(ValidationError, match="已入库的成果不能更改这一项"):
            update_achievement(registered, {name: value}, by=office)


def test_unwillingness_unpublishes_the_achievement(office):
    registered = factories.achievement()
    update_achievement(registered, {"willingness": "unwilling"}, by=office)
    assert not Achievement.objects.published().exists()
    assert "published_at" in AuditRecord.objects.get(action="修改").changes


@pytest.mark.parametrize("status", list(Status))
def test_statuses_in_which_institution_and_city_can_edit(status):
    registered = status not in {Status.DRAFT, Status.INSTITUTION_REVIEW, Status.CITY_REVIEW}
    row = factories.achievement(registered=registered, status=status, status_reason="原因")
    closed = {Status.TRANSFERRED, Status.WITHDRAWN}
    for user, shut in (
        (factories.institution_officer(row.institution), closed | {Status.CITY_REVIEW}),
        (factories.city_officer(), closed),
    ):
        if status in shut:
            with pytest.raises(ValidationError, match="不能修改"):
                update_achievement(row, {"lead_person": f"由{user}修改"}, by=user)
        else:
            update_achievement(row, {"lead_person": f"由{user}修改"}, by=user)
            assert row.lead_person == f"由{user}修改"
