"""评价申请: asked by the office, opened by the city without the experts who were declared."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from mechanism.models import VALUES, Expert
from mechanism.services.evaluation_requests import (
    accept_request,
    decline_request,
    request_evaluation,
    withdraw_request,
)
from mechanism.services.evaluations import default_weights
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    return make.achievement(institution=make.institution("大连受评大学"))


@pytest.fixture
def office(item):
    return make.institution_officer(item.institution)


def ask(item, office, **changes):
    values = {
        "purpose": "作价投资前", "evidence": "第三方检测报告", "relations": "端木甲（完成人的弟弟）\n某某材料研究所",
        "weights": default_weights(item.category),
    }  # fmt: skip
    return request_evaluation(item, by=office, **values | changes)


def experts(*pairs):
    return [Expert.objects.create(name=name, unit=unit) for name, unit in pairs]


def test_the_city_opens_the_evaluation_with_its_weights_and_the_result_has_its_place(item, office, client):
    weights = dict(zip(VALUES, (10, 40, 30, 15, 5), strict=True))
    asked = ask(item, office, weights=weights)
    invited = experts(("专家一", "甲院"), ("专家二", "乙院"), ("专家三", "丙院"))
    evaluation = accept_request(asked, experts=invited, by=make.city_officer())
    assert evaluation.weights == weights
    assert (asked.status, asked.evaluation) == ("accepted", evaluation)
    opinion = evaluation.opinions.first()
    marks = {value: 80 for value in VALUES} | {f"{value}_reason": "有检测报告支持" for value in VALUES}
    path = reverse("evaluate", args=[opinion.code])
    assert "请声明没有关联" in client.post(path, marks).text
    opinion.refresh_from_db()
    assert opinion.status == "asked"
    client.post(path, marks | {"declared": "on"})
    opinion.refresh_from_db()
    assert (opinion.status, bool(opinion.declared_at)) == ("marked", True)


def test_declared_relatives_and_units_cannot_be_invited(item, office, client):
    asked = ask(item, office)
    invited = experts(("端木甲", "别处大学"), ("专家二", "某某材料研究所"), ("专家三", "丙院"), ("专家四", "丁院"))
    with pytest.raises(ValidationError) as refused:
        accept_request(asked, experts=invited, by=make.city_officer())
    assert len(refused.value.messages) == 2
    client.force_login(make.city_officer())
    page = client.get(reverse("evaluation_request", args=[asked.public_id])).text
    assert page.count("disabled") == 2


def test_what_is_refused(item, office):
    with pytest.raises(ValidationError, match="合计应为 100"):
        ask(item, office, weights=dict.fromkeys(VALUES, 30))
    with pytest.raises(PermissionDenied):
        ask(item, make.institution_officer(make.institution("外校")))
    with pytest.raises(ValidationError, match="入库以后"):
        ask(make.achievement(institution=item.institution, registered=False), office)
    asked = ask(item, office)
    with pytest.raises(ValidationError, match="正在等答复"):
        ask(item, office)
    for step in (
        lambda: accept_request(asked, experts=[], by=office),
        lambda: decline_request(asked, reason="先补充检测报告", by=office),
        lambda: withdraw_request(asked, by=make.city_officer()),
    ):
        with pytest.raises(PermissionDenied):
            step()
    withdraw_request(asked, by=office)
    with pytest.raises(ValidationError, match="已经答复过"):
        decline_request(asked, reason="先补充检测报告", by=make.city_officer())


def test_the_declared_names_are_read_by_the_city_and_who_asked_only(item, office, client):
    asked = ask(item, office)
    path = reverse("evaluation_request", args=[asked.public_id])
    for person, sees in (
        (office, True),
        (make.city_officer(), True),
        (make.institution_officer(item.institution), False),
    ):
        client.force_login(person)
        assert ("端木甲" in client.get(path).text) == sees
