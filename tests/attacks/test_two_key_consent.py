"""Attacks on the rule that nobody says yes for another: each is tried, and nothing that needs both sides moves."""

import re
from copy import deepcopy
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ContactShare
from accounts.services.members import add_member
from audit.models import AuditRecord
from deals.services.deals import open_deal
from matching.models import ConfirmationRequest, FollowUp, SideStatement
from matching.services.confirmation_requests import ask_to_confirm, send_link_again
from matching.services.confirmations import confirm_stance, state_stance
from matching.services.follow_up_checks import answer_check
from matching.services.follow_ups import close_follow_up, record_intent, reopen_follow_up, return_to_talks
from matching.services.review import accept_match
from matching.services.side_responses import answer_unwilling, answer_willing
from mechanism.kpi.counting import count_figure
from mechanism.kpi.period import parse_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from notices.models import Delivery, Notice
from portal.follow_ups import visible_firm_name
from rounds.models import Outcome, Placement
from rounds.services.meeting_follow_up import both_intend
from rounds.services.outcomes import OutcomeInput, record_outcome
from tests import factories as make
from tests.kept_rows import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.long]
FIRM = "大连密约轴承有限公司"
INTENT = OutcomeInput("intent")


@pytest.fixture(scope="module")
def kept_talk(django_db_setup, django_db_blocker):
    with kept_rows(django_db_blocker):
        yield new_talk()


@pytest.fixture
def talk(db, kept_talk):
    """Each test changes objects of its own."""
    return deepcopy(kept_talk)


def new_talk() -> SimpleNamespace:
    """A meeting, on now, of an anonymous firm and an institution, about a match that nobody has reviewed."""
    need = make.demand(firm=make.firm(FIRM), is_anonymous=True, public_alias="某轴承企业")
    match = make.match(demand=need)
    docking_round = make.docking_round(status="running", starts_at=timezone.now() - timedelta(minutes=30))
    firm, office = make.party(docking_round, need.firm), make.party(docking_round, match.achievement.institution)
    meeting = make.meeting(firm, office, match=match, begun_at=timezone.now())
    users = SimpleNamespace(
        firm=make.firm_officer(need.firm, email="firm@example.cn"),
        office=make.institution_officer(match.achievement.institution, email="office@example.cn"),
        district=make.district_officer("jinpu"),
        city=make.city_officer(),
    )
    return SimpleNamespace(match=match, round=docking_round, firm=firm, office=office, meeting=meeting, users=users)


def place(talk, starts_in: timedelta, *, published=True) -> Placement:
    """The meeting's place in a new published timetable; earlier ones are replaced."""
    if published:
        talk.round.timetables.filter(status="published").update(status="replaced")
    starts_at = timezone.now() + starts_in
    slot = talk.round.slots.create(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=20))
    hall = talk.round.halls.first() or make.hall(talk.round)
    timetable = make.timetable(talk.round, {talk.meeting: (slot, hall, 1)}, published=published)
    return timetable.placements.get()


def say(talk, side, verdict="intent", **speaker):
    party = talk.firm if side == "firm" else talk.office
    reason = "price" if verdict == "no_fit" else ""
    speaker = speaker or {"party": party}
    return record_outcome(talk.meeting, OutcomeInput(verdict, reason=reason), side=side, **speaker)


def follow_up(talk) -> FollowUp:
    return FollowUp.objects.select_related("match__demand__firm", "match__achievement__institution").get(
        match=talk.match
    )


def assert_nothing_moved(talk, status="asking") -> None:
    row = follow_up(talk)
    assert (row.status, row.is_agreed, row.agreed_at) == (status, False, None)
    assert visible_firm_name(row, talk.users.office) == "某轴承企业"
    assert not ContactShare.objects.exists()
    year = FigureScope(parse_period(str(timezone.localdate().year)))
    assert count_figure(FIGURES["intents"], year).totals.rows == 0


