"""Counts are counts of guests: what a button says, what a message says and what the outbox shows are the same rows."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditRecord
from notices.models import Delivery, Notice
from rounds.models import GuestMessage, Party
from rounds.services.guest_messages import call_list, open_number, outbox_counts, outbox_rows, record_call, resend
from rounds.services.guest_ways import ways_used
from rounds.services.guests import guests_to_remind, invite_parties, remind_parties
from rounds.services.round_notifications import notify_guests
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """Five firms on the list: two addresses, a contact's address, an account only, and two of nobody."""
    docking_round, city = make.docking_round(), make.city_officer()
    parties = [make.party(docking_round, answer="listed") for _number in range(5)]
    for name in ("first@example.cn", "second@example.cn"):
        make.firm_officer(parties[0].organisation, email=name)
    make.contact(parties[1].organisation, email="contact@example.cn")
    make.firm_officer(parties[2].organisation)
    return docking_round, city, parties


def test_each_guest_is_counted_once_and_the_numbers_add_up(world):
    docking_round, city, parties = world
    withdrawn = make.party(docking_round, answer="withdrawn", withdrawn_reason="重名", invited_at=None)
    done = invite_parties([*parties, withdrawn], by=city)
    assert (done.mailed, done.noticed, done.to_call, len(done.refused)) == (2, 1, 2, 1)
    assert Delivery.objects.count() == 3  # two addresses of one firm are one guest
    assert "5 家：发邮件 2 家，发平台消息 1 家，要打电话 2 家" in done.sentence
    counts = outbox_counts(docking_round, city)["invitation"]
    assert counts == {"queued": 2, "sent": 1, "to_call": 2}
    assert sum(counts.values()) == docking_round.parties.invited().count() == done.total
    assert [row.party for row in call_list(docking_round, city)] == parties[3:]


def test_each_message_has_one_state_that_follows_what_happens(world):
    docking_round, city, parties = world
    invite_parties(parties, by=city)
    Delivery.objects.filter(address="first@example.cn").update(status="sent", sent_at=timezone.now())
    Delivery.objects.filter(address="contact@example.cn").update(status="failed")
    Notice.objects.filter(recipient__memberships__organisation=parties[2].organisation).update(read_at=timezone.now())
    counts = outbox_counts(docking_round, city)["invitation"]
    assert counts == {"sent": 1, "returned": 1, "read": 1, "to_call": 2}
    assert {row.party for row in call_list(docking_round, city)} == {parties[1], *parties[3:]}
    Party.objects.filter(pk=parties[3].pk).update(answer="coming", answered_at=timezone.now())
    assert outbox_counts(docking_round, city)["invitation"] == {"sent": 1, "returned": 1, "read": 2, "to_call": 1}


def test_the_outbox_names_each_way_that_was_used_with_its_state(world, settings, signed_in):
    docking_round, city, parties = world
    settings.NOTICE_WEBHOOK_URL = "https://gateway.example/"
    invite_parties(parties, by=city)
    Delivery.objects.filter(address="first@example.cn").update(status="sent", sent_at=timezone.now())
    Delivery.objects.filter(address="second@example.cn").update(status="failed")
    first = Notice.objects.filter(recipient__email="first@example.cn")
    first.update(read_at=timezone.now())
    Delivery.objects.filter(notice__in=first).update(status="sent", sent_at=timezone.now(), delivered_at=timezone.now())
    rows = {row.party: row for row in outbox_rows(docking_round, city).select_related("party")}
    used = {row: [(way.name, way.words) for way in ways] for row, ways in ways_used(rows.values()).items()}
    assert used[rows[parties[0]].pk] == [
        ("邮件", "已发 1，退回 1"),
        ("平台消息", "已读 1，未读 1"),
        ("短信或企业微信", "送达 1，待发出 1"),
    ]
    assert used[rows[parties[2]].pk] == [("平台消息", "未读"), ("短信或企业微信", "待发出")]
    assert used[rows[parties[3]].pk] == [("电话", "待电话")]
    page = signed_in(city).get(reverse("admin:rounds_outbox", args=[docking_round.pk])).text
    assert page.count("短信或企业微信：") == page.count("待电话</span></li>") == 2


def test_a_reminder_counts_whom_it_reaches(world):
    docking_round, city, parties = world
    invite_parties(parties, by=city)
    docking_round.parties.update(invited_at=timezone.now() - timedelta(days=9))
    due = guests_to_remind(docking_round, city)
    done = remind_parties(due, by=city)
    assert (done.total, done.mailed, done.noticed, done.to_call) == (5, 2, 1, 2)
    assert sum(outbox_counts(docking_round, city)["reminder"].values()) == 5
    assert not guests_to_remind(docking_round, city).exists()


