from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import Contact
from matching.models import FollowUp
from matching.services.broker_requests import answer_broker_request, ask_broker
from matching.services.confirmations import confirm_stance
from matching.services.follow_ups import (
    close_follow_up,
    reassign_follow_up,
    record_intent,
    record_progress,
    return_to_talks,
    reveal_side_contact,
)
from matching.services.review import accept_match
from matching.services.side_responses import answer_willing
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db):
    return make.district_officer("jinpu")


@pytest.fixture
def agreed(district):
    match = make.match()
    accept_match(match, by=district)
    for side in match.follow_up.responses.all():
        contact = Contact.objects.create(organisation=side.organisation, name="赵某", phone="13804110001")
        answer_willing(side, contact=contact, consents=True, by=make.officer_of(side))
    match.follow_up.refresh_from_db()
    return match.follow_up


def day(number: int):
    return timezone.localdate() + timedelta(days=number)


def test_progress_from_talks_to_intent(agreed, district):
    record_progress(agreed, note="已到企业看过生产线", next_on=day(5), by=district)
    record_intent(agreed, note="双方签了意向书", next_on=day(30), by=district)
    assert (agreed.status, agreed.next_on) == ("talks", day(30)), "the owner's word alone"
    for question in agreed.requests.open():
        confirm_stance(question, stance="intent")
    agreed.refresh_from_db()
    assert (agreed.status, agreed.next_on, agreed.intent_asked_at) == ("intent", day(30), None)
    with pytest.raises(ValidationError, match="只有洽谈中"):
        record_intent(agreed, note="再来一次", next_on=day(30), by=district)
    return_to_talks(agreed, note="企业重新评估", next_on=day(9), by=district)
    assert list(agreed.steps.values_list("status", flat=True)) == [
        "talks",
        "intent",
        "talks",
        "talks",
        "talks",
        "asking",
    ]


@pytest.mark.parametrize(("note", "days"), [(" ", 3), ("看过了", 0), ("看过了", -1), ("看过了", 400)])
def test_progress_requires_a_note_and_a_future_day(agreed, district, note, days):
    with pytest.raises(ValidationError):
        record_progress(agreed, note=note, next_on=day(days), by=district)
    assert agreed.steps.count() == 2


def test_closing_requires_a_reason_and_is_final(agreed, district):
    with pytest.raises(ValidationError, match="请选择结束的原因"):
        close_follow_up(agreed, reason="", note="谈不拢", by=district)
    with pytest.raises(ValidationError, match="请写下"):
        close_follow_up(agreed, reason="no_deal", note="", by=district)
    close_follow_up(agreed, reason="no_deal", note="价格谈不拢", by=district)
    for step in (record_progress, record_intent):
        with pytest.raises(ValidationError):
            step(agreed, note="再看看", next_on=day(3), by=district)
    with pytest.raises(ValidationError, match="已经结束"):
        close_follow_up(agreed, reason="no_deal", note="又一次", by=district)


def test_only_users_who_manage_the_follow_up_can_change_it(agreed):
    firm = make.firm_officer(agreed.match.demand.firm)
    for stranger in (firm, make.district_officer("gaoxin"), make.auditor()):
        with pytest.raises(PermissionDenied):
            record_progress(agreed, note="看过了", next_on=day(3), by=stranger)
        with pytest.raises(PermissionDenied):
            close_follow_up(agreed, reason="no_deal", note="谈不拢", by=stranger)
    record_progress(agreed, note="看过了", next_on=day(3), by=make.district_officer("jinpu"))


def test_new_owner_sees_the_contacts(agreed, district):
    city, stranger = make.city_officer(), make.district_officer("gaoxin")
    with pytest.raises(ValidationError, match="本区县的专员"):
        reassign_follow_up(agreed, to=stranger, by=district)
    reassign_follow_up(agreed, to=city, by=district)
    assert agreed.owner == city
    assert reveal_side_contact(agreed.responses.first(), by=city).name == "赵某"


def test_broker_who_accepts_becomes_owner(agreed, district):
    person = make.user("broker", make.organisation("agency"))
    request = ask_broker(agreed.match, broker=make.broker(user=person), by=district)
    assert not FollowUp.objects.visible_to(person).exists()
    with pytest.raises(PermissionDenied):
        reveal_side_contact(agreed.responses.first(), by=person)
    answer_broker_request(request, accept=True, by=person)
    agreed.refresh_from_db()
    assert agreed.owner == person
    assert FollowUp.objects.visible_to(person).exists()
    assert {reveal_side_contact(side, by=person).name for side in agreed.responses.all()} == {"赵某"}
    record_progress(agreed, note="已约双方见面", next_on=day(4), by=person)


def test_follow_up_is_overdue_after_its_next_day(agreed):
    assert not FollowUp.objects.overdue().exists()
    FollowUp.objects.update(next_on=day(-1))
    assert FollowUp.objects.overdue().get().is_late
