from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import Role
from matching.models import BrokerRequest
from matching.services.broker_requests import answer_broker_request, ask_broker
from matching.services.review import accept_match, reopen_match
from tests import factories as make


@pytest.fixture
def officer(db):
    return make.district_officer()


@pytest.fixture
def accepted(officer):
    match = make.match()
    accept_match(match, by=officer)
    return match


def test_broker_accepts_a_request(officer, accepted):
    person = make.user(Role.BROKER, make.organisation("agency"))
    request = ask_broker(accepted, broker=make.broker(user=person), by=officer, note="请本周联系")
    assert list(BrokerRequest.objects.visible_to(person).awaiting_answer()) == [request]
    answer_broker_request(request, accept=True, by=person)
    assert (request.status, request.note) == ("taken", "请本周联系")
    with pytest.raises(ValidationError, match="已经答复过"):
        answer_broker_request(request, accept=False, by=person)


def test_only_the_broker_can_answer(officer, accepted):
    request = ask_broker(accepted, broker=make.broker(user=make.user()), by=officer)
    with pytest.raises(PermissionDenied):
        answer_broker_request(request, accept=True, by=officer)


def test_match_has_one_open_request(officer, accepted):
    person = make.user()
    first = ask_broker(accepted, broker=make.broker(user=person), by=officer)
    with pytest.raises(ValidationError, match="已委托给一位技术经纪人"):
        ask_broker(accepted, broker=make.broker(), by=officer)
    answer_broker_request(first, accept=False, by=person)
    assert ask_broker(accepted, broker=make.broker(), by=officer).status == "asked"


def test_invalid_requests_are_refused(officer, accepted):
    yesterday = timezone.localdate() - timedelta(days=1)
    with pytest.raises(ValidationError, match="还没有采纳"):
        ask_broker(make.match(), broker=make.broker(), by=officer)
    with pytest.raises(ValidationError, match="证书已过期"):
        ask_broker(accepted, broker=make.broker(expires_on=yesterday), by=officer)
    with pytest.raises(PermissionDenied):
        ask_broker(accepted, broker=make.broker(), by=make.district_officer("gaoxin"))


def test_match_with_accepted_request_cannot_be_reopened(officer, accepted):
    ask_broker(accepted, broker=make.broker(), by=officer)
    with pytest.raises(ValidationError, match="不能重新审核"):
        reopen_match(accepted, by=officer, reason="看错了")
