from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from matching.models import FollowUp, FollowUpCheck
from matching.services.follow_up_checks import answer_check, send_checks
from matching.services.follow_ups import close_follow_up, reassign_follow_up
from notices.models import Delivery, Notice
from tests import factories as make


@pytest.fixture(autouse=True)
def _reset_throttling():
    cache.clear()


def create_check(days_ago=31, **fields) -> FollowUpCheck:
    """The 30-day question of a pair that met so long ago."""
    if not FollowUp.objects.exists():
        make.district_officer("jinpu")
    match = make.match()
    met_on = timezone.localdate() - timedelta(days=days_ago)
    row = make.met(match, met_on=met_on)
    check = row.checks.get(kind="30")
    FollowUpCheck.objects.filter(pk=check.pk).update(**fields)
    check.refresh_from_db()
    return check


@pytest.fixture
def check(db):
    return create_check()


def sent():
    return {"sent_at": timezone.now()}


def test_survey_is_sent_once_on_its_day_with_its_link(check):
    make.firm_officer(check.follow_up.match.demand.firm, email="firm@example.cn")
    assert send_checks() == 1
    assert send_checks() == 0
    letter = Delivery.objects.get()
    check.refresh_from_db()
    assert letter.address == "firm@example.cn"
    assert f"/c/{check.code}/" in letter.body
    assert Notice.objects.filter(kind="check").count() == 1


def test_owner_is_asked_to_telephone_if_no_address_is_known(check):
    send_checks()
    assert "请电话回访" in Notice.objects.get(recipient=check.follow_up.owner, kind="check").text


def test_only_the_latest_of_several_due_surveys_is_sent(db):
    check = create_check(days_ago=65)
    assert send_checks() == 1
    assert check.follow_up.checks.get(kind="30").dropped_at
    assert check.follow_up.checks.get(kind="60").sent_at


def test_unanswered_survey_is_reminded_once_and_overdue(check, settings):
    send_checks()
    long_ago = timezone.now() - timedelta(days=settings.CHECK_REMIND_DAYS + 1)
    FollowUpCheck.objects.filter(pk=check.pk).update(
        sent_at=long_ago, due_on=timezone.localdate() - timedelta(days=settings.CHECK_REMIND_DAYS + 1)
    )
    assert send_checks() == 1
    assert send_checks() == 0
    assert FollowUp.objects.overdue().filter(pk=check.follow_up_id).exists()


def test_closed_follow_up_gets_no_survey(check):
    close_follow_up(check.follow_up, reason="no_deal", note="没有谈成", by=check.follow_up.owner)
    assert send_checks() == 0
    with pytest.raises(ValidationError, match="已经结束"):
        answer_check(check, answer="progress")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"answer": "maybe"}, "选择一项"),
        ({"answer": "none"}, "选择原因"),
        ({"answer": "none", "reason": "weather"}, "选择原因"),
        ({"answer": "progress", "next_on": timezone.localdate() - timedelta(days=1)}, "明天以后"),
    ],
)
def test_invalid_answer_is_refused(check, fields, words):
    with pytest.raises(ValidationError, match=words):
        answer_check(check, **fields)


def test_answer_is_added_to_history_and_notified_to_owner(check):
    day = timezone.localdate() + timedelta(days=12)
    answer_check(check, answer="signed", note="合同 80 万", next_on=day)
    row = FollowUp.objects.get(pk=check.follow_up_id)
    assert (row.status, row.next_on) == ("talks", day), "the firm alone"
    assert (row.requests.open().get().side, row.requests.open().get().stance) == ("office", "intent")
    assert "已签约，合同 80 万" in row.steps.first().note
    assert Notice.objects.filter(recipient=row.owner, text__contains="已签约").exists()
    with pytest.raises(ValidationError, match="已经答复过"):
        answer_check(check, answer="progress")


def test_only_users_who_manage_the_follow_up_record_a_call(check):
    for stranger in (
        make.district_officer("gaoxin"),
        make.auditor(),
        make.firm_officer(check.follow_up.match.demand.firm),
    ):
        with pytest.raises(PermissionDenied):
            answer_check(check, answer="progress", by=stranger)
    answer_check(check, answer="progress", by=check.follow_up.owner)
    assert check.answered_by == check.follow_up.owner


@pytest.mark.django_db(transaction=True)
def test_concurrent_answers_leave_one():
    check = create_check()
    start = Barrier(2)

    def send(answer):
        start.wait()
        try:
            answer_check(FollowUpCheck.objects.get(pk=check.pk), answer=answer)
            return "done"
        except ValidationError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, ["progress", "going_on"])) == ["answered", "done"]
    assert check.follow_up.steps.filter(note__contains="企业答复").count() == 1


def test_firm_answers_by_link_and_sees_only_its_own_data(client, check):
    FollowUpCheck.objects.filter(pk=check.pk).update(**sent())
    other = create_check(**sent())
    page = client.get(f"/c/{check.code}/")
    text = page.content.decode()
    match = check.follow_up.match
    assert match.demand.title in text
    assert other.follow_up.match.demand.title not in text
    assert str(check.follow_up.owner) not in text
    assert match.demand.firm.name not in text
    prefix = f"check-{check.public_id}"
    assert client.post(f"/c/{check.code}/", {f"{prefix}-answer": "none"}).status_code == 422
    answer = client.post(f"/c/{check.code}/", {f"{prefix}-answer": "none", f"{prefix}-reason": "terms"}, follow=True)
    assert "已答复：没有进展，价格或合作方式没有谈拢" in answer.content.decode()


def test_unknown_codes_get_the_same_response_and_are_throttled(client, check, monkeypatch):
    monkeypatch.setattr("core.throttling.MAX_FAILED_ATTEMPTS", 2)
    unsent, unknown = client.get(f"/c/{check.code}/"), client.get("/c/abcdefghjk/")
    assert (unsent.status_code, unsent.content) == (404, unknown.content)
    FollowUpCheck.objects.filter(pk=check.pk).update(**sent())
    assert client.get(f"/c/{check.code}/").status_code == 429


def test_institution_or_broker_can_become_owner(check):
    row = check.follow_up
    office = make.institution_officer(row.match.achievement.institution)
    reassign_follow_up(row, to=office, by=row.owner)
    assert row.owner == office
    with pytest.raises(ValidationError, match="专员"):
        reassign_follow_up(row, to=make.institution_officer(make.institution("大连外校")), by=office)
    broker = make.broker(user=make.user("broker", make.organisation("agency")))
    reassign_follow_up(row, to=broker.user, by=office)
    assert row.owner == broker.user
