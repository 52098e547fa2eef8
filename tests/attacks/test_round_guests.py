"""Attacks on anonymous firms at a round by who comes: an institution reads the list of guests beside everything in
which a need of a guest could appear, where one firm comes, and before and after an answer."""

import io
from collections import Counter

import pytest
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from matching.models import FollowUp, SideResponse
from notices.models import Delivery, Notice
from open_work.sources import open_work_of
from rounds.day.signage import signage_rows
from rounds.models import FeaturedAchievement, GuestMessage, Meeting, MeetingRequest, Party
from rounds.papers import content
from rounds.papers.round_workbook import export_round
from rounds.services.invitation_answers import answer_invitation
from rounds.services.invitation_replies import AttendeeInput, InvitationReply
from rounds.services.meeting_acceptance import answer_talk, ask_sides, unasked_parties
from rounds.services.meeting_requests import request_meeting, requestable_demands
from rounds.services.meetings import gather_meetings
from rounds.services.publishing import publish_timetable
from rounds.services.unserved_parties import unserved_parties
from tests import factories as make
from tests.rounds.rounds import planned, small_round

pytestmark = pytest.mark.django_db
WORDS = ("保持架", "某轴承企业", "匿名企业")
"""What a page says that shows the anonymous need, its alias or its number."""
BY_CODE = ("rsvp", "party_meeting_requests", "party_participants", "party_plan", "party_day", "party_calendar")
SIGNED_IN = ("my_invitation", "my_meeting_requests", "my_participants", "my_plan", "my_day")


@pytest.fixture
def world():
    """甲公司 is the only firm that comes, and shows its name. Its anonymous need has an accepted match with an
    achievement of 甲大学; it also has a named need."""
    world = small_round(firms=1, teams=2, pairs=[])
    world.guest, world.reader = world.firms[0], world.teams[0]
    Party.objects.filter(docking_round=world.round).update(shows_name=True)
    firm = world.guest.organisation
    world.hidden = make.demand(firm=firm, title="保持架磨损", is_anonymous=True, public_alias="某轴承企业")
    world.named = make.demand(firm=firm, title="公开的淬火需求")
    world.offer = make.achievement(institution=world.reader.organisation, title="表面监测")
    FeaturedAchievement.objects.create(docking_round=world.round, achievement=world.offer, rank=1)
    reviewed = {"status": "accepted", "reviewed_by": world.by, "reviewed_at": timezone.now()}
    world.match = make.match(achievement=world.offer, demand=world.hidden, **reviewed)
    world.office = make.institution_officer(world.reader.organisation)
    return world


def pages_of(client, world) -> dict[str, str]:
    """All that the institution opens for this round, by code and signed in, with its work and its notices."""
    addresses = [reverse(name, args=[world.reader.code]) for name in BY_CODE]
    client.logout()
    texts = {address: client.get(address).text for address in addresses}
    client.force_login(world.office)
    addresses = [reverse(name, args=[world.reader.public_id]) for name in SIGNED_IN]
    addresses += ["/workbench/", reverse("my_invitations"), "/workbench/notices/", "/workbench/work/talks-to-accept/"]
    texts |= {address: client.get(address, follow=True).text for address in addresses}
    assert world.guest.organisation.name in texts[reverse("party_participants", args=[world.reader.code])]
    return texts


def shown_in(texts: dict[str, str]) -> Counter[tuple[str, str]]:
    """How often each page says each word. The workbench lists accepted matches, also of this need, without a round."""
    return +Counter({(place, word): text.count(word) for place, text in texts.items() for word in WORDS})


def cells_of(workbook: bytes) -> str:
    book = load_workbook(io.BytesIO(workbook))
    return "".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)


def asked_of(party: Party) -> int:
    """How often the party was asked about talks."""
    return GuestMessage.objects.filter(party=party, kind=GuestMessage.Kind.TALK).count()


