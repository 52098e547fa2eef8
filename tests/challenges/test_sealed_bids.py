"""Nobody reads a bid before the opening, none comes late, none changes unseen."""

import re
from copy import deepcopy
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from challenges.models import Bid, BidFile, Challenge, Submission
from challenges.open_work import challenge_work
from challenges.sealing import SealBroken, open_and_verify
from challenges.services.bidding import (
    BidIsLate,
    accept_part,
    add_bid_file,
    invite_member,
    missing_of,
    read_draft,
    remove_member,
    save_bid,
    start_bid,
    submit_bid,
    take_lead,
    withdraw_bid,
)
from challenges.services.opening import ask_opening, file_content, open_bids, opened_bids
from challenges.services.publication import add_addendum, answer_question, ask_question
from challenges.services.results import choose_winner
from integrity.models import Ownership
from notices.models import Notice
from privacy.models import DataRequest
from privacy.records import records_of
from privacy.services.erasure import ERASERS
from tests import factories as make
from tests.achievements import uploads
from tests.browser_client import Browser, readable
from tests.challenges import calls
from tests.kept_rows import kept_rows

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker):
    """(people, call, officer of an institution that may bid)"""
    with kept_rows(django_db_blocker):
        people = calls.city()
        yield people, calls.published(people), make.institution_officer(make.institution("揭榜大学"))


@pytest.fixture
def copies(kept, db):
    return deepcopy(kept)


@pytest.fixture
def people(copies):
    return copies[0]


@pytest.fixture
def call(copies):
    return copies[1]


@pytest.fixture
def officer(copies):
    return copies[2]


def everything_stored() -> str:
    """All rows of all tables as text, as somebody with a copy of the database reads them."""
    tables = [name for name in connection.introspection.table_names() if not name.startswith("django_")]
    with connection.cursor() as cursor:
        texts = []
        for name in tables:
            cursor.execute(f"SELECT coalesce(string_agg(t::text, chr(10)), '') FROM \"{name}\" t")
            texts.append(cursor.fetchone()[0])
    return "\n".join(texts)


