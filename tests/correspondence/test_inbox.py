"""收件箱: what it lists, that its numbers are those of 待办, its filters, and what it never shows."""

from copy import deepcopy
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from correspondence.inbox import Inbox, InboxFilter
from correspondence.kinds import KINDS
from correspondence.models import Handover
from correspondence.people import completers_of
from correspondence.services.completer_answers import answer_by_link
from correspondence.services.handovers import hand_over
from deals.models import IncomeCase, IncomeShare, PriceObjection, PricePublicity
from drafting.models import DocumentDraft, DraftDocument
from enquiries.models import Approach
from enquiries.presentation import card_counts
from enquiries.services.thread import post_message
from matching.models import Question
from members.models import Delegation
from open_work.sources import summaries_of
from portfolio.models import ItemProposal, RenewalAnswer, RenewalCampaign, RenewalRequest
from tests import factories as make
from tests.kept_rows import kept_rows

pytestmark = pytest.mark.django_db
FIRM = "大连隐名重工有限公司"


@pytest.fixture(scope="module")
def kept_office(django_db_setup, django_db_blocker):
    """(officer, rows) of one office."""
    with kept_rows(django_db_blocker):
        here = make.institution()
        officer = make.institution_officer(here)
        yield officer, rows_of(here, officer)


@pytest.fixture
def office(db, kept_office):
    """The office of the module, with objects of its own for each test."""
    return deepcopy(kept_office)


@pytest.fixture
def officer(office):
    return office[0]


@pytest.fixture
def rows(office):
    return office[1]


@pytest.fixture
def here(db):
    """Another institution, with an empty inbox."""
    return make.institution("大连工业大学")


def rows_of(here, officer):
    """One row in each state: new and late, handed, to approve, with news, waiting for the firm, a question, asked."""
    item = make.achievement(institution=here, title="耐磨涂层", lead_person="张三", college="材料学院")
    today = timezone.localdate()
    made = {}
    for number, name in enumerate(("new", "handed", "approve", "news", "other")):
        firm = make.firm(FIRM if name == "new" else f"大连第{number}企业有限公司")
        made[name] = make.approach(firm=firm, achievement=item, is_anonymous=name == "new")
    Approach.objects.filter(pk=made["new"].pk).update(answer_due_on=today - timedelta(days=2))
    person = next(iter(completers_of(item)))
    for name in ("handed", "approve"):
        handover = hand_over(made[name], person, closes_on=today + timedelta(days=3), by=officer)
    answer_by_link(handover, "text", text="可以。")
    for name in ("news", "other"):
        post_message(made[name], text="可以。", by=officer)
    post_message(made["news"], text="那要多久？", by=made["news"].created_by)
    match = make.match(achievement=item, status="proposed")
    made["question"] = Question.objects.create(
        match=match, side="office", text="有检测报告吗？", asked_by=make.city_officer()
    )
    made["asking"] = make.follow_up(make.match(achievement=item, demand=make.demand(title="求涂层")), status="asking")
    return made


def states(user, **chosen) -> dict[str, str]:
    box = Inbox(user, InboxFilter(**{"state": ""} | chosen))
    return {row.row.public_id: row.state for row in box.rows(box.keys())}


@pytest.mark.long
def test_each_row_has_its_state_and_the_numbers_are_those_of_open_work(client, officer, rows):
    shown = states(officer)
    by_state = {name: shown[row.public_id] for name, row in rows.items()}
    assert by_state == {
        "new": "new", "handed": "handed", "approve": "approve", "news": "new", "other": "other",
        "question": "new", "asking": "new",
    }  # fmt: skip
    box = Inbox(officer, InboxFilter())
    counts = box.counts()
    assert (counts["todo"], counts["approve"], counts["handed"], counts["other"]) == (6, 1, 1, 1)
    assert len(box.rows(box.keys())) == 6
    client.force_login(officer)
    waiting = {summary.work.key: summary for summary in summaries_of(officer)}
    numbers = {"my-approaches": 3, "approach-news": 1, "my-questions": 1, "my-follow-ups": 1}
    assert {key: waiting[key].number for key in numbers} == numbers
    card = card_counts(officer)
    assert (card["waiting"], card["news"]) == (3, 1), "the dashboard shows the same numbers"
    for key, summary in waiting.items():
        counts = Inbox(officer, InboxFilter(work=key, state="todo")).counts()
        late = Inbox(officer, InboxFilter(work=key, state="todo", late=True)).counts()
        assert (counts["todo"], late["todo"]) == (summary.number, summary.overdue), key
    assert f"等本单位办 <b>{6}</b>" in " ".join(client.get(reverse("inbox")).text.split())


