"""Visibility of matches (law 1)."""

import pytest

from accounts.models import Role
from matching.models import Match
from matching.services.broker_requests import ask_broker
from matching.services.review import accept_match
from tests import factories as make


@pytest.fixture
def two(db):
    """An accepted and a proposed match of one firm, and a proposed match of a firm of another district."""
    firm, institution = make.firm(), make.institution()
    demand = make.demand(firm=firm)
    accepted = make.match(demand=demand, achievement=make.achievement(institution=institution))
    proposed = make.match(demand=demand, achievement=make.achievement(institution=institution))
    foreign = make.match(demand=make.demand(firm=make.firm(region_code="gaoxin")), achievement=proposed.achievement)
    accept_match(accepted, by=make.city_officer())
    return accepted, proposed, foreign


def seen(user, two):
    return [Match.objects.visible_to(user).filter(pk=match.pk).exists() for match in two]


def test_visibility_of_matches_by_role(two):
    accepted, proposed, _foreign = two
    assert {
        "city": seen(make.city_officer(), two),
        "auditor": seen(make.auditor(), two),
        "district": seen(make.district_officer(), two),
        "other district": seen(make.district_officer("gaoxin"), two),
        "third district": seen(make.district_officer("210202"), two),
        "institution": seen(make.institution_officer(accepted.achievement.institution), two),
        "other institution": seen(make.institution_officer(make.institution("大连大学")), two),
        "firm": seen(make.firm_officer(proposed.demand.firm), two),
        "other firm": seen(make.firm_officer(), two),
        "nobody": seen(make.user(), two),
        "system administrator": seen(make.sysadmin(), two),
    } == {
        "city": [True, True, True],
        "auditor": [True, True, True],
        "district": [True, True, False],
        "other district": [False, False, True],
        "third district": [False, False, False],
        "institution": [True, False, False],
        "other institution": [False, False, False],
        "firm": [True, False, False],
        "other firm": [False, False, False],
        "nobody": [False, False, False],
        "system administrator": [False, False, False],
    }


def test_broker_sees_requested_matches(two):
    person = make.user(Role.BROKER, make.organisation("agency"))
    assert seen(person, two) == [False, False, False]
    ask_broker(two[0], broker=make.broker(user=person), by=make.city_officer())
    assert seen(person, two) == [True, False, False]


def test_match_of_unavailable_items_does_not_await_review(two):
    _accepted, proposed, foreign = two
    assert set(Match.objects.awaiting_review()) == {proposed, foreign}
    type(foreign.demand).objects.filter(pk=foreign.demand_id).update(status="closed", status_reason="企业撤回")
    assert set(Match.objects.awaiting_review()) == {proposed}