def test_the_database_and_the_files_hold_no_word_of_a_bid(call, officer, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    bid = start_bid(call, lead=officer.memberships.get().organisation, by=officer)
    add_bid_file(bid, content=uploads.PDF + "绝密附件".encode(), name="绝密名称.pdf", by=officer)
    calls.written(bid, officer, route="绝密路线")
    submit_bid(bid, by=officer)
    stored = everything_stored()
    assert "揭榜大学" in stored  # the search sees what is there
    assert not re.findall("绝密(?:路线|名称|附件)", stored)
    assert all("绝密附件".encode() not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert file_content(bid.files.get()).endswith("绝密附件".encode())


def test_before_the_opening_only_members_see_that_there_is_a_bid(people, call, officer):
    bid = calls.handed_in(call, officer)
    others = [people.owner, people.city, people.district, make.auditor(), make.sysadmin(), make.institution_officer()]
    for user in others:
        assert not Bid.objects.visible_to(user).exists()
        assert opened_bids(call, user) == []
        with pytest.raises(PermissionDenied):
            read_draft(bid, user)
    assert Bid.objects.visible_to(officer).get() == bid
    texts = Notice.objects.exclude(recipient=officer).values_list("text", flat=True)
    assert not [text for text in texts if "揭榜大学" in text]


def test_a_bid_a_moment_late_is_refused_and_stays_a_draft(call, officer):
    """The trigger compares the clock of the database, so that no clock of a web server can let one in."""
    bid = start_bid(call, lead=officer.memberships.get().organisation, by=officer)
    calls.written(bid, officer)
    calls.past_deadline(call)
    bid.refresh_from_db()
    closed_at = timezone.localtime(call.closes_at)
    named = f"{closed_at.month}月{closed_at.day}日 {closed_at:%H:%M} 截止，没有递交.*草稿"
    with pytest.raises(BidIsLate, match=named):
        submit_bid(bid, by=officer)
    calls.written(bid, officer, team="")
    with pytest.raises(BidIsLate):  # not what is still missing, which nobody can add any more
        submit_bid(bid, by=officer)
    calls.written(bid, officer)
    assert not Submission.objects.exists()
    assert read_draft(bid, officer)["team"] == "三名骨干"


def test_what_was_handed_in_is_replaced_and_withdrawn_only_before_the_deadline(call, officer):
    bid = calls.handed_in(call, officer)
    first = bid.current
    calls.written(bid, officer, route="更好的路线")
    second = submit_bid(bid, by=officer)
    assert bid.current == second and first.digest != second.digest
    withdraw_bid(bid, by=officer)
    assert bid.current is None, "the replaced one does not come back"
    third = submit_bid(bid, by=officer)
    calls.past_deadline(call)
    with pytest.raises(ValidationError, match="不能再撤回"):
        withdraw_bid(bid, by=officer)
    assert bid.current == third


@pytest.mark.parametrize("change", [{"cipher": "x"}, {"digest": "0" * 64}, {"number": 9}])
def test_the_database_refuses_to_change_what_was_handed_in(call, officer, change):
    bid = calls.handed_in(call, officer)
    with pytest.raises(IntegrityError, match="submission_is_sealed"), transaction.atomic():
        Submission.objects.filter(bid=bid).update(**change)
    with pytest.raises(IntegrityError, match="submission_is_sealed"), transaction.atomic():
        bid.submissions.get().delete()


def test_the_receipt_shows_another_content(call, officer):
    submission = calls.handed_in(call, officer).current
    assert open_and_verify(submission.cipher, submission.digest)["route"]
    with pytest.raises(SealBroken):
        open_and_verify(submission.cipher, "0" * 64)
    with pytest.raises(SealBroken):
        open_and_verify(submission.cipher[:-8] + "AAAAAAA=", submission.digest)


def test_opening_takes_two_persons_after_the_deadline_once(people, call, officer):
    calls.handed_in(call, officer)
    with pytest.raises(ValidationError, match="还没有到揭榜截止"):
        ask_opening(call, by=people.city)
    with pytest.raises(IntegrityError, match="challenge_opened_by_two_after_deadline"), transaction.atomic():
        Challenge.objects.filter(pk=call.pk).update(
            opened_at=timezone.now(), opened_with=people.city, opening_asked_by=people.colleague, opened_count=1
        )
    calls.past_deadline(call)
    for stranger in (people.district, make.auditor(), make.sysadmin(), officer, make.firm_officer()):
        with pytest.raises(PermissionDenied):
            ask_opening(call, by=stranger)
    ask_opening(call, by=people.city)
    with pytest.raises(ValidationError, match="请另一位"):
        open_bids(call, by=people.city)
    assert open_bids(call, by=people.owner) == 1  # the firm may be the second
    with pytest.raises(ValidationError):
        open_bids(call, by=people.colleague)
    assert [row.content["route"] for row in opened_bids(call, people.owner)] == ["视觉识别加柔顺抓取"]
    assert opened_bids(call, people.district) == []


def test_the_firm_alone_cannot_open(people, call):
    calls.past_deadline(call)
    ask_opening(call, by=people.owner)
    with pytest.raises(ValidationError, match="市级专员"):
        open_bids(call, by=make.firm_officer(people.firm))


def test_an_institution_and_an_agency_draft_together_and_each_accepts_its_part(call, officer):
    agency = make.agency("联合服务机构").organisation
    agent = make.user("broker", agency)
    bid = calls.joint(call, officer, agent)
    assert missing_of(bid) == []
    with pytest.raises(PermissionDenied, match="牵头"):
        submit_bid(bid, by=agent)
    content = read_draft(bid, agent)
    content["parts"][agency.public_id]["work"] = "改过的部分"
    with pytest.raises(ValidationError, match="刚刚保存过"):
        save_bid(bid, values=content, revision=bid.revision - 1, by=agent)
    save_bid(bid, values=content, revision=bid.revision, by=agent)
    with pytest.raises(ValidationError, match="没有确认"):
        submit_bid(bid, by=officer)
    accept_part(bid, organisation=agency, by=agent)
    assert submit_bid(bid, by=officer).number == 1
    partner = bid.members.get(is_lead=False)
    with pytest.raises(ValidationError, match="先撤回"):
        remove_member(partner, by=agent)  # what was handed in names it
    withdraw_bid(bid, by=officer)
    remove_member(partner, by=agent)
    assert officer.notices.filter(text__contains="退出了").exists()
    with pytest.raises(PermissionDenied):
        read_draft(bid, agent)


def test_a_changed_part_waits_for_its_organisation_again(call, officer):
    agency = make.agency("联合服务机构").organisation
    agent = make.user("broker", agency)
    bid = calls.joint(call, officer, agent)
    content = read_draft(bid, officer)
    content["parts"][agency.public_id]["work"] = "牵头单位替它多写了一半"
    save_bid(bid, values=content, revision=bid.revision, by=officer)
    assert [row.organisation for row in bid.members.filter(accepted_at=None)] == [agency]  # the lead's own stays
    assert "bids-to-join" in {work.key for work in challenge_work(agent) if work.rows.exists()}
    assert agent.notices.filter(text__contains="重新确认").count() == 1


def test_the_consortium_is_settled_at_the_deadline_as_it_was_handed_in(people, call, officer):
    """Who was invited after the handing in, or would come after the deadline, is no bidder."""
    bid = calls.handed_in(call, officer)
    guest = make.institution("后来邀请的大学")
    invite_member(bid, organisation=guest, by=officer)
    calls.past_deadline(call)
    step = reverse("bid_step", args=[bid.public_id])
    late = make.agency("截止以后邀请的机构").organisation
    browser = Browser(officer)
    for fields in (
        {"step": "invite", "organisation": late.public_id},
        {"step": f"remove {bid.members.get(organisation=guest).public_id}"},
        {"step": "file", "file": SimpleUploadedFile("补充.pdf", uploads.PDF)},
    ):
        answer = browser.post(step, fields)
        assert answer.status_code == 422 and "不能再变动" in readable(answer), fields
    assert not BidFile.objects.exists()
    calls.opened(people, call)
    assert [row.organisation.name for row in bid.members.active()] == ["揭榜大学"]
    calls.reviewed(people, call)
    choose_winner(call, bid=bid, reason="指标最好，报价合理。", by=people.owner)
    page = Browser().read(reverse("challenge_detail", args=[call.public_id]))
    assert "揭榜大学" in page and "后来邀请的大学" not in page


def test_nobody_bids_for_another_nor_for_a_firm_it_is_related_to(people, call, officer):
    lead = officer.memberships.get().organisation
    with pytest.raises(PermissionDenied):
        start_bid(call, lead=make.institution("别的大学"), by=officer)
    bid = start_bid(call, lead=lead, by=officer)
    with pytest.raises(ValidationError, match="已经在写"):
        start_bid(call, lead=lead, by=officer)
    with pytest.raises(ValidationError, match="高校院所或服务机构"):
        invite_member(bid, organisation=people.firm, by=officer)
    calls.written(bid, officer)
    broker = make.broker_account("受托的服务机构")
    make.mandate(people.firm, broker)
    with pytest.raises(ValidationError, match="有关联"):
        invite_member(bid, organisation=broker.agency.organisation, by=officer)  # it works for the firm
    Ownership.objects.create(owner=lead, owned=people.firm, share=30, source="公示系统")
    with pytest.raises(ValidationError, match="有关联"):
        submit_bid(bid, by=officer)


def test_the_deadline_is_put_off_and_never_brought_forward(people, call, officer):
    bid = start_bid(call, lead=officer.memberships.get().organisation, by=officer)
    with pytest.raises(ValidationError, match="只能延后"):
        add_addendum(call, text="提前截止", closes_at=call.closes_at - timedelta(days=1), by=people.city)
    with pytest.raises(IntegrityError, match="challenge_deadline_never_earlier"), transaction.atomic():
        Challenge.objects.filter(pk=call.pk).update(closes_at=call.closes_at - timedelta(days=1))
    later = call.closes_at + timedelta(days=5)
    add_addendum(call, text="应多家要求，延期五天。", closes_at=later, by=people.city)
    call.refresh_from_db()
    assert call.closes_at == later
    assert Notice.objects.filter(recipient=officer, text__contains="延期五天", path__contains=bid.public_id).exists()
    calls.past_deadline(call)
    with pytest.raises(ValidationError, match="已经截止"):
        add_addendum(call, text="再开一次", closes_at=later, by=people.city)


def test_a_hostile_attachment_is_refused(call, officer):
    bid = start_bid(call, lead=officer.memberships.get().organisation, by=officer)
    with pytest.raises(ValidationError):
        add_bid_file(bid, content=b"<script>", name="x.pdf", by=officer)
    assert not BidFile.objects.exists()


@pytest.mark.long
def test_files_of_a_sealed_bid_and_its_page_are_not_found_by_anybody_else(people, call, officer, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    bid = start_bid(call, lead=officer.memberships.get().organisation, by=officer)
    file = add_bid_file(bid, content=uploads.PDF, name="方案.pdf", by=officer)
    calls.written(bid, officer)
    submit_bid(bid, by=officer)
    pages = [reverse("bid", args=[bid.public_id]), reverse("bid_read", args=[bid.public_id])]
    pages.append(reverse("bid_file", args=[file.public_id]))
    for user in (
        people.owner,
        people.city,
        people.district,
        make.auditor(),
        make.sysadmin(),
        make.institution_officer(),
    ):
        for page in pages:
            assert Browser(user).get(page).status_code == 404, (user, page)
    assert Browser(officer).get(pages[2]).content == uploads.PDF
    calls.opened(people, call)
    assert "视觉识别加柔顺抓取" in Browser(people.owner).read(pages[1])
    assert Browser(people.city).get(pages[2])["Content-Disposition"].startswith("attachment")
    assert Browser(people.district).get(pages[1]).status_code == 404


def test_a_late_bid_comes_back_with_a_sentence_and_the_text_is_kept(call, officer):
    bid = start_bid(call, lead=officer.memberships.get().organisation, by=officer)
    calls.written(bid, officer)
    calls.past_deadline(call)
    fields = {"revision": bid.revision, "then": "submit", "route": "最后一刻的路线"}
    answer = Browser(officer).post(reverse("bid", args=[bid.public_id]), fields)
    assert answer.status_code == 422 and "最后一刻的路线" in readable(answer)
    bid.refresh_from_db()
    assert read_draft(bid, officer)["route"] == "最后一刻的路线"
    assert not Submission.objects.exists()


def test_what_is_typed_too_late_stands_beside_what_was_handed_in(call, officer):
    bid = calls.handed_in(call, officer)
    calls.past_deadline(call)
    fields = {"revision": bid.revision, "then": "submit", "route": "截止以后才写完的路线"}
    answer = readable(Browser(officer).post(reverse("bid", args=[bid.public_id]), fields))
    assert "视觉识别加柔顺抓取" in answer and "截止以后才写完的路线" in answer
    later = Browser(officer).read(reverse("bid", args=[bid.public_id]))
    assert "算数的是上面递交的方案" in later and "截止以后才写完的路线" in later


def test_a_refused_file_leaves_a_page_from_which_the_draft_is_saved_and_a_partner_taken_out(call, officer):
    bid = start_bid(call, lead=officer.memberships.get().organisation, by=officer)
    member = invite_member(bid, organisation=make.agency("误邀的服务机构").organisation, by=officer)
    browser, page = Browser(officer), reverse("bid", args=[bid.public_id])
    step = reverse("bid_step", args=[bid.public_id])
    answer = browser.post(step, {"step": "file", "file": SimpleUploadedFile("假图.png", b"no picture")})
    text = readable(answer)
    assert answer.status_code == 422 and "假图.png" in text
    assert re.search(rf'<form method="post" action="{page}" novalidate', text), "this page has the address of the step"
    removed = browser.post(step, {"step": f"remove {member.public_id}"}, follow=True)
    assert removed.redirect_chain == [(page, 302)] and "已移出联合体" in readable(removed)


def test_an_answer_that_came_second_is_given_back(people, call, officer):
    question = ask_question(call, text="风多大还要干？", by=officer)
    answer_question(question, answer="七级以下都干。", by=people.city)
    fields = {"step": "answer", "answer-question": question.pk, "answer-answer": "企业自己写了半天的答复"}
    answer = Browser(people.owner).post(reverse("challenge_step", args=[call.public_id]), fields)
    assert answer.status_code == 422 and "企业自己写了半天的答复" in readable(answer)


def test_a_person_named_in_an_opened_bid_is_found_and_left_out(people, call, officer):
    bid = calls.handed_in(call, officer, team="负责人司徒揭榜，骨干两名")
    request = DataRequest(kind="delete", name="司徒揭榜", unit="揭榜大学")
    assert [row for row in records_of(request) if row.kind == "bid"] == []  # sealed: nobody reads it
    calls.opened(people, call)
    [record] = [row for row in records_of(request) if row.kind == "bid"]
    assert record.row == bid and record.details == (("写着姓名的栏目", "团队"),)
    ERASERS["bid"](record.row, "司徒揭榜", people.city)
    bid.refresh_from_db()
    page = Browser(people.city).read(reverse("bid_read", args=[bid.public_id]))
    assert "司徒揭榜" not in page and "与回执指纹一致" in page
    assert "司徒揭榜" not in read_draft(bid, officer)["team"]


def test_an_agency_begins_a_draft_and_an_institution_takes_the_lead_to_hand_it_in(call, officer):
    agency, lead = make.agency("起草服务机构").organisation, officer.memberships.get().organisation
    agent = make.user("broker", agency)
    page = Browser(agent).get(reverse("challenge_detail", args=[call.public_id])).content.decode()
    assert "和院校一起起草方案" in page
    Browser(agent).post(reverse("bid_start", args=[call.public_id]), {"lead": agency.public_id})
    bid = Bid.objects.get(lead=agency)
    calls.written(bid, agent)
    with pytest.raises(ValidationError, match="还没有牵头的高校院所"):
        submit_bid(bid, by=agent)
    with pytest.raises(PermissionDenied):
        take_lead(bid, organisation=lead, by=officer)  # not in the draft yet, and cannot read it
    assert Browser(officer).get(reverse("bid", args=[bid.public_id])).status_code == 404
    invite_member(bid, organisation=lead, by=agent)
    parts = {unit.public_id: {"work": f"{unit}承担的部分"} for unit in (lead, agency)}
    bid.refresh_from_db()
    save_bid(bid, values=read_draft(bid, officer) | {"parts": parts}, revision=bid.revision, by=officer)
    save_bid(bid, values=read_draft(bid, agent) | {"team": "四名骨干"}, revision=bid.revision, by=agent)
    assert "由揭榜大学牵头" in Browser(officer).get(reverse("bid", args=[bid.public_id])).content.decode()
    Browser(officer).post(reverse("bid_step", args=[bid.public_id]), {"step": f"lead {lead.public_id}"})
    bid.refresh_from_db()
    assert bid.lead == lead and [row.organisation for row in bid.members.filter(is_lead=True)] == [lead]
    accept_part(bid, organisation=lead, by=officer)
    accept_part(bid, organisation=agency, by=agent)
    with pytest.raises(PermissionDenied, match="牵头"):
        submit_bid(bid, by=agent)
    assert submit_bid(bid, by=officer).number == 1
    with pytest.raises(ValidationError, match="已由揭榜大学牵头"):
        take_lead(bid, organisation=lead, by=officer)


def test_an_institution_with_a_draft_of_its_own_does_not_take_another_and_nobody_else_learns_of_it(call, officer):
    agency, lead = make.agency("起草服务机构").organisation, officer.memberships.get().organisation
    agent = make.user("broker", agency)
    start_bid(call, lead=lead, by=officer)
    bid = start_bid(call, lead=agency, by=agent)
    invite_member(bid, organisation=lead, by=agent)  # as with any other institution
    with pytest.raises(ValidationError, match="已经在写"):
        take_lead(bid, organisation=lead, by=officer)
    bid.refresh_from_db()
    assert bid.lead == agency and bid.members.get(is_lead=True).organisation == agency
