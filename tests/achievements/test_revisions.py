"""Changes of a registered achievement by its institution: reviewed by the city, before and after by field."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from achievements.models import Achievement, AchievementRevision
from achievements.services.editing import update_achievement
from achievements.services.revisions import (
    accept_revision,
    pending_revision,
    propose_revision,
    return_revision,
    withdraw_revision,
)
from audit.revisions import version_of
from notices.models import Notice
from tests import factories
from tests.portal.form_posts import controls, next_messages

pytestmark = pytest.mark.django_db
OLD, NEW = "原来的简介，循环寿命一千次。", "原来的简介，循环寿命两千次。"
INDICATOR = {"name": "循环寿命", "comparison": "ge", "value": "2000", "value_to": "", "unit": "次", "condition": ""}
INDICATOR |= {"basis": "", "today": ""}


@pytest.fixture
def achievement():
    return factories.achievement(summary=OLD)


@pytest.fixture
def office(achievement):
    return factories.institution_officer(achievement.institution)


@pytest.fixture
def city():
    return factories.city_officer()


def stored(row) -> Achievement:
    return Achievement.objects.get(pk=row.pk)


def propose(row, by, *, rows=None, seen=None, **fields):
    row = stored(row)
    seen = version_of(row, pending_revision(row)) if seen is None else seen
    return propose_revision(row, fields, by=by, detail_rows=rows or {}, seen=seen).revision


def test_what_is_registered_changes_when_the_city_accepts(achievement, office, city):
    revision = propose(achievement, office, summary=NEW, price_max_wan="80", rows={"indicators": [INDICATOR]})
    row = stored(achievement)
    assert (row.summary, row.price_max_wan, row.indicators.count()) == (OLD, 80, 0)  # the price is its own
    assert [field.label for field in revision.changed_fields] == ["成果简介", "技术指标"]
    assert Notice.objects.filter(recipient=city, path__contains="achievementrevision").exists()
    accept_revision(revision, by=city)
    row = stored(achievement)
    assert (row.summary, row.indicators.get().value, row.status) == (NEW, "2000", "registered")
    assert Notice.objects.filter(recipient=office, text__contains="已经批准").exists()


def test_an_institution_cannot_change_it_at_once(achievement, office, city):
    for change in ({"fields": {"summary": NEW}}, {"fields": {}, "detail_rows": {"indicators": [INDICATOR]}}):
        with pytest.raises(ValidationError, match="市科技局核对"):
            update_achievement(stored(achievement), by=office, **change)
    assert (stored(achievement).summary, achievement.indicators.count()) == (OLD, 0)
    update_achievement(stored(achievement), {"pay_later": True}, by=office)
    update_achievement(stored(achievement), {"summary": NEW}, by=city)
    assert stored(achievement).summary == NEW


def test_returned_withdrawn_replaced_and_conflicting(achievement, office, city):
    first = propose(achievement, office, summary=NEW)
    with pytest.raises(ValidationError, match="还没有保存"):
        propose(achievement, office, seen="old", summary="同事的页面是旧的")
    second = propose(achievement, office, summary=NEW + "又改。")
    with pytest.raises(ValidationError, match="替换或处理过"):
        accept_revision(first, by=city)
    update_achievement(stored(achievement), {"summary": "市里改的简介。"}, by=city)
    with pytest.raises(ValidationError, match="“成果简介”已被改过"):
        accept_revision(second, by=city)
    return_revision(second, by=city, reason="请在最新内容上修改")
    third = propose(achievement, office, summary=NEW)
    withdraw_revision(third, by=office)
    assert stored(achievement).summary == "市里改的简介。"
    assert [row.status for row in achievement.revisions.order_by("pk")] == ["withdrawn", "returned", "withdrawn"]


def test_who_may_propose_and_decide(achievement, office, city):
    others = [factories.institution_officer(factories.institution("大连海事大学")), factories.district_officer()]
    for user in (*others, city, factories.auditor()):
        with pytest.raises(PermissionDenied):
            propose(achievement, user, summary=NEW)
    revision = propose(achievement, office, summary=NEW)
    for user in (*others, office, factories.auditor()):
        with pytest.raises(PermissionDenied):
            accept_revision(revision, by=user)
        with pytest.raises(PermissionDenied):
            return_revision(revision, by=user, reason="不行")
    for user in others:
        assert not AchievementRevision.objects.visible_to(user).exists()
        with pytest.raises(PermissionDenied):
            withdraw_revision(revision, by=user)


def test_bad_texts_the_registered_title_and_secrets_are_refused(achievement, office):
    for fields in (
        {"summary": "请打 13812345678"},
        {"summary": "机密★10年 不能写"},
        {"title": "换个名称"},
        {"maturity_level": 99},
    ):
        with pytest.raises(ValidationError):
            propose(achievement, office, **fields)
    Achievement.objects.filter(pk=achievement.pk).update(status="withdrawn", status_reason="权利终止")
    with pytest.raises(ValidationError, match="不能这样修改"):
        propose(achievement, office, summary=NEW)
    assert not AchievementRevision.objects.exists()


def test_the_form_keeps_shows_and_withdraws_what_waits(achievement, office, client):
    client.force_login(office)
    page = reverse("achievement_edit", args=[achievement.public_id])
    sent = controls(client.get(page)) | {"summary": NEW, "indicators-0-name": "寿命", "indicators-0-value": "2000"}
    sent |= {"indicators-0-comparison": "ge", "indicators-0-unit": "次"}
    response = client.post(page, sent)
    assert response.status_code == 302 and "已提交市科技局核对" in next_messages(response)
    assert stored(achievement).summary == OLD
    shown = client.get(page)
    assert "等市科技局核对的修改" in shown.text and controls(shown)["summary"] == NEW
    assert controls(shown)["indicators-0-name"] == "寿命"
    assert client.post(page, sent).status_code == 422  # the page of before the first save
    step = {"step": "withdraw_revision", "chosen": [achievement.public_id], "confirmed": "1"}
    client.post(reverse("achievement_steps"), step)
    assert pending_revision(achievement) is None
