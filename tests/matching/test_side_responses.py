from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import Contact, ContactShare
from accounts.services.contacts import reveal_contact
from audit.models import AuditRecord
from matching.models import FollowUp, SideResponse
from matching.services.follow_ups import close_follow_up, reveal_side_contact
from matching.services.review import accept_match, reopen_match
from matching.services.side_responses import answer_unwilling, answer_willing, inquire, remind_sides, reply_to_inquiry
from matching.services.undo import undo_decision
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db):
    return make.district_officer("jinpu")


@pytest.fixture
def match(db):
    return make.match()


@pytest.fixture
def office(match):
    return make.institution_officer(match.achievement.institution)


@pytest.fixture
def firm(match):
    return make.firm_officer(match.demand.firm)


@pytest.fixture
def asked(match, district):
    accept_match(match, by=district)
    return match.follow_up


def side_of(follow_up, side) -> SideResponse:
    return follow_up.responses.get(side=side)


def contact_of(side) -> Contact:
    return Contact.objects.create(organisation=side.organisation, name="赵某", phone="13804110001")


def say_yes(follow_up, side, by, **words):
    row = side_of(follow_up, side)
    answer_willing(row, contact=contact_of(row), consents=True, by=by, **words)
    follow_up.refresh_from_db()
    return row


def test_accepting_requests_responses_of_both_sides_with_due_date(asked, district):
    limit = timezone.localdate() + timedelta(days=10)
    assert (asked.status, asked.owner) == ("asking", district)
    assert sorted(asked.responses.values_list("side", "status", "due_on")) == [
        ("firm", "asked", limit),
        ("office", "asked", limit),
    ]


def test_follow_up_begins_and_contacts_are_shared_when_both_are_willing(asked, office, firm, district):
    theirs = say_yes(asked, "office", office)
    assert asked.status == "asking"
    with pytest.raises(PermissionDenied):
        reveal_side_contact(theirs, by=firm)
    ours = say_yes(asked, "firm", firm)
    assert (asked.status, asked.next_on) == ("talks", timezone.localdate() + timedelta(days=7))
    theirs, ours = side_of(asked, "office"), side_of(asked, "firm")
    assert reveal_side_contact(theirs, by=firm).phone == "13804110001"
    assert reveal_side_contact(ours, by=office).phone == "13804110001"
    assert {reveal_side_contact(side, by=district).name for side in (ours, theirs)} == {"赵某"}
    assert AuditRecord.objects.filter(action="查看联系方式").count() == 4
    with pytest.raises(PermissionDenied):
        reveal_side_contact(ours, by=make.institution_officer(make.institution("大连海事大学")))


def test_willing_requires_consent_of_the_contact(asked, office):
    row = side_of(asked, "office")
    with pytest.raises(ValidationError, match="勾选同意"):
        answer_willing(row, contact=contact_of(row), consents=False, by=office)
    with pytest.raises(ValidationError, match="本单位"):
        answer_willing(row, contact=contact_of(side_of(asked, "firm")), consents=True, by=office)
    assert not ContactShare.objects.exists()


def test_one_unwilling_side_closes_the_follow_up(asked, office, firm):
    say_yes(asked, "firm", firm)
    answer_unwilling(side_of(asked, "office"), reason="timing", by=office)
    asked.refresh_from_db()
    assert (asked.status, asked.closed_reason) == ("closed", "unwilling")
    assert not ContactShare.objects.exists()


def test_unwilling_requires_a_reason(asked, office):
    row = side_of(asked, "office")
    with pytest.raises(ValidationError, match="请选择不愿意的原因"):
        answer_unwilling(row, reason="", by=office)
    with pytest.raises(ValidationError, match="请用一句话说明"):
        answer_unwilling(row, reason="other", note=" ", by=office)


@pytest.mark.parametrize("answer", ["willing", "unwilling", "more"])
def test_only_officers_of_the_side_can_answer(asked, firm, answer):
    row = side_of(asked, "office")
    say = {
        "willing": lambda by: answer_willing(row, contact=contact_of(row), consents=True, by=by),
        "unwilling": lambda by: answer_unwilling(row, reason="timing", by=by),
        "more": lambda by: inquire(row, text="能否到厂里试用？", by=by),
    }[answer]
    for stranger in (firm, make.city_officer(), make.district_officer("jinpu"), make.auditor()):
        with pytest.raises(PermissionDenied):
            say(stranger)
    row.refresh_from_db()
    assert row.status == "asked"


