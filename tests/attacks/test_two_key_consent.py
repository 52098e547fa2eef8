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
def kept_scene(django_db_setup, django_db_blocker):
    with kept_rows(django_db_blocker):
        yield new_scene()


@pytest.fixture
def scene(db, kept_scene):
    """Each test changes objects of its own."""
    return deepcopy(kept_scene)


def new_scene() -> SimpleNamespace:
    """A meeting, on now, of an anonymous firm and an institution, about a match that nobody has reviewed."""
    need = make.demand(firm=make.firm(FIRM), is_anonymous=True, public_alias="某轴承企业")
    match = make.match(demand=need)
    held = make.docking_round(status="running", starts_at=timezone.now() - timedelta(minutes=30))
    firm, office = make.party(held, need.firm), make.party(held, match.achievement.institution)
    meeting = make.meeting(firm, office, match=match, begun_at=timezone.now())
    users = SimpleNamespace(
        firm=make.firm_officer(need.firm, email="firm@example.cn"),
        office=make.institution_officer(match.achievement.institution, email="office@example.cn"),
        district=make.district_officer("jinpu"),
        city=make.city_officer(),
    )
    return SimpleNamespace(match=match, round=held, firm=firm, office=office, meeting=meeting, users=users)


def place(scene, starts_in: timedelta, *, published=True) -> Placement:
    """The meeting's place in a new published timetable; earlier ones are replaced."""
    if published:
        scene.round.timetables.filter(status="published").update(status="replaced")
    starts_at = timezone.now() + starts_in
    slot = scene.round.slots.create(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=20))
    hall = scene.round.halls.first() or make.hall(scene.round)
    timetable = make.timetable(scene.round, {scene.meeting: (slot, hall, 1)}, published=published)
    return timetable.placements.get()


def say(scene, side, verdict="intent", **speaker):
    party = scene.firm if side == "firm" else scene.office
    reason = "price" if verdict == "no_fit" else ""
    speaker = speaker or {"party": party}
    return record_outcome(scene.meeting, OutcomeInput(verdict, reason=reason), side=side, **speaker)


def follow_up(scene) -> FollowUp:
    return FollowUp.objects.select_related("match__demand__firm", "match__achievement__institution").get(
        match=scene.match
    )


def assert_nothing_moved(scene, status="asking") -> None:
    row = follow_up(scene)
    assert (row.status, row.is_agreed, row.agreed_at) == (status, False, None)
    assert visible_firm_name(row, scene.users.office) == "某轴承企业"
    assert not ContactShare.objects.exists()
    year = FigureScope(parse_period(str(timezone.localdate().year)))
    assert count_figure(FIGURES["intents"], year).totals.rows == 0


def link_of(request: ConfirmationRequest) -> str:
    """The path in the mail that the side received last."""
    body = Delivery.objects.filter(channel=Delivery.Channel.SINGLE_MAIL, body__contains="/confirm/").latest("pk").body
    return re.search(r"/confirm/[\w-]+/", body).group()


def asked(scene, side="firm") -> ConfirmationRequest:
    return ConfirmationRequest.objects.open().get(follow_up__match=scene.match, side=side)


def posted(side="firm", **fields) -> dict:
    return {f"confirm-{side}-{name}": value for name, value in fields.items()}


def agree(scene, verdict="go_on") -> FollowUp:
    say(scene, "firm", verdict)
    say(scene, "office", verdict)
    return follow_up(scene)


# --- The attack of the issue: one side's word ------------------------------------------------------------------------
def test_the_universitys_word_alone_moves_nothing_that_needs_both(scene):
    say(scene, "office", by=scene.users.office)
    assert_nothing_moved(scene)
    assert scene.match.follow_up.responses.get(side="firm").status == "asked"
    scene.match.refresh_from_db()
    assert scene.match.status == "proposed"
    year = FigureScope(parse_period(str(timezone.localdate().year)))
    assert count_figure(FIGURES["intents_one_sided"], year).totals.rows == 1


