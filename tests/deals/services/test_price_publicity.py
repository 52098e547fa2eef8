"""价格公示 on the platform: public page without the buyer, objections of visitors, who decides, prolongation."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from deals.models import PricePublicity
from deals.services.price_publicity import (
    MOST_OPEN,
    prolong_publicity,
    publish_price,
    raise_objection,
    settle_objection,
)
from open_work.sources import open_work_of
from tests import factories as make

pytestmark = pytest.mark.django_db
WORDS = {"who": "某企业", "contact": "a@example.cn", "text": "价格明显低于同类成果的成交价格"}


def today():
    return timezone.localdate()


@pytest.fixture
def office():
    return make.institution_officer(make.institution("大连公示大学"))


@pytest.fixture
def deal(office):
    school = office.memberships.get().organisation
    item = make.achievement(institution=school, title="船用防污涂料")
    return make.deal(
        seller=school, buyer=make.firm("大连暗礁涂装有限公司"), name="暗礁涂装受让防污涂料", outside_achievement=item
    )


@pytest.fixture
def publicity(deal, office):
    return publish_price(deal, place="", price_wan=Decimal("88.00"), starts_on=today(), is_public=True, by=office)


def test_the_public_page_names_item_and_price_but_never_the_buyer(publicity, client):
    for path in (reverse("price_publicity_list"), reverse("price_publicity", args=[publicity.public_id])):
        page = client.get(path).text
        assert "船用防污涂料" in page
        assert "88" in page
        assert "暗礁" not in page


def test_what_was_recorded_elsewhere_or_failed_or_begins_later_is_not_public(deal, office, publicity, client):
    elsewhere = publish_price(
        deal, place="校园网", price_wan=Decimal(80), starts_on=today() - timedelta(days=3), by=office
    )
    later = publish_price(
        deal, place="", price_wan=Decimal(80), starts_on=today() + timedelta(days=3), is_public=True, by=office
    )
    assert list(PricePublicity.objects.public()) == [publicity]
    for row in (elsewhere, later):
        assert client.get(reverse("price_publicity", args=[row.public_id])).status_code == 404
    with pytest.raises(ValidationError, match="从今天或以后"):
        publish_price(
            deal, place="", price_wan=Decimal(80), starts_on=today() - timedelta(days=20), is_public=True, by=office
        )


def test_an_item_title_with_the_buyers_name_is_refused(deal, office):
    type(deal.achievement).objects.filter(pk=deal.achievement.pk).update(title="给暗礁涂装做的涂料")
    deal.refresh_from_db()
    with pytest.raises(ValidationError, match="不写受让方"):
        publish_price(deal, place="", price_wan=Decimal(80), starts_on=today(), is_public=True, by=office)


def test_a_visitor_objects_and_another_officer_answers_in_time(publicity, office, deal, client):
    colleague = make.institution_officer(deal.seller)
    address = reverse("price_publicity", args=[publicity.public_id])
    assert client.post(address, WORDS | {"text": "太低"}).status_code == 422
    assert client.post(address, WORDS).status_code == 302
    objection = publicity.objections.get()
    assert (objection.raised_by, objection.is_from_page) == (None, True)
    assert objection.due_on > today()
    work = {work.key: work.waiting().count() for work in open_work_of(colleague)}
    assert work["own-price-objections"] == 1
    page = client.get(address).text
    assert "同类成果" not in page
    assert "a@example.cn" not in page
    with pytest.raises(PermissionDenied, match="另一位专员"):
        settle_objection(objection, outcome="价格合理", settled_on=today(), by=office)
    for words, why in (("暗礁涂装的报价最高", "不写受让方"), ("请联系 13904110001", "个人信息")):
        with pytest.raises(ValidationError, match=why):
            settle_objection(objection, outcome=words, settled_on=today(), by=colleague)
    settle_objection(objection, outcome="经第三方评估，价格合理。", settled_on=today(), by=colleague)
    assert objection.settled_by == colleague
    assert "经第三方评估" in client.get(address).text


def test_if_the_office_has_nobody_else_the_city_decides(publicity, office):
    objection = raise_objection(publicity, by=None, **WORDS)
    with pytest.raises(PermissionDenied):
        settle_objection(objection, outcome="价格合理", settled_on=today(), by=office)
    settle_objection(objection, outcome="经核实，价格合理。", settled_on=today(), by=make.city_officer())


def test_the_city_does_not_decide_for_an_office_with_others_nor_who_objected(publicity, deal):
    colleague = make.institution_officer(deal.seller)
    make.institution_officer(deal.seller)
    objection = raise_objection(publicity, by=colleague, **WORDS)
    for person in (make.city_officer(), colleague, make.firm_officer(deal.buyer)):
        with pytest.raises(PermissionDenied):
            settle_objection(objection, outcome="价格合理", settled_on=today(), by=person)


def test_objections_are_bounded_and_end_with_the_publicity(publicity):
    for _number in range(MOST_OPEN):
        raise_objection(publicity, by=None, **WORDS)
    with pytest.raises(ValidationError, match="很多异议"):
        raise_objection(publicity, by=None, **WORDS)
    PricePublicity.objects.filter(pk=publicity.pk).update(
        starts_on=today() - timedelta(days=20), ends_on=today() - timedelta(days=1)
    )
    with pytest.raises(ValidationError, match="已经结束"):
        raise_objection(publicity, by=None, **WORDS)


def test_a_publicity_is_only_prolonged(publicity, office, deal):
    end = publicity.ends_on
    with pytest.raises(ValidationError, match="晚于"):
        prolong_publicity(publicity, ends_on=end - timedelta(days=1), reason="提前结束", by=office)
    with pytest.raises(PermissionDenied):
        prolong_publicity(publicity, ends_on=end + timedelta(days=5), reason="等评估", by=make.firm_officer(deal.buyer))
    prolong_publicity(publicity, ends_on=end + timedelta(days=5), reason="等第三方评估", by=office)
    assert publicity.ends_on == end + timedelta(days=5)
