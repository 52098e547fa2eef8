"""Private notes: colleagues of the organisation read them, nobody else, neither staff nor the trail."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from audit.models import AuditRecord
from matching.models import FollowUp, SideResponse
from notes.models import TalkNote
from tests import factories as make
from tests.portal.form_posts import next_messages

pytestmark = pytest.mark.django_db
TEXT = "对方报价八十万，可谈"


@pytest.fixture
def pair():
    match = make.match(status="accepted", reviewed_by=make.city_officer(), reviewed_at=timezone.now())
    follow_up = FollowUp.objects.create(match=match, owner=match.reviewed_by)
    for side in ("firm", "office"):
        SideResponse.objects.create(follow_up=follow_up, side=side, due_on=timezone.localdate())
    return follow_up


def pages(follow_up):
    match = follow_up.match
    return {
        "follow-up": (follow_up, reverse("follow_up", args=[follow_up.public_id])),
        "achievement": (match.achievement, reverse("achievement_detail", args=[match.achievement.public_id])),
        "demand": (match.demand, reverse("demand_detail", args=[match.demand.public_id])),
    }


def write(client, user, kind, subject, text=TEXT):
    client.force_login(user)
    return client.post(reverse(f"note_add_{kind}", args=[subject.public_id]), {"text": text})


@pytest.mark.long
@pytest.mark.parametrize("kind", ["follow-up", "achievement", "demand"])
def test_colleagues_read_a_note_and_nobody_else(pair, client, kind):
    subject, page = pages(pair)[kind]
    firm, institution = pair.match.demand.firm, pair.match.achievement.institution
    author = make.firm_officer(firm)
    assert write(client, author, kind, subject)["Location"].startswith(page)
    note = TalkNote.objects.get()
    assert (note.organisation, note.author, note.text) == (firm, author, TEXT)
    readers = {
        make.firm_officer(firm): True,
        make.institution_officer(institution): False,
        make.city_officer(): False,
        make.auditor(): False,
        make.district_officer("jinpu"): False,
        make.firm_officer(make.firm()): False,
    }
    for user, may in readers.items():
        client.force_login(user)
        response = client.get(page)
        if response.status_code == 200:
            assert (TEXT in response.text) is may
        assert TalkNote.objects.visible_to(user).exists() is may
        if not may:
            assert client.post(reverse("note_remove", args=[note.public_id])).status_code == 404
    client.logout()
    assert TEXT not in client.get(page, follow=True).text
    assert TEXT not in str(AuditRecord.objects.values()) and subject.public_id not in str(
        AuditRecord.objects.filter(action="记录笔记").values()
    )


def test_a_colleague_removes_the_text_for_good(pair, client):
    subject, _page = pages(pair)["follow-up"]
    author = make.institution_officer(pair.match.achievement.institution)
    write(client, author, "follow-up", subject)
    note = TalkNote.objects.get()
    client.force_login(make.institution_officer(note.organisation))
    client.post(reverse("note_remove", args=[note.public_id]))
    note.refresh_from_db()
    assert note.removed_at and note.text == ""
    assert client.post(reverse("note_remove", args=[note.public_id])).status_code == 404


def test_hostile_empty_long_and_too_many_texts(pair, client, monkeypatch):
    subject, page = pages(pair)["follow-up"]
    author = make.firm_officer(pair.match.demand.firm)
    write(client, author, "follow-up", subject, "<script>alert(1)</script>")
    assert "<script>alert(1)" not in client.get(page).text
    for text, refusal in (("", "请写下"), (" \u200b\n", "请写下"), ("长" * 100_000, "最多 2000 个字")):
        assert refusal in next_messages(write(client, author, "follow-up", subject, text))
    monkeypatch.setattr("notes.services.notes.MOST_AN_HOUR", 1)
    assert "太多条" in next_messages(write(client, author, "follow-up", subject, "再一条"))
    assert TalkNote.objects.count() == 1


def test_only_who_sees_the_thing_and_acts_for_an_organisation_writes(pair, client):
    subject, _page = pages(pair)["follow-up"]
    assert write(client, make.firm_officer(make.firm()), "follow-up", subject).status_code == 404
    assert write(client, make.city_officer(), "follow-up", subject).status_code == 403
    draft = make.demand(published=False)
    assert write(client, make.institution_officer(), "demand", draft).status_code == 404
    assert not TalkNote.objects.exists()


def test_the_database_keeps_a_note_about_one_thing(pair):
    match = pair.match
    fields = {"organisation": match.demand.firm, "author": make.user(Role.FIRM, match.demand.firm), "text": TEXT}
    for subjects in ({}, {"demand": match.demand, "achievement": match.achievement}):
        with pytest.raises(IntegrityError), transaction.atomic():
            TalkNote.objects.create(**fields, **subjects)