def test_a_written_refusal_is_not_lifted_by_the_other_side_or_by_staff(scene):
    accept_match(scene.match, by=scene.users.district)
    side = follow_up(scene).responses.get(side="firm")
    answer_unwilling(side, reason="timing", note="研发预算已经用完", by=scene.users.firm)
    say(scene, "office", by=scene.users.office)
    say(scene, "host", by=scene.users.city)
    assert_nothing_moved(scene, "closed")
    with pytest.raises(ValidationError, match="只有它自己"):
        reopen_follow_up(follow_up(scene), note="再试试", by=scene.users.city)
    contact = make.contact(scene.firm.organisation)
    with pytest.raises(ValidationError, match="不能再次答复"):
        answer_willing(side, contact=contact, consents=True, by=scene.users.district, spoken_with="钱经理")
    side.refresh_from_db()
    assert (side.status, side.note) == ("unwilling", "研发预算已经用完")
    answer_willing(side, contact=contact, consents=True, by=scene.users.firm)
    row = follow_up(scene)
    assert row.status == "talks", "the institution has spoken after the refusal, and the firm lifts its own"


@pytest.mark.parametrize("days", [0, 21])
def test_no_outcome_before_the_slot(scene, days):
    place(scene, timedelta(days=days, minutes=40))
    for speaker in ({"by": scene.users.office}, {"party": scene.office}):
        for at in (None, timezone.now() - timedelta(days=30), timezone.now() + timedelta(days=60)):
            with pytest.raises(ValidationError, match="开始以后才能记录"):
                record_outcome(scene.meeting, INTENT, side="office", at=at, key=uuid4(), **speaker)
    data = OutcomeInput("intent", early_reason="想提前")
    with pytest.raises(ValidationError, match="开始以后才能记录"):
        record_outcome(scene.meeting, data, side="office", by=scene.users.office)
    assert not Outcome.objects.exists()


def test_a_moved_meeting_opens_with_its_slot_of_now(scene):
    place(scene, -timedelta(minutes=20))
    place(scene, timedelta(hours=2))
    with pytest.raises(ValidationError, match="开始以后才能记录"):
        say(scene, "office")
    place(scene, timedelta(hours=-1), published=False)  # a draft says nothing
    with pytest.raises(ValidationError, match="开始"):
        say(scene, "office")


def test_an_outcome_taken_offline_before_the_slot_does_not_count_after_it(scene):
    place(scene, -timedelta(hours=30))
    for hours in (31, 24 * 6):
        with pytest.raises(ValidationError, match="以前填写"):
            record_outcome(
                scene.meeting, INTENT, side="office", party=scene.office, at=timezone.now() - timedelta(hours=hours)
            )
    record_outcome(scene.meeting, INTENT, side="office", party=scene.office, at=timezone.now() - timedelta(hours=3))
    assert Outcome.objects.get().side == "office"


def test_a_meeting_without_a_place_waits_for_the_round(scene):
    scene.round.starts_at = timezone.now() + timedelta(minutes=5)
    scene.round.save()
    with pytest.raises(ValidationError, match="开始以后才能记录"):
        say(scene, "firm")


def test_staff_record_early_only_with_a_reason_that_is_audited(scene):
    place(scene, timedelta(hours=2))
    for reason in ("", "  "):
        with pytest.raises(ValidationError, match="写明原因"):
            record_outcome(scene.meeting, OutcomeInput("intent", early_reason=reason), side="host", by=scene.users.city)
    data = OutcomeInput("intent", early_reason="双方提前谈完，要赶火车")
    record_outcome(scene.meeting, data, side="host", by=scene.users.city)
    assert Outcome.objects.get().early_reason == "双方提前谈完，要赶火车"
    trail = AuditRecord.objects.filter(action="记录洽谈结果").latest("pk")
    assert trail.changes["early_reason"][1] == "双方提前谈完，要赶火车"
    assert_nothing_moved(scene)


def test_a_key_of_another_meeting_is_refused_with_a_sentence(scene):
    key = uuid4()
    record_outcome(scene.meeting, INTENT, side="firm", party=scene.firm, key=key)
    with pytest.raises(ValidationError, match="编号已经用过"):
        record_outcome(scene.meeting, INTENT, side="office", party=scene.office, key=key)


# --- Staff speak for sides -------------------------------------------------------------------------------------------
def test_the_host_stands_for_neither_side(scene):
    say(scene, "host", by=scene.users.city)
    say(scene, "host", by=scene.users.district)
    assert_nothing_moved(scene)
    assert not both_intend(scene.meeting)
    with pytest.raises(ValidationError):
        open_deal(scene.meeting, by=scene.users.city)


def test_calls_of_both_sides_recorded_by_staff_wait_for_both(scene):
    accept_match(scene.match, by=scene.users.district)
    for side in follow_up(scene).responses.all():
        contact = make.contact(side.organisation)
        answer_willing(side, contact=contact, consents=True, by=scene.users.district, spoken_with="某经理")
    assert_nothing_moved(scene)
    assert set(follow_up(scene).responses.values_list("status", "contact")) == {("asked", None)}
    assert follow_up(scene).requests.open().count() == 2