def link_of(request: ConfirmationRequest) -> str:
    """The path in the mail that the side received last."""
    body = Delivery.objects.filter(channel=Delivery.Channel.SINGLE_MAIL, body__contains="/confirm/").latest("pk").body
    return re.search(r"/confirm/[\w-]+/", body).group()


def asked(talk, side="firm") -> ConfirmationRequest:
    return ConfirmationRequest.objects.open().get(follow_up__match=talk.match, side=side)


def posted(side="firm", **fields) -> dict:
    return {f"confirm-{side}-{name}": value for name, value in fields.items()}


def agree(talk, verdict="go_on") -> FollowUp:
    say(talk, "firm", verdict)
    say(talk, "office", verdict)
    return follow_up(talk)


# --- The attack of the issue: one side's word ------------------------------------------------------------------------
def test_the_universitys_word_alone_moves_nothing_that_needs_both(talk):
    say(talk, "office", by=talk.users.office)
    assert_nothing_moved(talk)
    assert talk.match.follow_up.responses.get(side="firm").status == "asked"
    talk.match.refresh_from_db()
    assert talk.match.status == "proposed"
    year = FigureScope(parse_period(str(timezone.localdate().year)))
    assert count_figure(FIGURES["intents_one_sided"], year).totals.rows == 1


def test_a_written_refusal_is_not_lifted_by_the_other_side_or_by_staff(talk):
    accept_match(talk.match, by=talk.users.district)
    side = follow_up(talk).responses.get(side="firm")
    answer_unwilling(side, reason="timing", note="研发预算已经用完", by=talk.users.firm)
    say(talk, "office", by=talk.users.office)
    say(talk, "host", by=talk.users.city)
    assert_nothing_moved(talk, "closed")
    with pytest.raises(ValidationError, match="只有它自己"):
        reopen_follow_up(follow_up(talk), note="再试试", by=talk.users.city)
    contact = make.contact(talk.firm.organisation)
    with pytest.raises(ValidationError, match="不能再次答复"):
        answer_willing(side, contact=contact, consents=True, by=talk.users.district, spoken_with="钱经理")
    side.refresh_from_db()
    assert (side.status, side.note) == ("unwilling", "研发预算已经用完")
    answer_willing(side, contact=contact, consents=True, by=talk.users.firm)
    row = follow_up(talk)
    assert row.status == "talks", "the institution has spoken after the refusal, and the firm lifts its own"


@pytest.mark.parametrize("days", [0, 21])
def test_no_outcome_before_the_slot(talk, days):
    place(talk, timedelta(days=days, minutes=40))
    for speaker in ({"by": talk.users.office}, {"party": talk.office}):
        for at in (None, timezone.now() - timedelta(days=30), timezone.now() + timedelta(days=60)):
            with pytest.raises(ValidationError, match="开始以后才能记录"):
                record_outcome(talk.meeting, INTENT, side="office", at=at, key=uuid4(), **speaker)
    data = OutcomeInput("intent", early_reason="想提前")
    with pytest.raises(ValidationError, match="开始以后才能记录"):
        record_outcome(talk.meeting, data, side="office", by=talk.users.office)
    assert not Outcome.objects.exists()


def test_a_moved_meeting_opens_with_its_slot_of_now(talk):
    place(talk, -timedelta(minutes=20))
    place(talk, timedelta(hours=2))
    with pytest.raises(ValidationError, match="开始以后才能记录"):
        say(talk, "office")
    place(talk, timedelta(hours=-1), published=False)  # a draft says nothing
    with pytest.raises(ValidationError, match="开始"):
        say(talk, "office")


def test_an_outcome_taken_offline_before_the_slot_does_not_count_after_it(talk):
    place(talk, -timedelta(hours=30))
    for hours in (31, 24 * 6):
        with pytest.raises(ValidationError, match="以前填写"):
            record_outcome(
                talk.meeting, INTENT, side="office", party=talk.office, at=timezone.now() - timedelta(hours=hours)
            )
    record_outcome(talk.meeting, INTENT, side="office", party=talk.office, at=timezone.now() - timedelta(hours=3))
    assert Outcome.objects.get().side == "office"


