"""From an enquiry to talks and a deal: each side's own agreement, the match of the pair, a demand nobody else sees."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.names import name_for
from accounts.services.members import add_member
from deals.models import Deal
from deals.services.deals import open_deal
from demands.models import Demand
from enquiries.models import Approach
from enquiries.services.docking import agree_to_dock, take_back_agreement
from enquiries.services.thread import post_message
from matching.models import Match, MatchRun, SideStatement
from matching.services.confirmations import state_stance
from matching.services.follow_up_status import lock_follow_up
from matching.services.side_responses import answer_unwilling
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def officer():
    return make.district_officer()


def pair(**fields) -> tuple[Approach, object, object]:
    approach = make.approach(**fields)
    return approach, approach.created_by, make.institution_officer(approach.institution)


def agree(approach: Approach, by, **values) -> Approach:
    of = approach.organisation_of(approach.side_of(by.scope))
    return agree_to_dock(approach, contact=make.contact(of), consents=True, by=by, **values)


def test_both_agreements_open_talks_on_own_words_with_a_demand_that_nobody_else_sees(officer):
    approach, firm_user, institution_user = pair(is_anonymous=True, text="想把这项工艺用在轴承滚道上，需要什么条件？")
    agree(approach, firm_user)
    assert (approach.status, Match.objects.count()) == ("sent", 0)
    assert name_for(approach.firm, institution_user, approach) == approach.public_alias
    agree(approach, institution_user)
    follow_up, demand = approach.match.follow_up, approach.demand
    assert (approach.status, follow_up.status, approach.match.status) == ("docking", "talks", "accepted")
    assert {(word.side, word.by, word.capacity) for word in SideStatement.objects.all()} == {
        ("firm", firm_user, "account"),
        ("office", institution_user, "account"),
    }
    assert name_for(approach.firm, institution_user, approach) == approach.firm.name
    assert name_for(approach.firm, institution_user, approach.match) == approach.firm.name
    stranger = make.firm_officer()
    assert (demand.is_private, demand.published_at, demand.problem) == (True, None, approach.text)
    assert not Demand.objects.visible_to(stranger) and not Demand.objects.visible_to(institution_user)
    assert not Demand.objects.published() and not Demand.objects.open()
    assert set(Demand.objects.visible_to(firm_user)) == set(Demand.objects.managed_by(officer)) == {demand}
    assert name_for(approach.firm, stranger, approach.match) == approach.public_alias


def test_a_deal_keeps_the_enquiry_as_its_origin():
    approach, firm_user, institution_user = pair()
    agree(approach, institution_user)
    agree(approach, firm_user)
    follow_up = approach.match.follow_up
    for side, user in (("firm", firm_user), ("office", institution_user)):
        state_stance(lock_follow_up(follow_up.pk), side=side, stance="intent", by=user)
    deal = open_deal(follow_up, by=make.city_officer())
    assert deal.origin == Deal.Origin.APPROACH
    assert (deal.achievement, deal.demand, deal.buyer) == (approach.achievement, approach.demand, approach.firm)
    assert approach.match.run.engine == MatchRun.MANUAL and approach.match.run.title == "主动对接"


def test_a_match_of_the_engine_is_continued_and_stays_the_origin_of_talks_it_began():
    firm = make.firm()
    demand = make.demand(firm=firm)
    engine_match = make.match(demand=demand)
    approach, firm_user, institution_user = pair(firm=firm, achievement=engine_match.achievement)
    agree(approach, firm_user, demand=demand)
    agree(approach, institution_user)
    assert approach.match == engine_match and approach.demand == demand
    assert set(Approach.objects.began_talks()) == {approach}
    talks = make.follow_up(make.match(status="accepted", reviewed_by=firm_user, reviewed_at=timezone.now()))
    second, second_user, second_office = pair(firm=talks.match.demand.firm, achievement=talks.match.achievement)
    agree(second, second_user, demand=talks.match.demand)
    agree(second, second_office)
    assert second.match == talks.match and second.status == "docking"
    assert set(Approach.objects.began_talks()) == {approach}
    assert open_deal(talks, by=make.city_officer()).origin == Deal.Origin.MATCH


def test_the_answer_of_a_side_that_refused_the_pair_before_counts_anew():
    approach, firm_user, institution_user = pair()
    agree(approach, firm_user)
    agree(approach, institution_user)
    follow_up = approach.match.follow_up
    answer_unwilling(follow_up.responses.get(side="office"), reason="timing", by=institution_user)
    again, _user, _office = pair(firm=approach.firm, achievement=approach.achievement, by=firm_user)
    agree(again, firm_user)
    agree(again, institution_user)
    follow_up.refresh_from_db()
    assert again.match == approach.match and again.demand == approach.demand  # the same private demand
    assert follow_up.status == "talks"


def test_who_may_agree_with_what():
    approach, firm_user, institution_user = pair()
    foreign_demand = make.demand()
    firm_contact = make.contact(approach.firm)
    for by in (make.firm_officer(), make.institution_officer(make.institution("另一院校")), make.city_officer()):
        with pytest.raises(PermissionDenied):
            agree_to_dock(approach, contact=firm_contact, consents=True, by=by)
    refused = [
        ({"contact": make.contact(approach.institution), "consents": True}, "本单位的联系人"),
        ({"contact": firm_contact, "consents": False}, "勾选同意"),
        ({"contact": firm_contact, "consents": True, "demand": foreign_demand}, "贵单位已发布"),
    ]
    for values, message in refused:
        with pytest.raises(ValidationError, match=message):
            agree_to_dock(approach, by=firm_user, **values)
    agree(approach, firm_user)
    take_back_agreement(approach, by=firm_user)
    agree(approach, institution_user)
    assert approach.status == "answered" and not Match.objects.exists()
    post_message(approach, text="我们再商量一下内部安排，下周答复。", by=firm_user)
    agree(approach, firm_user)
    assert approach.status == "docking"
    with pytest.raises(ValidationError, match="已转对接"):
        agree(approach, firm_user)


def test_one_person_cannot_agree_for_both_sides():
    approach, _firm_user, institution_user = pair()
    agree(approach, institution_user)
    add_member(institution_user, approach.firm, "firm_officer", by=None)
    both = type(institution_user).objects.get(pk=institution_user.pk)
    agree(approach, both)  # acts for the recipient again
    assert approach.status == "answered" and approach.firm_agreed_at is None
