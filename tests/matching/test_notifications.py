"""Notices about matches: recipients, texts, and withdrawal together with the step that sent them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Contact, Role
from matching.models import Match, Question, SideResponse
from matching.services.assignment import assign_match
from matching.services.broker_requests import answer_broker_request, ask_broker
from matching.services.follow_ups import reassign_follow_up
from matching.services.questions import answer_question, ask_question
from matching.services.review import accept_match
from matching.services.run_removal import remove_run
from matching.services.runs import execute_chunk
from matching.services.side_responses import answer_unwilling, answer_willing, inquire, remind_sides, reply_to_inquiry
from matching.services.undo import undo_decision
from notices.models import Delivery, Notice
from notices.services import make_digests
from rounds.services.rounds import close_round
from tests import factories as make

pytestmark = pytest.mark.django_db
SECRET = "藏龙虎"


@pytest.fixture
def district(db):
    return make.district_officer("jinpu", email="district@example.cn")


@pytest.fixture
def match(db):
    firm = make.firm(f"大连{SECRET}轴承有限公司")
    demand = make.demand(
        firm=firm, title=f"{SECRET}轴承保持架减磨", is_anonymous=True, public_alias="金普新区某轴承企业"
    )
    return make.match(demand=demand)


@pytest.fixture
def office(match):
    return make.institution_officer(match.achievement.institution, email="office@example.cn")


@pytest.fixture
def firm(match):
    return make.firm_officer(match.demand.firm, email="firm@example.cn")


def notice_kinds(user) -> list[str]:
    return list(Notice.objects.for_user(user).order_by("pk").values_list("kind", flat=True))


def unread(user) -> list[str]:
    return list(Notice.objects.for_user(user).unread().order_by("pk").values_list("kind", flat=True))


def say_yes(follow_up, side, by):
    row = follow_up.responses.get(side=side)
    contact = Contact.objects.create(organisation=row.organisation, name="赵某", phone="13804110001")
    answer_willing(row, contact=contact, consents=True, by=by)


def test_notices_from_acceptance_to_agreement(match, district, office, firm):
    accept_match(match, by=district)
    assert (notice_kinds(office), notice_kinds(firm), notice_kinds(district)) == (["accepted"], ["accepted"], [])
    follow_up = match.follow_up
    inquiry = inquire(follow_up.responses.get(side="office"), text="年用量？", by=office)
    assert notice_kinds(district) == ["question"]
    reply_to_inquiry(inquiry, text="十吨", by=district)
    assert (notice_kinds(office), unread(district)) == (["accepted", "answer"], [])
    say_yes(follow_up, "office", office)
    assert (unread(office), notice_kinds(district), notice_kinds(firm)) == ([], ["question", "sides"], ["accepted"])
    say_yes(follow_up, "firm", firm)
    assert (unread(office), unread(firm)) == (["sides"], [])  # the side that answers last gets no notice
    assert notice_kinds(district) == ["question", "sides", "sides"]  # one notice for the last answer and the agreement


def test_notice_of_a_refusal_omits_its_reason(match, district, office, firm):
    accept_match(match, by=district)
    answer_unwilling(match.follow_up.responses.get(side="office"), reason="other", note="团队解散了", by=office)
    assert (unread(firm), notice_kinds(district)) == (["sides"], ["sides"])
    assert not Notice.objects.filter(text__contains="团队").exists()


def test_no_notice_or_mail_names_an_anonymous_firm(match, district, office, firm, settings):
    settings.NOTICE_MAIL_HOUR = 0
    person = make.user(Role.BROKER, make.organisation("agency"), email="broker@example.cn")
    assign_match(match, to=make.district_officer("jinpu"), by=district)
    undo_decision(match.decisions.first(), by=district)
    match = Match.objects.get(pk=match.pk)
    ask_question(match, side="firm", text="能否停机试验？", by=district)
    answer_question(Question.objects.get(), text="可以", by=firm)
    match.refresh_from_db()
    accept_match(match, by=district)
    answer_broker_request(ask_broker(match, broker=make.broker(user=person), by=district), accept=True, by=person)
    SideResponse.objects.update(due_on=timezone.localdate())
    remind_sides()
    inquiry = inquire(match.follow_up.responses.get(side="office"), text="年用量？", by=office)
    reply_to_inquiry(inquiry, text="十吨", by=district)
    say_yes(match.follow_up, "office", office)
    say_yes(match.follow_up, "firm", firm)
    Notice.objects.update(made_at=timezone.now() - timedelta(hours=1))
    assert make_digests() >= 3
    texts = [*Notice.objects.values_list("text", flat=True), *Delivery.objects.values_list("body", flat=True)]
    assert len(texts) > 12 and any("本企业保持架减磨" in text for text in texts)
    assert [text for text in texts if SECRET in text] == []


def test_undone_acceptance_withdraws_notices(match, district, office, firm):
    decision = accept_match(match, by=district)
    undo_decision(decision, by=district)
    assert (notice_kinds(office), notice_kinds(firm)) == ([], [])
    match.refresh_from_db()
    accept_match(match, by=district)
    assert notice_kinds(office) == ["accepted"]


def test_only_sides_without_answer_are_reminded_once(match, district, office, firm):
    accept_match(match, by=district)
    say_yes(match.follow_up, "office", office)
    SideResponse.objects.update(due_on=timezone.localdate() + timedelta(days=2))
    remind_sides()
    remind_sides()
    assert (notice_kinds(firm), notice_kinds(office)) == (["accepted", "reminder"], ["accepted"])


def test_notices_of_a_question_and_its_answer(match, district, firm, office):
    decision = ask_question(match, side="firm", text="能否停机试验？", by=district)
    assert (notice_kinds(firm), notice_kinds(office)) == (["question"], [])
    undo_decision(decision, by=district)
    assert notice_kinds(firm) == []
    match.refresh_from_db()
    ask_question(match, side="office", text="样品多大？", by=district)
    answer_question(Question.objects.open().get(), text="一公斤", by=office)
    assert (notice_kinds(district), unread(office)) == (["answer"], [])


def test_notices_of_assignment_and_new_owner(match, district):
    colleague = make.district_officer("jinpu")
    decision = assign_match(match, to=colleague, by=district)
    assert notice_kinds(colleague) == ["handed"]
    undo_decision(decision, by=district)
    assert notice_kinds(colleague) == []
    match.refresh_from_db()
    accept_match(match, by=district)
    reassign_follow_up(match.follow_up, to=colleague, by=district)
    assert notice_kinds(colleague) == ["handed"]


def test_notices_of_a_broker_request_and_its_answer(match, district):
    person = make.user(Role.BROKER, make.organisation("agency"))
    accept_match(match, by=district)
    request = ask_broker(match, broker=make.broker(user=person), by=district)
    assert unread(person) == ["broker"]
    answer_broker_request(request, accept=True, by=person)
    assert (unread(person), notice_kinds(district)) == ([], ["broker"])


@pytest.mark.django_db(transaction=True)
def test_run_notifies_each_district_once_and_self_check_nobody(district):
    stranger = make.district_officer("gaoxin")
    make.achievement()
    make.demand()
    docking_round = close_round(make.ended_round(), by=make.city_officer())
    for chunk in docking_round.match_run.chunks.all():
        execute_chunk(chunk.pk)
        execute_chunk(chunk.pk)
    (notice,) = Notice.objects.all()
    assert (notice.recipient, notice.kind, notice_kinds(stranger)) == (district, "proposals", [])
    assert "有 1 条新推荐" in notice.text
    remove_run(docking_round.match_run, {})
    assert not Notice.objects.exists()