def test_staff_record_an_answer_by_telephone(asked, district):
    say_yes(asked, "firm", district, spoken_with="钱经理")
    row = side_of(asked, "firm")
    assert (row.status, row.reported_by, row.spoken_with) == ("asked", district, "钱经理"), "it waits for the firm"
    assert row.contact is None and asked.requests.open().get().kind == "phone"
    stranger = make.district_officer("gaoxin")
    with pytest.raises(PermissionDenied):
        answer_unwilling(side_of(asked, "office"), reason="timing", by=stranger, spoken_with="孙老师")


def test_second_answer_is_refused(asked, office):
    say_yes(asked, "office", office)
    with pytest.raises(ValidationError, match="不能再次答复"):
        answer_unwilling(side_of(asked, "office"), reason="timing", by=office)


def test_inquiry_renews_the_due_date(asked, office, district):
    SideResponse.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    row = side_of(asked, "office")
    inquiry = inquire(row, text="企业的年用量大约多少？", by=office)
    with pytest.raises(ValidationError, match="还在等答复"):
        inquire(row, text="还有一个问题", by=office)
    with pytest.raises(PermissionDenied):
        reply_to_inquiry(inquiry, text="约十吨", by=make.district_officer("gaoxin"))
    reply_to_inquiry(inquiry, text="约十吨", by=district)
    with pytest.raises(ValidationError, match="已经答复过"):
        reply_to_inquiry(inquiry, text="又一次", by=district)
    assert side_of(asked, "office").due_on == timezone.localdate() + timedelta(days=10)
    say_yes(asked, "office", office)


def test_undo_and_reopening_withdraw_unanswered_requests(match, district, office):
    undo_decision(accept_match(match, by=district), by=district)
    assert FollowUp.objects.get(match=match).status == "withdrawn"
    match.refresh_from_db()
    accept_match(match, by=district)
    follow_up = FollowUp.objects.get(match=match)
    assert (follow_up.status, follow_up.responses.count()) == ("asking", 2)
    reopen_match(match, reason="看错了", by=district)
    follow_up.refresh_from_db()
    assert follow_up.status == "withdrawn"


@pytest.mark.parametrize("answer", ["willing", "more"])
def test_acceptance_cannot_be_withdrawn_after_an_answer(match, district, office, answer):
    decision = accept_match(match, by=district)
    if answer == "willing":
        say_yes(match.follow_up, "office", office)
    else:
        inquire(side_of(match.follow_up, "office"), text="年用量？", by=office)
    match.refresh_from_db()
    with pytest.raises(ValidationError, match="已开始答复"):
        undo_decision(decision, by=district)
    with pytest.raises(ValidationError, match="已开始答复"):
        reopen_match(match, reason="看错了", by=district)
    match.refresh_from_db()
    assert match.status == "accepted"


def test_sides_are_reminded_once_near_the_due_date(asked, office):
    assert remind_sides() == 0
    SideResponse.objects.update(due_on=timezone.localdate() + timedelta(days=3))
    say_yes(asked, "office", office)
    assert (remind_sides(), remind_sides()) == (1, 0)


def test_follow_up_with_late_answer_is_overdue(asked, office):
    assert list(FollowUp.objects.overdue()) == []
    SideResponse.objects.filter(side="firm").update(due_on=timezone.localdate() - timedelta(days=1))
    assert list(FollowUp.objects.overdue()) == [asked]
    say_yes(asked, "firm", make.district_officer("jinpu"), spoken_with="钱经理")
    assert list(FollowUp.objects.overdue()) == []


def test_visibility_of_follow_ups_by_role(asked, office, firm, district):
    def sees(user):
        return FollowUp.objects.visible_to(user).filter(pk=asked.pk).exists()

    assert all(map(sees, (office, firm, district, make.city_officer(), make.auditor())))
    strangers = [make.district_officer("gaoxin"), make.firm_officer(), make.sysadmin(), make.user()]
    assert not any(map(sees, strangers))
    FollowUp.objects.update(status="withdrawn")
    assert [sees(user) for user in (office, firm, district)] == [False, False, True]


def test_contact_shared_for_a_follow_up_needs_no_general_consent_and_ends_with_it(asked, office, firm, district):
    say_yes(asked, "office", office)
    say_yes(asked, "firm", firm)
    contact = side_of(asked, "office").contact
    assert contact.consented_at is None
    assert reveal_contact(contact, by=firm, reason="约时间").name == "赵某"
    close_follow_up(asked, reason="no_deal", note="价格谈不拢", by=district)
    with pytest.raises(PermissionDenied):
        reveal_contact(contact, by=firm, reason="约时间")
