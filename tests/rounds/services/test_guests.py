from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from notices.models import Delivery, Notice
from rounds.models import Party
from rounds.services.guest_proposals import propose_guests
from rounds.services.guests import (
    add_parties,
    add_party,
    invite_parties,
    mark_letters_printed,
    remind_parties,
    withdraw_party,
)
from rounds.services.invitation_answers import answer_invitation
from rounds.services.invitation_replies import InvitationReply
from rounds.services.invitations import invitation_letters
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def docking_round():
    return make.docking_round()


@pytest.fixture
def district():
    return make.district_officer("jinpu")


def listed(docking_round, organisation=None, **fields):
    return make.party(docking_round, organisation, answer="listed", **fields)


def test_district_lists_only_its_own_firms(docking_round, district):
    party = add_party(docking_round, make.firm("大连近邻公司"), by=district)
    assert (party.answer, party.side) == ("listed", "firm")
    for stranger in (make.firm(region_code="gaoxin"), make.institution()):
        with pytest.raises(PermissionDenied):
            add_party(docking_round, stranger, by=district)
    with pytest.raises(ValidationError, match="已在参会名单中"):
        add_party(docking_round, party.organisation, by=district)


def test_only_firms_and_institutions_are_guests(docking_round):
    city = make.city_officer()
    with pytest.raises(ValidationError, match="只能是企业或院校"):
        add_party(docking_round, make.organisation("agency"), by=city)
    with pytest.raises(ValidationError, match="不要填写团队"):
        add_party(docking_round, make.firm(), team="二队", by=city)
    team = add_party(docking_round, make.institution(), team="电池团队", by=city)
    assert team.full_name == "大连理工大学 · 电池团队"


def test_closed_round_takes_no_guests(docking_round, district):
    docking_round.status = "archived"
    with pytest.raises(ValidationError, match="已经结束"):
        add_party(docking_round, make.firm(), by=district)


def test_bulk_listing_is_idempotent(docking_round, district):
    firms = [make.firm() for _number in range(3)]
    listed(docking_round, firms[0])
    assert len(add_parties(docking_round, firms, by=district)) == 2
    assert add_parties(docking_round, firms, by=district) == []
    assert docking_round.parties.count() == 3


def test_invitation_goes_by_mail_or_on_paper(docking_round, district):
    mailed, on_paper, by_contact = listed(docking_round), listed(docking_round), listed(docking_round)
    officer = make.firm_officer(mailed.organisation, email="officer@example.cn")
    make.contact(by_contact.organisation, email="contact@example.cn")
    make.contact(on_paper.organisation, email="secret@example.cn", consented_at=None)  # did not agree to be reached
    done = invite_parties([mailed, on_paper, by_contact], by=district)
    assert (done.mailed, done.to_print) == (2, 1)
    assert set(Delivery.objects.values_list("address", flat=True)) == {"officer@example.cn", "contact@example.cn"}
    mailed.refresh_from_db()
    assert mailed.code in Delivery.objects.get(address="officer@example.cn").body
    assert Notice.objects.get(recipient=officer).path == f"/workbench/invitations/{mailed.public_id}/"
    assert [letter.party for letter in invitation_letters(docking_round, district, only_unprinted=True)] == [on_paper]


def test_inviting_again_sends_nothing(docking_round, district):
    party = listed(docking_round)
    make.firm_officer(party.organisation, email="officer@example.cn")
    invite_parties([party], by=district)
    assert invite_parties([party], by=district).mailed == 0
    assert Delivery.objects.count() == 1


def test_bulk_invitation_has_few_queries(docking_round, district, django_assert_max_num_queries):
    parties = [listed(docking_round) for _number in range(12)]
    for party in parties:
        make.firm_officer(party.organisation, email=f"{party.public_id}@example.cn")
    district = type(district).objects.get(pk=district.pk)
    with django_assert_max_num_queries(24):
        assert invite_parties(parties, by=district).mailed == 12