def test_a_meeting_without_a_place_waits_for_the_round(talk):
    talk.round.starts_at = timezone.now() + timedelta(minutes=5)
    talk.round.save()
    with pytest.raises(ValidationError, match="开始以后才能记录"):
        say(talk, "firm")


def test_staff_record_early_only_with_a_reason_that_is_audited(talk):
    place(talk, timedelta(hours=2))
    for reason in ("", "  "):
        with pytest.raises(ValidationError, match="写明原因"):
            record_outcome(talk.meeting, OutcomeInput("intent", early_reason=reason), side="host", by=talk.users.city)
    data = OutcomeInput("intent", early_reason="双方提前谈完，要赶火车")
    record_outcome(talk.meeting, data, side="host", by=talk.users.city)
    assert Outcome.objects.get().early_reason == "双方提前谈完，要赶火车"
    trail = AuditRecord.objects.filter(action="记录洽谈结果").latest("pk")
    assert trail.changes["early_reason"][1] == "双方提前谈完，要赶火车"
    assert_nothing_moved(talk)


def test_a_key_of_another_meeting_is_refused_with_a_sentence(talk):
    key = uuid4()
    record_outcome(talk.meeting, INTENT, side="firm", party=talk.firm, key=key)
    with pytest.raises(ValidationError, match="编号已经用过"):
        record_outcome(talk.meeting, INTENT, side="office", party=talk.office, key=key)


# --- Staff speak for sides -------------------------------------------------------------------------------------------
def test_the_host_stands_for_neither_side(talk):
    say(talk, "host", by=talk.users.city)
    say(talk, "host", by=talk.users.district)
    assert_nothing_moved(talk)
    assert not both_intend(talk.meeting)
    with pytest.raises(ValidationError):
        open_deal(talk.meeting, by=talk.users.city)


def test_calls_of_both_sides_recorded_by_staff_wait_for_both(talk):
    accept_match(talk.match, by=talk.users.district)
    for side in follow_up(talk).responses.all():
        contact = make.contact(side.organisation)
        answer_willing(side, contact=contact, consents=True, by=talk.users.district, spoken_with="某经理")
    assert_nothing_moved(talk)
    assert set(follow_up(talk).responses.values_list("status", "contact")) == {("asked", None)}
    assert follow_up(talk).requests.open().count() == 2


def test_the_owners_word_is_no_intent_and_no_deal(talk):
    row = agree(talk)
    record_intent(row, note="双方说好了", next_on=timezone.localdate() + timedelta(days=9), by=talk.users.city)
    row.refresh_from_db()
    assert (row.status, bool(row.intent_asked_at)) == ("talks", True)
    with pytest.raises(ValidationError, match="双方都由本单位确认"):
        open_deal(row, by=talk.users.city)
    state_stance(row, side="firm", stance="intent", by=talk.users.firm)
    with pytest.raises(ValidationError, match="双方都由本单位确认"):
        open_deal(row, by=talk.users.city)
    confirm_stance(asked(talk, "office"), stance="intent", by=talk.users.office)
    assert open_deal(follow_up(talk), by=talk.users.city).buyer == talk.firm.organisation


def test_an_institution_officer_who_owns_the_follow_up_is_not_both(talk):
    row = agree(talk)
    FollowUp.objects.update(owner=talk.users.office)
    row.refresh_from_db()
    record_intent(row, note="成了", next_on=timezone.localdate() + timedelta(days=9), by=talk.users.office)
    confirm_stance(asked(talk, "office"), stance="intent", by=talk.users.office)
    with pytest.raises(PermissionDenied):
        confirm_stance(asked(talk, "firm"), stance="intent", by=talk.users.office)
    assert follow_up(talk).status == "talks"


