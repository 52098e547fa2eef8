"""Attacks on enquiries over HTTP: names of anonymous firms, contacts and demands of others, hostile texts, races."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.models import Contact
from demands.models import Demand
from enquiries.models import Approach
from enquiries.services.clock import run_clock
from enquiries.services.docking import agree_to_dock
from enquiries.services.talks import choose_time, propose_times
from enquiries.services.thread import post_message
from matching.models import FollowUp
from notices.models import Notice
from tests import factories as make
from tests.browser_client import Browser, readable
from tests.concurrency import run_both
from tests.enquiries.services.test_thread import PNG, at

pytestmark = pytest.mark.django_db
HOSTILE = "</textarea><script>alert(1)</script><img src=x onerror=alert(1)> 放得下吗？"


@pytest.fixture
def approach():
    make.district_officer()
    return make.approach(firm=make.firm("大连澜溯泵业有限公司"), is_anonymous=True)


@pytest.fixture
def office(approach):
    return make.institution_officer(approach.institution)


def step(approach: Approach, name: str) -> str:
    return reverse(f"approach_{name}", args=[approach.public_id])


@pytest.mark.long
def test_nothing_that_the_institution_gets_names_an_anonymous_firm(approach, office):
    times = propose_times(approach, starts=[at(30)], minutes=60, place="网络会议", by=office)
    choose_time(times[0], by=approach.created_by)
    Approach.objects.update(status="read", first_answered_at=None, answer_due_on="2020-01-02")
    run_clock()
    Approach.objects.update(status="talk", first_answered_at=approach.sent_at)
    reader = Browser(office)
    page = reader.read(reverse("approach", args=[approach.public_id]))
    hidden = ("澜溯", approach.firm.public_id, approach.created_by.name, approach.created_by.username)
    places = [
        page,
        reader.read(reverse("approaches")),
        reader.read(reverse("workbench")),
        reader.read(reverse("board")),
        reader.read(reverse("board_tables")),
        reader.read(reverse("notices")),
        readable(reader.get(reverse("talk_calendar", args=[times[0].public_id]))),
        "".join(Notice.objects.filter(recipient=office).values_list("text", flat=True)),
    ]
    assert approach.public_alias in page
    # Split by district, its own enquiries would tell where the firm is.
    assert reader.get(reverse("figure_rows", args=["approaches"])).status_code == 404
    for text in places:
        assert not [word for word in hidden if word in text]
    # Found by the name, the row would tell it.
    for q in ("澜溯", "泵业", "有限公司"):
        assert approach.public_id not in reader.read(f"{reverse('approaches')}?q={q}")
    assert approach.public_id in reader.read(f"{reverse('approaches')}?q={approach.public_alias[-4:-1]}")


def test_a_hostile_text_is_shown_as_text_and_a_long_one_comes_back_with_a_sentence(approach, office):
    achievement = make.achievement()
    writer = Browser(approach.created_by)
    address = reverse("enquire", args=[achievement.public_id])
    answer = writer.post(address, {"purpose": "adopt", "text": "长" * 100_000})
    assert answer.status_code == 422 and "最多 1000 个字" in readable(answer)
    assert writer.post(address, {"purpose": "nothing", "text": "放得下吗？"}).status_code == 422
    page = writer.send(address, {"purpose": "adopt", "text": HOSTILE})
    assert HOSTILE in page  # as text: without entities the page reads as it was written
    raw = writer.get(reverse("approach", args=[Approach.objects.latest("pk").public_id])).content.decode()
    assert "<script>alert" not in raw and "<img src=x" not in raw


def test_what_is_written_before_signing_in_is_kept_for_its_achievement_only(approach):
    first, second = make.achievement(), make.achievement()
    visitor = Client()
    answer = visitor.post(reverse("enquire", args=[first.public_id]), {"text": HOSTILE, "purpose": "trial"})
    assert answer.status_code == 302 and answer.url.startswith(reverse("login"))
    assert Approach.objects.count() == 1  # nothing is sent before signing in
    visitor.force_login(approach.created_by)
    kept = visitor.get(reverse("enquire", args=[first.public_id])).content.decode()
    assert "放得下吗？" in kept and "<script>alert" not in kept
    assert "放得下吗？" not in visitor.get(reverse("enquire", args=[second.public_id])).content.decode()


def test_contacts_and_demands_of_others_cannot_be_named(approach, office):
    theirs = make.contact(approach.firm)
    own_demand, foreign = make.demand(firm=approach.firm), make.demand()
    form = {"dock-consents": "on", "dock-contact": str(theirs.pk)}
    assert Browser(office).post(step(approach, "dock"), form).status_code == 422
    form |= {"dock-demand": str(foreign.pk)}
    assert Browser(approach.created_by).post(step(approach, "dock"), form).status_code == 422
    # The institution does not choose the firm's demand.
    form = {"dock-consents": "on", "dock-contact": "new", "dock-name": "某人", "dock-phone": "13904110001"}
    Browser(office).send(step(approach, "dock"), form | {"dock-demand": str(own_demand.pk)})
    approach.refresh_from_db()
    assert approach.institution_agreed_at and approach.demand is None
    page = Browser(office).read(reverse("approach", args=[approach.public_id]))
    assert own_demand.title not in page and "13904110001" not in page
    assert Contact.objects.filter(shares__isnull=False).count() == 0


def test_the_demand_that_a_firm_chose_is_told_when_both_have_agreed(approach, office):
    """Before, it would join the enquiry with a demand in which the firm has another alias."""
    demand = make.demand(
        firm=approach.firm, title="滚道烧伤怎么判", is_anonymous=True, public_alias="大连市某企业（代号乙）"
    )
    firm_contact = make.contact(approach.firm)
    agree_to_dock(approach, contact=firm_contact, consents=True, demand=demand, by=approach.created_by)
    page = Browser(office).read(reverse("approach", args=[approach.public_id]))
    assert demand.title not in page and demand.public_id not in page and demand.public_alias not in page
    assert demand.title in Browser(approach.created_by).read(reverse("approach", args=[approach.public_id]))
    agree_to_dock(approach, contact=make.contact(approach.institution), consents=True, by=office)
    assert demand.title in Browser(office).read(reverse("approach", args=[approach.public_id]))


def test_reading_changes_nothing_and_every_step_needs_the_token(approach, office):
    reader = Browser(office)
    reader.read(reverse("approach", args=[approach.public_id]))
    approach.refresh_from_db()
    assert approach.status == "sent"
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(office)
    for name in ("message", "times", "dock", "end", "block", "read", "retract", "name", "remind", "unblock"):
        assert strict.post(step(approach, name), {"message-text": "好"}).status_code == 403
        assert reader.get(step(approach, name)).status_code == 405
    assert strict.post(reverse("enquire", args=[approach.achievement.public_id]), {"text": "好"}).status_code == 403
    reader.post(step(approach, "read"))
    approach.refresh_from_db()
    assert approach.status == "read"


def test_a_private_demand_is_on_no_page_of_others(approach, office):
    for user in (approach.created_by, office):
        contact = make.contact(approach.organisation_of(approach.side_of(user.scope)))
        agree_to_dock(approach, contact=contact, consents=True, by=user)
    demand = approach.demand
    address = reverse("demand_detail", args=[demand.public_id])
    stranger = Browser(make.firm_officer())
    for reader in (Browser(), stranger, Browser(office), Browser(make.district_officer("gaoxin"))):
        assert reader.get(address).status_code == 404
        assert demand.public_id not in reader.read(reverse("demand_list"))
    assert demand.public_id not in Browser().get("/sitemap.xml").content.decode()
    assert demand.public_id not in readable(Browser().get("/api/v1/demands/"))
    assert demand not in Demand.objects.published() and demand not in Demand.objects.open()
    assert "不公开" in Browser(approach.created_by).read(address)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_counts(settings):
    settings.APPROACHES_OPEN = 1
    make.district_officer()
    firm = make.firm()
    user, offers = make.firm_officer(firm), [make.achievement(), make.achievement()]

    def send(achievement):
        try:
            return make.approach(achievement=achievement, by=user, text=f"能用吗？{achievement.pk}").pk
        except ValidationError as error:
            return error.messages[0]

    results = run_both(*(lambda a=achievement: send(a) for achievement in offers))
    assert sorted(type(result).__name__ for result in results) == ["int", "str"]
    approach = Approach.objects.get()
    office = make.institution_officer(approach.institution)
    contacts = {by: make.contact(approach.organisation_of(approach.side_of(by.scope))) for by in (user, office)}

    def agree(by):
        agree_to_dock(Approach.objects.get(), contact=contacts[by], consents=True, by=by)

    run_both(lambda: agree(user), lambda: agree(office))
    approach.refresh_from_db()
    assert (approach.status, FollowUp.objects.get().status) == ("docking", "talks")


def test_a_file_is_sent_to_the_sides_as_a_download_only(approach, office):
    message = post_message(approach, text="见附件。", by=office, uploads=[("图.png", PNG)])
    address = reverse("approach_file", args=[message.files.get().public_id])
    answer = Browser(approach.created_by).get(address)
    assert answer["Content-Disposition"].startswith("attachment") and answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == PNG
    for stranger in (
        make.firm_officer(),
        make.institution_officer(make.institution("别的院校")),
        make.district_officer("gaoxin"),
    ):
        assert Browser(stranger).get(address).status_code == 404
    assert Browser().get(address).status_code == 302


def test_a_text_sent_twice_is_sent_once_and_another_one_is_not_lost(approach):
    writer, address = Browser(approach.created_by), reverse("enquire", args=[approach.achievement.public_id])
    assert writer.post(address, {"purpose": "adopt", "text": approach.text}).status_code == 302
    answer = writer.post(address, {"purpose": "adopt", "text": "还有一个问题：要停产多久？"})
    assert answer.status_code == 422
    assert "已有一条进行中的询问" in readable(answer) and "要停产多久？" in readable(answer)
    assert Approach.objects.count() == 1