@pytest.mark.parametrize("status", ["preparing", "closed"])
def test_invitations_only_while_the_round_invites(status, district):
    docking_round = make.docking_round(status="preparing")
    party = listed(docking_round)
    if status == "closed":
        type(docking_round).objects.filter(pk=docking_round.pk).update(
            status="closed", closed_at=timezone.now(), match_run=make.match_run()
        )
    with pytest.raises(ValidationError, match="不能邀请"):
        invite_parties([party], by=district)
    assert Party.objects.get().answer == "listed"


def test_firm_of_another_district_is_not_invited(docking_round, district):
    with pytest.raises(PermissionDenied):
        invite_parties([listed(docking_round), listed(docking_round, make.firm(region_code="gaoxin"))], by=district)
    assert not Party.objects.invited().exists()


def test_parties_without_answer_are_reminded_after_days(docking_round, district):
    long_ago = timezone.now() - timedelta(days=10)
    silent = make.party(docking_round, answer="invited", invited_at=long_ago)
    fresh = make.party(docking_round, answer="invited")
    coming = make.party(docking_round, invited_at=long_ago)
    assert remind_parties([silent, fresh, coming], by=district).total == 1
    assert remind_parties([silent, fresh, coming], by=district).total == 0
    Party.objects.filter(pk=silent.pk).update(reminded_at=timezone.now() - timedelta(days=4))
    assert remind_parties([silent], by=district).total == 1


def test_withdrawn_code_is_invalid_and_the_party_can_be_relisted(docking_round, district, client):
    party = make.party(docking_round, answer="invited")
    with pytest.raises(ValidationError, match="原因"):
        withdraw_party(party, reason="  ", by=district)
    withdraw_party(party, reason="企业注销", by=district)
    assert client.get(f"/r/{party.code}/").status_code == 404
    with pytest.raises(ValidationError, match="已经撤回过"):
        withdraw_party(party, reason="企业注销", by=district)
    again = add_party(docking_round, party.organisation, by=district)
    assert (again.pk, again.answer) == (party.pk, "listed")


def test_checked_in_party_cannot_be_withdrawn(docking_round, district):
    party = make.party(docking_round)
    make.attendee(party, checked_in_at=timezone.now())
    with pytest.raises(ValidationError, match="已经签到"):
        withdraw_party(party, reason="没有来", by=district)


def test_letters_are_printed_once(docking_round, district):
    party = listed(docking_round)
    invite_parties([party], by=district)
    letter = next(iter(invitation_letters(docking_round, district)))
    answered = listed(docking_round)
    invite_parties([answered], by=district)
    answer_invitation(answered, InvitationReply(coming=False), revision=0)
    assert Party.objects.to_be_printed().get() == party  # who has answered needs no letter
    assert letter.address.endswith(f"/r/{party.code}/")
    assert mark_letters_printed([party], by=district) == 1
    assert mark_letters_printed([party], by=district) == 0
    assert not list(invitation_letters(docking_round, district, only_unprinted=True))


def test_firms_with_accepted_matches_come_first_with_reasons(docking_round, district, django_assert_num_queries):
    only_need = make.demand(firm=make.firm("大连甲公司")).firm
    waiting = make.match(demand=make.demand(firm=make.firm("大连乙公司")))
    accepted = make.match(
        demand=make.demand(firm=make.firm("大连丙公司")),
        status="accepted",
        reviewed_by=district,
        reviewed_at=timezone.now(),
    )
    make.demand(firm=make.firm("外区公司", region_code="gaoxin"))
    there = make.demand(firm=make.firm("已在名单公司")).firm
    listed(docking_round, there)
    proposals = propose_guests(docking_round, district)
    assert [proposal.organisation.name for proposal in proposals] == ["大连丙公司", "大连乙公司", "大连甲公司"]
    assert proposals[0].reasons == ["1 条已采纳的匹配", "1 项公开的需求"]
    assert only_need.pk and waiting.pk and accepted.pk
    city = make.city_officer()
    offices = [proposal for proposal in propose_guests(docking_round, city) if proposal.side == "office"]
    assert [proposal.organisation for proposal in offices] == [accepted.achievement.institution]