def test_a_call_is_kept_and_a_number_is_opened_with_a_trace(world):
    docking_round, city, parties = world
    contact = make.contact(parties[3].organisation, name="端木", phone="13812345678")
    invite_parties(parties, by=city)
    message = GuestMessage.objects.get(party=parties[3])
    with pytest.raises(PermissionDenied):
        open_number(message, contact, by=make.district_officer("gaoxin"))
    assert open_number(message, contact, by=city).phone == "13812345678"
    assert docking_round.name in AuditRecord.objects.get(action="查看联系方式").changes["reason"][1]
    record_call(message, outcome="no_reply", by=city)
    assert message in call_list(docking_round, city)
    record_call(message, outcome="coming", by=city, note="两人来")
    assert message not in call_list(docking_round, city) and message.calls == 2
    with pytest.raises(ValidationError, match="没有覆盖"):
        record_call(message, outcome="declined", by=city)
    assert outbox_counts(docking_round, make.district_officer("gaoxin")) == {}


# --- 短信 and 企业微信 by the gateway -------------------------------------------------------------------------
@pytest.fixture
def pushed(settings):
    """A round with one guest that has a mail address and two users, and one with an account alone; both invited."""
    settings.NOTICE_WEBHOOK_URL, settings.NOTICE_WEBHOOK_SECRET = "http://127.0.0.1:9/hook", "whsec_MDEyMzQ1Njc="
    docking_round, city = make.docking_round(), make.city_officer()
    parties = [make.party(docking_round, answer="listed") for _number in range(2)]
    for name in ("first@example.cn", ""):
        make.firm_officer(parties[0].organisation, email=name)
    make.firm_officer(parties[1].organisation)
    invite_parties(parties, by=city)
    return docking_round, city, parties


def pushes_of(party):
    return Delivery.objects.filter(channel="gateway", recipient__memberships__organisation=party.organisation_id)


def states(docking_round, city):
    return {row.party_id: row.state for row in outbox_rows(docking_round, city, kind="invitation")}


def test_a_guest_is_counted_once_whatever_number_of_ways_reaches_it(pushed):
    docking_round, city, (both, account) = pushed
    assert Delivery.objects.count() == 4  # a mail, and a push to each of three users
    assert states(docking_round, city) == {both.pk: "queued", account.pk: "queued"}
    Delivery.objects.update(status="sent", sent_at=timezone.now())
    pushes_of(both).update(delivered_at=timezone.now())
    assert outbox_counts(docking_round, city)["invitation"] == {"delivered": 1, "sent": 1}
    Notice.objects.filter(recipient__memberships__organisation=both.organisation).update(read_at=timezone.now())
    assert outbox_counts(docking_round, city)["invitation"] == {"read": 1, "sent": 1}


def test_what_failed_is_sent_once_more_by_hand_and_then_is_on_the_call_list(pushed, signed_in):
    docking_round, city, (both, account) = pushed
    client, outbox = signed_in(city), reverse("admin:rounds_outbox", args=[docking_round.pk])
    pushes_of(both).update(status="failed", error="空号")
    assert states(docking_round, city)[both.pk] == "queued"  # its mail is under way
    pushes_of(account).update(status="failed", error="空号")
    assert states(docking_round, city)[account.pk] == "failed"
    assert [row.party for row in call_list(docking_round, city)] == [account]
    page = client.get(outbox).text
    assert "空号" in page and "再发一次" in page
    message = GuestMessage.objects.get(party=account)
    call = reverse("admin:rounds_call", args=[message.public_id])
    assert client.post(call, {"deed": "resend"}).url == outbox
    assert states(docking_round, city)[account.pk] == "queued" and not call_list(docking_round, city)
    assert pushes_of(account).get().resends == 1 and pushes_of(both).first().resends == 0
    pushes_of(account).update(status="failed")
    assert [row.party for row in call_list(docking_round, city)] == [account]
    page = client.get(outbox).text
    assert "再发过一次，请打电话" in page and 'value="resend"' not in page
    with pytest.raises(ValidationError, match="请打电话"):
        resend(message, by=city)
    with pytest.raises(PermissionDenied):
        resend(message, by=make.district_officer("gaoxin"))


def test_a_notice_that_all_guests_have_is_read_by_each_for_itself(world):
    """One key for all: once one guest had read the notice of a cancelled round, all were counted as having done so."""
    docking_round, city, parties = world
    make.firm_officer(parties[3].organisation)
    invite_parties(parties, by=city)
    notify_guests(docking_round, "“对接会”取消了。", reason="停电", key="cancelled", by=city)
    reader = Notice.objects.filter(
        recipient__memberships__organisation=parties[2].organisation, key__endswith="cancelled"
    )
    assert reader.update(read_at=timezone.now()) == 1
    counts = outbox_counts(docking_round, city)["change"]
    assert counts == {"read": 1, "queued": 2, "sent": 1, "to_call": 1}