def test_the_owners_word_is_no_intent_and_no_deal(scene):
    row = agree(scene)
    record_intent(row, note="双方说好了", next_on=timezone.localdate() + timedelta(days=9), by=scene.users.city)
    row.refresh_from_db()
    assert (row.status, bool(row.intent_asked_at)) == ("talks", True)
    with pytest.raises(ValidationError, match="双方都由本单位确认"):
        open_deal(row, by=scene.users.city)
    state_stance(row, side="firm", stance="intent", by=scene.users.firm)
    with pytest.raises(ValidationError, match="双方都由本单位确认"):
        open_deal(row, by=scene.users.city)
    confirm_stance(asked(scene, "office"), stance="intent", by=scene.users.office)
    assert open_deal(follow_up(scene), by=scene.users.city).buyer == scene.firm.organisation


def test_an_institution_officer_who_owns_the_follow_up_is_not_both(scene):
    row = agree(scene)
    FollowUp.objects.update(owner=scene.users.office)
    row.refresh_from_db()
    record_intent(row, note="成了", next_on=timezone.localdate() + timedelta(days=9), by=scene.users.office)
    confirm_stance(asked(scene, "office"), stance="intent", by=scene.users.office)
    with pytest.raises(PermissionDenied):
        confirm_stance(asked(scene, "firm"), stance="intent", by=scene.users.office)
    assert follow_up(scene).status == "talks"


def test_a_telephone_survey_makes_no_intent(scene):
    row = agree(scene)
    answer_check(row.checks.first(), answer="signed", by=scene.users.city)
    assert follow_up(scene).status == "talks"
    answer_check(row.checks.last(), answer="signed")
    assert follow_up(scene).status == "talks", "the firm's own word, the institution has not spoken"


def test_one_person_of_both_organisations_is_one_key(scene):
    double = scene.users.office
    add_member(double, scene.firm.organisation, "firm_officer", by=None)
    double = type(double).objects.get(pk=double.pk)
    say(scene, "office", by=double)
    with pytest.raises(ValidationError, match="不能同时代表双方"):
        say(scene, "firm", by=double)
    with pytest.raises(ValidationError, match="不能同时代表双方"):
        answer_willing(
            follow_up(scene).responses.get(side="firm"),
            contact=make.contact(scene.firm.organisation),
            consents=True,
            by=double,
        )
    assert follow_up(scene).status == "asking"


def test_one_side_does_not_open_again_what_staff_have_closed(scene):
    row = agree(scene)
    close_follow_up(row, reason="other", note="成果已转让", by=scene.users.city)
    say(scene, "office", by=scene.users.office)
    assert follow_up(scene).status == "closed"
    say(scene, "firm")
    assert follow_up(scene).status == "intent", "both have spoken after the closing"


def test_intents_from_before_a_return_to_talks_do_not_count(scene):
    row = agree(scene, "intent")
    return_to_talks(row, note="企业重新评估", next_on=timezone.localdate() + timedelta(days=5), by=scene.users.city)
    state_stance(row, side="office", stance="intent", by=scene.users.office)
    assert follow_up(scene).status == "talks"
    assert asked(scene, "firm").stance == "intent"


# --- Links and codes -------------------------------------------------------------------------------------------------
def test_a_link_is_opened_by_scanners_without_effect_and_answered_once(scene, client):
    say(scene, "office", by=scene.users.office)
    path = link_of(asked(scene))
    for method in (client.get, client.head, client.get):
        assert method(path).status_code == 200
    assert_nothing_moved(scene)
    assert Client(enforce_csrf_checks=True).post(path, posted(answer="yes")).status_code == 403
    assert client.post(path, posted(answer="perhaps")).status_code == 422
    assert client.post(path, posted(answer="no")).status_code == 422, "a refusal has a reason"
    assert client.post(path, posted(answer="yes")).status_code == 302
    row = follow_up(scene)
    assert (row.status, row.firm_statement.capacity) == ("intent", "link")
    assert client.post(path, posted(answer="no", reason="price")).status_code == 422
    assert follow_up(scene).status == "intent"
    assert "收到您单位的答复：有意向" in client.get(path).text


def test_the_link_names_an_anonymous_firm_to_nobody(scene, client):
    say(scene, "firm", by=scene.users.firm)
    path = link_of(asked(scene, "office"))
    page = client.get(path)
    assert "某轴承企业" in page.text and FIRM not in page.text
    assert page.headers["Referrer-Policy"] == "same-origin" and "noindex" in page.headers["X-Robots-Tag"]
    assert FIRM not in Delivery.objects.latest("pk").body


