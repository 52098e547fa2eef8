"""The public page: texts wait for the city, choices change at once, cases need both parties, no telephone."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from brokerage.services import profiles
from brokerage.track_record import track_record
from tests import factories as make

PLAIN = {"services": ["consulting"], "takes_requests": True, "industries": [], "regions": []}


@pytest.fixture
def broker(db):
    return make.broker_account(contact=None)


def page_of(client, broker) -> str:
    return client.get(reverse("broker_detail", args=[broker.public_id])).text


def save(profile, by, introduction="专做轴承和热处理。", **fields):
    texts = {"introduction": introduction, "languages": "普通话、日语"}
    return profiles.save_profile(profile, by=by, texts=texts, **PLAIN | fields)


def test_texts_wait_for_the_city_and_choices_do_not(client, broker):
    profile = profiles.profile_of(broker, by=broker.user)
    region = make.region("jinpu")
    revision = save(profile, broker.user, regions=[region])
    assert "专做轴承" not in page_of(client, broker)
    assert region.name in page_of(client, broker)
    with pytest.raises(PermissionDenied):
        profiles.accept_profile_revision(revision, by=broker.user)
    again = save(profile, broker.user, introduction="专做轴承。")
    revision.refresh_from_db()
    assert revision.status == "withdrawn"
    profiles.accept_profile_revision(again, by=make.city_officer())
    assert "专做轴承。" in page_of(client, broker)
    with pytest.raises(ValidationError, match="个人信息"):
        save(profile, broker.user, introduction="请打 13904110001")
    with pytest.raises(PermissionDenied):
        save(profile, make.broker_account("大连另一家技术转移中心").user)


def test_a_case_is_public_while_both_parties_agree(client, broker):
    contract = make.confirmed(make.contract(broker=broker), confirms_broker=True)
    profile = profiles.profile_of(broker, by=broker.user)
    with pytest.raises(ValidationError, match="双方都确认"):
        profiles.tell_case(profile, make.contract(broker=broker), text="另一份合同", by=broker.user)
    case = profiles.tell_case(profile, contract, text="四个月谈成热处理合作。", by=broker.user)
    seller, buyer = make.institution_officer(contract.seller), make.firm_officer(contract.buyer)
    profiles.answer_case(case, agree=True, by=seller)
    assert "四个月谈成" not in page_of(client, broker)
    profiles.answer_case(case, agree=True, by=buyer)
    assert "四个月谈成" in page_of(client, broker)
    assert contract.buyer_name in page_of(client, broker)
    with pytest.raises(PermissionDenied):
        profiles.answer_case(case, agree=False, by=make.firm_officer())
    profiles.answer_case(case, agree=False, by=buyer)
    assert contract.buyer_name not in page_of(client, broker)


def test_counts_only_what_the_platform_knows(client, broker):
    make.confirmed(make.contract(broker=broker), confirms_broker=True)
    make.contract(broker=broker)  # named, but not confirmed
    make.mandate(make.firm(), broker)
    record = track_record(broker)
    assert (record.contracts, record.clients, record.pairs, record.has_times) == (1, 1, 0, False)
    page = page_of(client, broker)
    assert "1</b> 份，买卖双方均已确认" in " ".join(page.split())
    assert "不足 5 条" in page


def test_the_page_shows_no_telephone(client, db):
    contact = make.contact(make.organisation("agency", "大连试用技术转移中心"), phone="13904110009")
    broker = make.broker_account(contact=contact)
    assert "13904110009" not in page_of(client, broker)
    assert contact.masked_phone not in page_of(client, broker)


def test_forms_on_the_workbench(client, broker):
    client.force_login(broker.user)
    url = client.get(reverse("my_profiles"), follow=True).context["profiles"]
    assert [str(profile.owner) for profile in url] == [broker.name, str(broker.agency)]
    edit = reverse("profile_edit", args=[url[0].public_id])
    saved = client.post(edit, {"introduction": "专做轴承。", "takes_requests": "on"}, follow=True)
    assert "由市科技局审核后公开" in saved.text
    assert "在等市科技局审核" in saved.text


def test_a_refused_case_keeps_its_text(client, broker):
    contract = make.confirmed(make.contract(broker=broker), confirms_broker=True)
    profile = profiles.profile_of(broker, by=broker.user)
    client.force_login(broker.user)
    fields = {"contract": contract.public_id, "text": "四个月谈成，详情请打 13904110001"}
    answer = client.post(reverse("case_tell", args=[profile.public_id]), fields)
    assert answer.status_code == 422 and "四个月谈成，详情请打" in answer.text
    assert f'action="{reverse("profile_edit", args=[profile.public_id])}"' in answer.text
    assert not profile.cases.exists()