def test_a_telephone_survey_makes_no_intent(talk):
    row = agree(talk)
    answer_check(row.checks.first(), answer="signed", by=talk.users.city)
    assert follow_up(talk).status == "talks"
    answer_check(row.checks.last(), answer="signed")
    assert follow_up(talk).status == "talks", "the firm's own word, the institution has not spoken"


def test_one_person_of_both_organisations_is_one_key(talk):
    double = talk.users.office
    add_member(double, talk.firm.organisation, "firm_officer", by=None)
    double = type(double).objects.get(pk=double.pk)
    say(talk, "office", by=double)
    with pytest.raises(ValidationError, match="不能同时代表双方"):
        say(talk, "firm", by=double)
    with pytest.raises(ValidationError, match="不能同时代表双方"):
        answer_willing(
            follow_up(talk).responses.get(side="firm"),
            contact=make.contact(talk.firm.organisation),
            consents=True,
            by=double,
        )
    assert follow_up(talk).status == "asking"


def test_one_side_does_not_open_again_what_staff_have_closed(talk):
    row = agree(talk)
    close_follow_up(row, reason="other", note="成果已转让", by=talk.users.city)
    say(talk, "office", by=talk.users.office)
    assert follow_up(talk).status == "closed"
    say(talk, "firm")
    assert follow_up(talk).status == "intent", "both have spoken after the closing"


def test_intents_from_before_a_return_to_talks_do_not_count(talk):
    row = agree(talk, "intent")
    return_to_talks(row, note="企业重新评估", next_on=timezone.localdate() + timedelta(days=5), by=talk.users.city)
    state_stance(row, side="office", stance="intent", by=talk.users.office)
    assert follow_up(talk).status == "talks"
    assert asked(talk, "firm").stance == "intent"


# --- Links and codes -------------------------------------------------------------------------------------------------
def test_a_link_is_opened_by_scanners_without_effect_and_answered_once(talk, client):
    say(talk, "office", by=talk.users.office)
    path = link_of(asked(talk))
    for method in (client.get, client.head, client.get):
        assert method(path).status_code == 200
    assert_nothing_moved(talk)
    assert Client(enforce_csrf_checks=True).post(path, posted(answer="yes")).status_code == 403
    assert client.post(path, posted(answer="perhaps")).status_code == 422
    assert client.post(path, posted(answer="no")).status_code == 422, "a refusal has a reason"
    assert client.post(path, posted(answer="yes")).status_code == 302
    row = follow_up(talk)
    assert (row.status, row.firm_statement.capacity) == ("intent", "link")
    assert client.post(path, posted(answer="no", reason="price")).status_code == 422
    assert follow_up(talk).status == "intent"
    assert "收到您单位的答复：有意向" in client.get(path).text


def test_the_link_names_an_anonymous_firm_to_nobody(talk, client):
    say(talk, "firm", by=talk.users.firm)
    path = link_of(asked(talk, "office"))
    page = client.get(path)
    assert "某轴承企业" in page.text and FIRM not in page.text
    assert page.headers["Referrer-Policy"] == "same-origin" and "noindex" in page.headers["X-Robots-Tag"]
    assert FIRM not in Delivery.objects.latest("pk").body


def test_staff_and_the_other_side_cannot_use_a_link(talk, signed_in):
    say(talk, "office", by=talk.users.office)
    path = link_of(asked(talk))
    for user in (talk.users.city, talk.users.district, talk.users.office):
        client = signed_in(user)
        assert "不能代替" in client.get(path).text
        assert client.post(path, posted(answer="yes")).status_code == 403
    assert_nothing_moved(talk)


def test_expired_replaced_and_guessed_links(talk, client):
    say(talk, "office", by=talk.users.office)
    old = link_of(asked(talk))
    say(talk, "office", "go_on", by=talk.users.office)
    assert link_of(asked(talk)) != old
    assert client.post(old, posted(answer="yes")).status_code == 422, "a newer question has replaced it"
    new = link_of(asked(talk))
    ConfirmationRequest.objects.update(expires_at=timezone.now())
    assert "已过有效期" in client.get(new).text
    assert client.post(new, posted(answer="yes")).status_code == 422
    assert_nothing_moved(talk)
    assert {client.get(f"/confirm/{uuid4().hex}/").status_code for _ in range(25)} == {404, 429}
    assert client.get(new).status_code == 429