def wish(client, party: Party, target: str) -> str:
    address = reverse("party_meeting_requests", args=[party.code])
    return client.post(address, {"kind": "wish", "target": target}, follow=True).text


def test_an_answer_of_a_guest_adds_no_anonymous_need_to_the_list(client, world):
    """The difference between two moments: six firms come, then 甲公司 answers."""
    for _ in range(6):
        make.demand(firm=make.party(world.round).organisation)
    Party.objects.filter(pk=world.guest.pk).update(answer="invited", answered_at=None)
    before = set(requestable_demands(world.reader))
    reply = InvitationReply(coming=True, people=[AttendeeInput("王五")], shows_name=True)
    answer_invitation(Party.objects.get(pk=world.guest.pk), reply, revision=None)
    assert set(requestable_demands(world.reader)) - before == {world.named}
    address = reverse("party_meeting_requests", args=[world.reader.code])
    texts = {query: client.get(f"{address}?q={query}").text.replace(f'"{query}"', "") for query in ("", "保持架")}
    assert "公开的淬火需求" in texts[""] and not shown_in(texts)


def test_asking_for_a_need_does_not_tell_whether_its_firm_comes(client, world):
    away = make.demand(firm=make.firm(), is_anonymous=True, public_alias="某机械企业")
    answers = [wish(client, world.reader, target) for target in (world.hidden.public_id, away.public_id, "aaaaaaaaaa")]
    assert all("现在不能提出" in answer for answer in answers) and not MeetingRequest.objects.exists()
    with pytest.raises(ValidationError, match="现在不能提出"):
        request_meeting(world.reader, world.hidden, by=world.office)
    assert "已提出 1 项" in wish(client, world.reader, world.named.public_id)  # the attack would see a difference


def test_who_knows_the_firm_asks_about_its_need(client, world):
    make.follow_up(world.match, status="talks")
    assert set(requestable_demands(world.reader)) == {world.hidden, world.named}
    assert "已提出 1 项" in wish(client, world.reader, world.hidden.public_id)
    other = world.teams[1]
    assert set(requestable_demands(other)) == {world.named}


@pytest.mark.long
def test_a_talk_about_an_anonymous_need_is_unknown_to_the_institution_until_the_firm_accepts(client, world):
    """The firm's willing answer to the match said nothing of this round: it is asked again."""
    waiting = FollowUp.objects.create(match=world.match, owner=world.by)
    for side, status in (("firm", "willing"), ("office", "willing")):
        answered = {"answered_in_person": True, "answered_at": timezone.now()}
        SideResponse.objects.create(
            follow_up=waiting, side=side, due_on=timezone.localdate(), status=status, **answered
        )
    before = shown_in(pages_of(client, world))
    assert {place for place, _word in before} <= {"/workbench/"}
    gather_meetings(world.round, by=world.by)
    meeting = Meeting.objects.get()
    assert (meeting.firm_word, meeting.institution_word) == ("asked", "accepted")
    Meeting.objects.update(institution_word="asked")  # as if it had not answered: all that asks is attacked, too
    assert unasked_parties(world.round) == [world.guest]
    ask_sides(unasked_parties(world.round), by=world.by)
    assert shown_in(pages_of(client, world)) == before
    assert not any(work.rows.exists() for work in open_work_of(world.office) if work.key == "talks-to-accept")
    assert not asked_of(world.reader) and not Notice.objects.filter(recipient=world.office).exists()
    address = reverse("party_meeting_requests", args=[world.reader.code])
    assert "没有找到这场洽谈" in client.post(address, {"kind": "accept", "talk": meeting.public_id}, follow=True).text
    with pytest.raises(ValidationError, match="企业接受以后再问院校"):
        answer_talk(meeting, world.reader, accepts=True, by=world.by)
    client.force_login(world.by)
    staff = client.get(reverse("admin:rounds_talks", args=[world.round.pk])).text
    assert "企业接受以后再问院校" in staff and f"等{world.guest}答复" in staff and f"等{world.reader}答复" not in staff

    client.logout()
    own = client.get(reverse("party_meeting_requests", args=[world.guest.code])).text
    assert "院校现在不知道这场洽谈" in own
    client.post(
        reverse("party_meeting_requests", args=[world.guest.code]), {"kind": "accept", "talk": meeting.public_id}
    )
    assert asked_of(world.reader) == 1 and Notice.objects.filter(recipient=world.office).exists()
    assert (address, "匿名企业") in shown_in(pages_of(client, world))
    assert "甲公司" not in client.get(address).text
    assert "已接受" in client.post(address, {"kind": "accept", "talk": meeting.public_id}, follow=True).text