@pytest.mark.long
def test_the_most_urgent_stands_first_and_a_passed_day_is_told_as_passed(client, officer, rows):
    client.force_login(officer)
    response = client.get(reverse("inbox"))
    assert response.context["rows"][0].row == rows["new"]
    assert "已过 2 天" in response.text
    assert FIRM not in response.text and rows["new"].public_alias in response.text
    for name in ("new", "question", "asking"):
        kind = {"new": "enquiry", "question": "question", "asking": "follow_up"}[name]
        page = client.get(reverse("inbox_item", args=[f"{kind}-{rows[name].public_id}"]))
        assert page.status_code == 200 and FIRM not in page.text


@pytest.mark.long
def test_filters_narrow_and_unknown_values_do_not(officer, rows):
    other = make.achievement(institution=rows["new"].institution, title="别的成果", college="化工学院")
    extra = make.approach(achievement=other)
    new = rows["new"].public_id
    assert list(states(officer, college="化工学院")) == [extra.public_id]
    assert list(states(officer, item=other.public_id)) == [extra.public_id]
    assert list(states(officer, late=True)) == [new]
    assert set(states(officer, mine=True)) == {rows["handed"].public_id, rows["approve"].public_id}
    assert list(states(officer, q="检测报告")) == [rows["question"].public_id]
    assert list(states(officer, q="别的")) == [extra.public_id]
    assert not states(officer, q="隐名"), "a search must not find an anonymous firm by its name"
    assert len(states(officer, q="张三")) == len(rows)
    assert set(states(officer, kind="question").values()) == {"new"}
    assert not states(officer, work="no-such-work")


@pytest.mark.long
def test_answers_in_place_go_by_the_services_and_on_to_the_next(client, officer, rows):
    client.force_login(officer)
    url = reverse("inbox_item", args=[f"enquiry-{rows['new'].public_id}"])
    bad = client.post(url, {"step": "message", "message-text": "请打 13940001234"})
    assert bad.status_code == 422 and "13940001234" in bad.text
    response = client.post(url, {"step": "message", "message-text": "可到 600 度。"})
    assert response.status_code == 302 and response["Location"].startswith(reverse("inbox"))
    assert rows["new"].messages.get(is_event=False).origin == ""
    url = reverse("inbox_item", args=[f"question-{rows['question'].public_id}"])
    assert client.post(url, {"step": "answer", "answer": " "}).status_code == 422
    assert client.post(url, {"step": "answer", "answer": "有。"}).status_code == 302
    assert Question.objects.get(pk=rows["question"].pk).status == "answered"
    assert client.post(url, {"step": "answer", "answer": "有。"}).status_code == 422
    assert client.post(url, {"step": "burn"}).status_code == 404


@pytest.mark.long
def test_nothing_of_another_institution_and_nothing_for_firms(client, rows):
    other = make.institution_officer(make.institution("大连海事大学"))
    assert states(other) == {}
    client.force_login(other)
    assert "都办完了" in client.get(reverse("inbox")).text
    for url in (
        reverse("inbox_item", args=[f"enquiry-{rows['new'].public_id}"]),
        reverse("inbox_item", args=[f"answer-{rows['new'].public_id}"]),
        reverse("inbox_item", args=[f"invitation-{rows['new'].public_id}"]),
        reverse("inbox_item", args=[f"nonsense-{rows['new'].public_id}"]),
    ):
        assert client.get(url).status_code == 404
    client.force_login(rows["new"].created_by)
    assert client.get(reverse("inbox")).status_code == 403
    assert client.get(reverse("inbox_item", args=[f"enquiry-{rows['new'].public_id}"])).status_code == 404


@pytest.mark.long
def test_pages_and_queries_stay_fixed(client, here):
    officer = make.institution_officer(here)
    client.force_login(officer)

    def add(number: int) -> None:
        item = make.achievement(institution=here, title=f"成果{number}", lead_person="李四")
        approach = make.approach(achievement=item, firm=make.firm(f"大连{number}厂"))
        hand_over(approach, next(iter(completers_of(item))), closes_on=timezone.localdate(), by=officer)

    add(1)
    client.get(reverse("inbox"))
    with CaptureQueriesContext(connection) as of_one:
        client.get(reverse("inbox"))
    for number in range(2, 5):
        add(number)
    with CaptureQueriesContext(connection) as of_four:
        client.get(reverse("inbox"))
    assert len(of_four) == len(of_one)
    assert Handover.objects.filter(institution=here).count() == 4