def test_staff_get_a_link_only_for_a_side_that_cannot_be_reached(talk):
    accept_match(talk.match, by=talk.users.district)
    side = follow_up(talk).responses.get(side="firm")
    spy = make.contact(side.organisation, email="officer@example.cn", consented_at=None)
    answer_willing(side, contact=spy, consents=True, by=talk.users.district, spoken_with="钱经理")
    row = follow_up(talk)
    assert send_link_again(row, "firm", by=talk.users.district) == "", "the firm has a user"
    assert not Delivery.objects.filter(address="officer@example.cn").exists(), "a contact that staff entered"
    talk.users.firm.memberships.all().delete()
    link = send_link_again(row, "firm", by=talk.users.district)
    assert "/confirm/" in link
    with pytest.raises(PermissionDenied):
        send_link_again(row, "firm", by=make.district_officer("gaoxin"))
    fields = posted(answer="yes", contact=str(spy.pk), consents="on")
    assert Client().post(link[link.index("/confirm/") :], fields).status_code == 302
    word = talk.match.statements.own().get()
    assert (word.capacity, word.relayed_by) == ("link", talk.users.district)
    assert f"链接由{talk.users.district}转交" in word.speaker


def test_a_recorded_call_is_denied_or_confirmed_with_consent(talk, client):
    accept_match(talk.match, by=talk.users.district)
    side = follow_up(talk).responses.get(side="firm")
    contact = make.contact(side.organisation)
    call = {"contact": contact, "consents": True, "by": talk.users.district, "spoken_with": "钱经理"}
    answer_willing(side, **call)
    path = link_of(asked(talk))
    assert client.post(path, posted(answer="yes", contact=str(contact.pk))).status_code == 422, "no consent"
    assert client.post(path, posted(answer="unsaid")).status_code == 302
    side.refresh_from_db()
    assert (side.status, side.reported_at, side.spoken_with) == ("asked", None, "")
    answer_willing(side, **call)
    other = make.contact(make.firm())
    path = link_of(asked(talk))
    assert client.post(path, posted(answer="yes", contact=str(other.pk), consents="on")).status_code == 422
    assert client.post(path, posted(answer="yes", contact=str(contact.pk), consents="on")).status_code == 302
    side.refresh_from_db()
    assert (side.status, side.contact, side.reported_at) == ("willing", contact, None)
    assert_nothing_moved(talk)


def test_the_other_side_reads_a_recorded_call_as_little_as_an_answer(talk, signed_in):
    accept_match(talk.match, by=talk.users.district)
    row = follow_up(talk)
    contact = make.contact(talk.firm.organisation)
    call = {"contact": contact, "consents": True, "by": talk.users.district, "spoken_with": "钱经理"}
    answer_willing(row.responses.get(side="firm"), **call)
    path = reverse("follow_up", args=[row.public_id])
    assert "待本人确认" in signed_in(talk.users.district).get(path).text
    page = signed_in(talk.users.office).get(path).text
    assert "钱经理" not in page and "电话答复" not in page and FIRM not in page


def test_a_question_of_the_other_side_is_not_ones_own(talk, signed_in):
    say(talk, "office", by=talk.users.office)
    path = reverse("follow_up_confirm", args=[follow_up(talk).public_id])
    for user in (talk.users.office, talk.users.city):
        signed_in(user).post(path, posted(answer="yes") | {"request": asked(talk).pk})
        stance = reverse("follow_up_stance", args=[follow_up(talk).public_id])
        assert signed_in(user).post(stance, {"side": "firm"}).status_code in (302, 403)
    assert_nothing_moved(talk)