def test_staff_and_the_other_side_cannot_use_a_link(scene, signed_in):
    say(scene, "office", by=scene.users.office)
    path = link_of(asked(scene))
    for user in (scene.users.city, scene.users.district, scene.users.office):
        client = signed_in(user)
        assert "不能代替" in client.get(path).text
        assert client.post(path, posted(answer="yes")).status_code == 403
    assert_nothing_moved(scene)


def test_expired_replaced_and_guessed_links(scene, client):
    say(scene, "office", by=scene.users.office)
    old = link_of(asked(scene))
    say(scene, "office", "go_on", by=scene.users.office)
    assert link_of(asked(scene)) != old
    assert client.post(old, posted(answer="yes")).status_code == 422, "a newer question has replaced it"
    new = link_of(asked(scene))
    ConfirmationRequest.objects.update(expires_at=timezone.now())
    assert "已过有效期" in client.get(new).text
    assert client.post(new, posted(answer="yes")).status_code == 422
    assert_nothing_moved(scene)
    assert {client.get(f"/confirm/{uuid4().hex}/").status_code for _ in range(25)} == {404, 429}
    assert client.get(new).status_code == 429


def test_staff_get_a_link_only_for_a_side_that_cannot_be_reached(scene):
    accept_match(scene.match, by=scene.users.district)
    side = follow_up(scene).responses.get(side="firm")
    spy = make.contact(side.organisation, email="officer@example.cn", consented_at=None)
    answer_willing(side, contact=spy, consents=True, by=scene.users.district, spoken_with="钱经理")
    row = follow_up(scene)
    assert send_link_again(row, "firm", by=scene.users.district) == "", "the firm has a user"
    assert not Delivery.objects.filter(address="officer@example.cn").exists(), "a contact that staff entered"
    scene.users.firm.memberships.all().delete()
    link = send_link_again(row, "firm", by=scene.users.district)
    assert "/confirm/" in link
    with pytest.raises(PermissionDenied):
        send_link_again(row, "firm", by=make.district_officer("gaoxin"))
    fields = posted(answer="yes", contact=str(spy.pk), consents="on")
    assert Client().post(link[link.index("/confirm/") :], fields).status_code == 302
    word = scene.match.statements.own().get()
    assert (word.capacity, word.relayed_by) == ("link", scene.users.district)
    assert f"链接由{scene.users.district}转交" in word.speaker


def test_a_recorded_call_is_denied_or_confirmed_with_consent(scene, client):
    accept_match(scene.match, by=scene.users.district)
    side = follow_up(scene).responses.get(side="firm")
    contact = make.contact(side.organisation)
    call = {"contact": contact, "consents": True, "by": scene.users.district, "spoken_with": "钱经理"}
    answer_willing(side, **call)
    path = link_of(asked(scene))
    assert client.post(path, posted(answer="yes", contact=str(contact.pk))).status_code == 422, "no consent"
    assert client.post(path, posted(answer="unsaid")).status_code == 302
    side.refresh_from_db()
    assert (side.status, side.reported_at, side.spoken_with) == ("asked", None, "")
    answer_willing(side, **call)
    other = make.contact(make.firm())
    path = link_of(asked(scene))
    assert client.post(path, posted(answer="yes", contact=str(other.pk), consents="on")).status_code == 422
    assert client.post(path, posted(answer="yes", contact=str(contact.pk), consents="on")).status_code == 302
    side.refresh_from_db()
    assert (side.status, side.contact, side.reported_at) == ("willing", contact, None)
    assert_nothing_moved(scene)


def test_the_other_side_reads_a_recorded_call_as_little_as_an_answer(scene, signed_in):
    accept_match(scene.match, by=scene.users.district)
    row = follow_up(scene)
    contact = make.contact(scene.firm.organisation)
    call = {"contact": contact, "consents": True, "by": scene.users.district, "spoken_with": "钱经理"}
    answer_willing(row.responses.get(side="firm"), **call)
    path = reverse("follow_up", args=[row.public_id])
    assert "待本人确认" in signed_in(scene.users.district).get(path).text
    page = signed_in(scene.users.office).get(path).text
    assert "钱经理" not in page and "电话答复" not in page and FIRM not in page