@pytest.fixture
def of_the_office(here):
    """(officer, rows): one waiting row of each kind that is decided on another page, and some that do not wait."""
    officer = make.institution_officer(here)
    item = make.achievement(institution=here, title="耐磨涂层", lead_person="张三", college="材料学院")
    person, now, today = make.user(name="周老师"), timezone.now(), timezone.localdate()
    publicity = PricePublicity.objects.create(
        deal=make.deal(seller=here, name="涂层转让"), place="网站", price_wan=9, starts_on=today,
        ends_on=today + timedelta(days=20),
    )  # fmt: skip
    objection = {"publicity": publicity, "who": "某企业", "raised_on": today - timedelta(days=30)}
    late = PriceObjection.objects.create(text="价格偏低很多", due_on=today - timedelta(days=1), **objection)
    PriceObjection.objects.create(text="另一项", outcome="已说明", settled_on=today, **objection)
    income = {"way": "licence", "income_on": today, "gross_wan": 100, "title": "许可收入", "made_by": officer}
    case = IncomeCase.objects.create(institution=here, **income)
    share = IncomeShare.objects.create(case=case, name="周老师", amount_wan=9, objected_at=now, objection="少算了")
    held = Delegation.objects.create(organisation=here, kind="completer", user=person, made_by=officer)
    values = {"achievement": item, "delegation": held, "proposed_by": person, "before": {"scenario": ""}}
    proposal = ItemProposal.objects.create(after={"scenario": "海上平台"}, **values)
    campaign = RenewalCampaign.objects.create(institution=here, closes_on=today + timedelta(days=9), made_by=officer)
    asked = RenewalRequest.objects.create(campaign=campaign)
    renewal = RenewalAnswer.objects.create(request=asked, achievement=item, status="valid", answered_at=now)
    other = make.achievement(institution=here)
    RenewalAnswer.objects.create(request=asked, achievement=other)  # not answered: nothing of it waits for the office
    draft, reading = (DocumentDraft.objects.create(institution=here, started_by=officer) for _number in range(2))
    for row, status in ((draft, "read"), (reading, "reading")):
        DraftDocument.objects.create(
            draft=row, name="证书.pdf", kind="pdf", size=1, sha256="0", status=status, uploaded_by=officer
        )
    # Of another institution: nobody here sees any of it.
    foreign = make.institution("大连海事大学")
    DocumentDraft.objects.create(institution=foreign, started_by=make.institution_officer(foreign))
    return officer, {
        "own-price-objections": late, "income-objections": share, "item-proposals": proposal,
        "renewal-answers": renewal, "document-drafts": draft,
    }  # fmt: skip


@pytest.mark.long
def test_what_other_pages_of_the_office_decide_stands_in_the_inbox_with_the_numbers_of_open_work(client, of_the_office):
    officer, waiting_rows = of_the_office
    shown = {summary.work.key: summary for summary in summaries_of(officer)}
    for key, row in waiting_rows.items():
        box = Inbox(officer, InboxFilter(work=key))
        assert [each.row for each in box.rows(box.keys())] == [row], key
        late = Inbox(officer, InboxFilter(work=key, late=True)).counts()
        assert (box.counts()["todo"], late["todo"]) == (shown[key].number, shown[key].overdue), key
    assert shown["own-price-objections"].overdue == 1
    counted = {key for kind in KINDS for key in kind.works}
    box = Inbox(officer, InboxFilter())
    assert box.counts()["todo"] == sum(row.number for key, row in shown.items() if key in counted) == 5
    assert Inbox(officer, InboxFilter(kind="price_objection")).counts()["done"] == 1, "the settled objection"
    assert {row.kind.key for row in box.rows(box.keys())} == {
        "price_objection", "share_objection", "proposal", "renewal", "draft",
    }  # fmt: skip
    client.force_login(officer)
    page = client.get(reverse("inbox")).text
    assert "价格偏低很多" in page and "少算了" in page and "已过 1 天" in page
    assert page.index("价格偏低很多") < page.index("少算了"), "what is late stands first"
    for row in box.rows(box.keys()):
        assert client.get(row.url).status_code == 200, row.kind.key
    inbox = Inbox(officer, InboxFilter(state="", q="偏低"))
    assert [row.row for row in inbox.rows(inbox.keys())] == [waiting_rows["own-price-objections"]]
    client.force_login(make.institution_officer(make.institution("大连外国语大学")))
    assert "价格偏低很多" not in client.get(reverse("inbox") + "?state=").text