def test_staff_who_open_the_guests_page_stay_staff(talk, signed_in):
    path = reverse("party_outcome", args=[talk.firm.code])
    body = {"meeting": talk.meeting.public_id, "verdict": "intent", "key": str(uuid4())}
    answer = signed_in(talk.users.city).post(path, body, content_type="application/json")
    assert answer.status_code == 403 and "不代表这一方" in answer.json()["message"]
    assert not Outcome.objects.exists()
    own = signed_in(talk.users.firm).post(path, body, content_type="application/json")
    assert own.status_code == 200
    assert SideStatement.objects.get().by == talk.users.firm


def test_whoever_uses_the_code_of_a_letter_is_noticed_by_the_organisation(talk):
    """An officer who prints the letters knows their codes: the firm hears of each word said with its own."""
    say(talk, "firm")
    say(talk, "office")
    notice = Notice.objects.get(recipient=talk.users.firm, text__contains="凭邀请码代表贵单位表示“有意向”")
    assert not Notice.objects.filter(text__contains="凭邀请码", recipient=talk.users.city).exists()
    assert notice.path == reverse("follow_ups")
    say(talk, "firm", "no_fit", by=talk.users.firm)
    assert follow_up(talk).status == "closed"


def test_the_code_of_a_withdrawn_guest_is_void(talk, client):
    type(talk.firm).objects.filter(pk=talk.firm.pk).update(
        answer="withdrawn", withdrawn_reason="重名", answered_at=None
    )
    path = reverse("party_outcome", args=[talk.firm.code])
    body = {"meeting": talk.meeting.public_id, "verdict": "intent"}
    assert client.post(path, body, content_type="application/json").status_code == 404
    talk.firm.refresh_from_db()
    with pytest.raises(PermissionDenied):
        say(talk, "firm", party=talk.firm)


# --- Below the services ----------------------------------------------------------------------------------------------
def test_the_database_refuses_an_agreement_without_own_words(talk):
    row = make.follow_up(talk.match, status="asking")
    agreed = {"status": "talks", "agreed_at": timezone.now(), "next_on": timezone.localdate()}
    other = make.own_words(make.match())
    own = make.own_words(talk.match, stance="willing")
    call = make.statement(talk.match, "firm", capacity="phone", by=talk.users.city)
    faulty = [
        {},
        other,
        {"firm_statement": own["firm_statement"], "institution_statement": own["firm_statement"]},
        own | {"firm_statement": call},
        own | {"status": "intent"},
        own | {"firm_statement": make.statement(talk.match, "firm", "no")},
    ]
    for fields in faulty:
        with pytest.raises(IntegrityError), transaction.atomic():
            FollowUp.objects.filter(pk=row.pk).update(**agreed | fields)
    FollowUp.objects.filter(pk=row.pk).update(**agreed | own)


@pytest.mark.parametrize("sql", ["UPDATE {} SET stance = 'intent'", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_nobody_changes_what_was_said(talk, sql):
    make.statement(talk.match, "firm", "no")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="只能新增"), transaction.atomic():
            cursor.execute(sql.format(SideStatement._meta.db_table))


def test_an_auditor_sees_the_two_statements_and_the_sides_only_their_own(talk, signed_in):
    row = agree(talk)
    path = reverse("follow_up", args=[row.public_id])
    page = signed_in(make.auditor()).get(path).text
    assert "依据双方本单位的表示" in page and page.count("本单位邀请码") >= 4
    mine = signed_in(talk.users.office).get(path).text
    assert "全部 1 条" in mine and "依据双方" not in mine


def test_a_question_that_nobody_asked_is_not_answered(talk):
    """An intent is confirmed only in talks: an old question does not lift the follow-up later."""
    row = make.follow_up(talk.match, status="asking")
    question = ask_to_confirm(row, "firm", kind="intent", stance="intent", by=talk.users.city)
    with pytest.raises(ValidationError, match="洽谈中"):
        confirm_stance(question, stance="intent", by=talk.users.firm)
    assert not SideStatement.objects.own().exists()