def test_a_question_of_the_other_side_is_not_ones_own(scene, signed_in):
    say(scene, "office", by=scene.users.office)
    path = reverse("follow_up_confirm", args=[follow_up(scene).public_id])
    for user in (scene.users.office, scene.users.city):
        signed_in(user).post(path, posted(answer="yes") | {"request": asked(scene).pk})
        stance = reverse("follow_up_stance", args=[follow_up(scene).public_id])
        assert signed_in(user).post(stance, {"side": "firm"}).status_code in (302, 403)
    assert_nothing_moved(scene)


def test_staff_who_open_the_guests_page_stay_staff(scene, signed_in):
    path = reverse("party_outcome", args=[scene.firm.code])
    body = {"meeting": scene.meeting.public_id, "verdict": "intent", "key": str(uuid4())}
    answer = signed_in(scene.users.city).post(path, body, content_type="application/json")
    assert answer.status_code == 403 and "不代表这一方" in answer.json()["message"]
    assert not Outcome.objects.exists()
    own = signed_in(scene.users.firm).post(path, body, content_type="application/json")
    assert own.status_code == 200
    assert SideStatement.objects.get().by == scene.users.firm


def test_whoever_uses_the_code_of_a_letter_is_noticed_by_the_organisation(scene):
    """An officer who prints the letters knows their codes: the firm hears of each word said with its own."""
    say(scene, "firm")
    say(scene, "office")
    notice = Notice.objects.get(recipient=scene.users.firm, text__contains="凭邀请码代表贵单位表示“有意向”")
    assert not Notice.objects.filter(text__contains="凭邀请码", recipient=scene.users.city).exists()
    assert notice.path == reverse("follow_ups")
    say(scene, "firm", "no_fit", by=scene.users.firm)
    assert follow_up(scene).status == "closed"


def test_the_code_of_a_withdrawn_guest_is_void(scene, client):
    type(scene.firm).objects.filter(pk=scene.firm.pk).update(
        answer="withdrawn", withdrawn_reason="重名", answered_at=None
    )
    path = reverse("party_outcome", args=[scene.firm.code])
    body = {"meeting": scene.meeting.public_id, "verdict": "intent"}
    assert client.post(path, body, content_type="application/json").status_code == 404
    scene.firm.refresh_from_db()
    with pytest.raises(PermissionDenied):
        say(scene, "firm", party=scene.firm)


# --- Below the services ----------------------------------------------------------------------------------------------
def test_the_database_refuses_an_agreement_without_own_words(scene):
    row = make.follow_up(scene.match, status="asking")
    agreed = {"status": "talks", "agreed_at": timezone.now(), "next_on": timezone.localdate()}
    other = make.own_words(make.match())
    own = make.own_words(scene.match, stance="willing")
    call = make.statement(scene.match, "firm", capacity="phone", by=scene.users.city)
    faulty = [
        {},
        other,
        {"firm_statement": own["firm_statement"], "institution_statement": own["firm_statement"]},
        own | {"firm_statement": call},
        own | {"status": "intent"},
        own | {"firm_statement": make.statement(scene.match, "firm", "no")},
    ]
    for fields in faulty:
        with pytest.raises(IntegrityError), transaction.atomic():
            FollowUp.objects.filter(pk=row.pk).update(**agreed | fields)
    FollowUp.objects.filter(pk=row.pk).update(**agreed | own)


@pytest.mark.parametrize("sql", ["UPDATE {} SET stance = 'intent'", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_nobody_changes_what_was_said(scene, sql):
    make.statement(scene.match, "firm", "no")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="只能新增"), transaction.atomic():
            cursor.execute(sql.format(SideStatement._meta.db_table))


def test_an_auditor_sees_the_two_statements_and_the_sides_only_their_own(scene, signed_in):
    row = agree(scene)
    path = reverse("follow_up", args=[row.public_id])
    page = signed_in(make.auditor()).get(path).text
    assert "依据双方本单位的表示" in page and page.count("本单位邀请码") >= 4
    mine = signed_in(scene.users.office).get(path).text
    assert "全部 1 条" in mine and "依据双方" not in mine


def test_a_question_that_nobody_asked_is_not_answered(scene):
    """An intent is confirmed only in talks: an old question does not lift the follow-up later."""
    row = make.follow_up(scene.match, status="asking")
    question = ask_to_confirm(row, "firm", kind="intent", stance="intent", by=scene.users.city)
    with pytest.raises(ValidationError, match="洽谈中"):
        confirm_stance(question, stance="intent", by=scene.users.firm)
    assert not SideStatement.objects.own().exists()