@pytest.mark.long
def test_a_talk_that_only_the_institution_accepted_is_not_among_its_accepted_ones(client, world):
    before = shown_in(pages_of(client, world))
    make.meeting(world.guest, world.reader, match=world.match, firm_word="asked", institution_word="accepted")
    make.meeting(world.guest, world.teams[1], unmatched_demand=world.named, firm_word="asked", institution_word="asked")
    assert shown_in(pages_of(client, world)) == before
    named = client.get(reverse("party_meeting_requests", args=[world.teams[1].code])).text
    assert "1 场洽谈等您答复" in named  # a named need hides nothing


def test_staff_are_not_proposed_a_named_talk_about_an_anonymous_need(world):
    """Without an accepted match the talk would name the firm, about the achievement that fits its anonymous need."""
    world.match.delete()
    make.match(achievement=world.offer, demand=world.hidden)
    other = make.achievement(institution=world.teams[1].organisation)
    make.match(achievement=other, demand=world.named)
    alone = unserved_parties(make.timetable(world.round))
    partners = {partner.match.demand for row in alone for partner in row.partners}
    assert partners == {world.named}


def test_papers_screens_exports_letters_and_the_api_show_no_anonymous_need(client, world):
    meeting = make.meeting(world.guest, world.reader, match=world.match)
    named = make.meeting(world.guest, world.teams[1], unmatched_demand=world.named)
    publish_timetable(planned(world), revision=0, by=world.by)
    number = f"匿名企业 {Meeting.objects.get(pk=meeting.pk).anonymous_number:02d}"
    host = make.district_officer("gaoxin")
    starts = named.placements.get().slot.starts_at
    client.logout()
    addresses = ["/rounds/", reverse("round_detail", args=[world.round.public_id]), "/api/v1/rounds/"]
    addresses += [f"/api/v1/rounds/{world.round.public_id}/", reverse("party_participants", args=[world.reader.code])]
    texts = {address: client.get(address).text for address in addresses}
    for name, made in (("booklet", content.booklet), ("table_cards", content.table_cards)):
        texts[name] = render_to_string(f"rounds/papers/{name}.html", made(world.round) | {"round": world.round})
    texts["screen"] = "".join(f"{row.now} {row.next}" for row in signage_rows(world.round, None, starts))
    texts["workbook of the host"] = cells_of(export_round(world.round, by=host))
    own = content.plans(world.round, Party.objects.filter(pk=world.teams[1].pk))
    texts["plan of another institution"] = render_to_string("rounds/papers/plans.html", own | {"round": world.round})
    other = GuestMessage.objects.filter(party=world.teams[1]) | GuestMessage.objects.filter(party=world.guest)
    texts["letters"] = "".join(other.values_list("text", flat=True)) + "".join(
        Delivery.objects.exclude(guest_messages__party=world.reader).values_list("body", flat=True)
    )
    assert number in texts["table_cards"] and "甲公司" in texts["table_cards"]
    assert "公开的淬火需求" in texts["plan of another institution"] + texts[addresses[-1]]
    assert not {place for place, text in texts.items() for word in ("保持架", "某轴承企业") if word in text}
