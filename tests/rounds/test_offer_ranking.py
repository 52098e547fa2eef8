"""What a party may ask to talk about is ranked by what fits its own needs or achievements, with the reason."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from rounds.models import FeaturedAchievement
from rounds.offer_ranking import ranked_offers, ranking_note
from rounds.services.meeting_requests import requestable_achievements, requestable_demands
from taxonomy.models import Industry
from tests import factories as make
from tests.rounds.rounds import small_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """Four featured achievements: of another industry, of the firm's industry, and two that match its needs."""
    world = small_round(firms=2, teams=1, pairs=[])
    world.firm, world.team = world.firms[0], world.teams[0]
    world.software, world.seafood = (Industry.objects.get(slug=slug) for slug in ("software", "seafood"))
    world.offers = {}
    for rank, title in enumerate(("别的", "同产业", "较合适", "最合适"), 1):
        industry = world.seafood if title == "同产业" else world.software
        offer = make.achievement(institution=world.team.organisation, title=title, industry=industry)
        FeaturedAchievement.objects.create(docking_round=world.round, achievement=offer, rank=rank)
        world.offers[title] = offer
    return world


def matched(world, title: str, need, score: float, **fields) -> None:
    reviewed = {"status": "accepted", "reviewed_by": world.by, "reviewed_at": timezone.now()}
    make.match(achievement=world.offers[title], demand=need, score=score, **reviewed | fields)


def read(client, party) -> tuple[list[tuple[str, str]], str]:
    context = client.get(reverse("party_meeting_requests", args=[party.code])).context
    return [(offer.title, reason) for offer, _requested, reason in context["rows"]], context["note"]


def test_a_firm_reads_what_matches_its_needs_first(world, client):
    need = make.demand(firm=world.firm.organisation, title="鲍鱼吊笼清洗", industry=world.seafood)
    rows, note = read(client, world.firm)
    assert [title for title, _reason in rows] == ["同产业", "别的", "较合适", "最合适"]
    assert note == "没有和贵单位需求匹配的成果。产业相同的 1 项在前，其余按推介名单的顺序排列。"
    matched(world, "最合适", need, 88.6)
    matched(world, "较合适", need, 71.0)
    matched(world, "别的", need, 99.0, status="proposed", reviewed_by=None, reviewed_at=None)  # nobody has reviewed it
    rows, note = read(client, world.firm)
    assert rows == [
        ("最合适", "与贵单位需求“鲍鱼吊笼清洗”匹配度 88"),
        ("较合适", "与贵单位需求“鲍鱼吊笼清洗”匹配度 71"),
        ("同产业", f"与贵单位需求“鲍鱼吊笼清洗”同属{world.seafood.name}"),
        ("别的", ""),
    ]
    assert note == "和贵单位需求匹配的 2 项在前，然后是产业相同的 1 项。"
    rows, note = read(client, world.firms[1])
    assert [title for title, _reason in rows] == ["别的", "同产业", "较合适", "最合适"]
    assert note.startswith("贵单位还没有公开的需求，所以按推介名单的顺序排列")


def test_a_firm_reads_what_asking_about_its_anonymous_need_tells(world, client):
    need = make.demand(firm=world.firm.organisation, title="换热器结垢", is_anonymous=True, public_alias="某企业")
    matched(world, "别的", need, 80.0)
    rows, _note = read(client, world.firm)
    assert rows[0] == (
        "别的",
        "与贵单位需求“换热器结垢”匹配度 80；这项需求是匿名发布的，提出以后院校会知道它的企业来参加",
    )


def test_it_is_said_plainly_that_nothing_fits(world, client):
    make.demand(firm=world.firm.organisation, industry=Industry.objects.get(slug="rail"))
    rows, note = read(client, world.firm)
    assert note == "没有和贵单位需求匹配的成果，产业也都不同，所以按推介名单的顺序排列。"
    assert not any(reason for _title, reason in rows)
    assert note in client.get(reverse("party_meeting_requests", args=[world.firm.code])).text


def test_an_institution_reads_the_needs_that_its_achievements_match_first(world, client):
    needs = [make.demand(firm=firm.organisation, title=f"需求{n}") for n, firm in enumerate(world.firms)]
    needs.append(make.demand(firm=world.firm.organisation, title="海参育苗", industry=world.seafood))
    matched(world, "别的", needs[0], 80.0)
    rows, note = read(client, world.team)
    assert rows[0] == ("需求0", "与贵单位成果“别的”匹配度 80")
    assert rows[1] == ("海参育苗", f"与贵单位成果“同产业”同属{world.seafood.name}")
    assert note == "和贵单位成果匹配的 1 项在前，然后是产业相同的 1 项。" and len(rows) == 3


def test_a_branch_of_the_same_industry_comes_after_the_industry_itself_in_a_fixed_number_of_queries(world):
    below = Industry.objects.create(slug="kelp", name="海带加工", parent=world.seafood)
    type(world.offers["别的"]).objects.filter(pk=world.offers["最合适"].pk).update(industry=below)
    make.demand(firm=world.firm.organisation, title="鲍鱼吊笼清洗", industry=world.seafood)
    with CaptureQueriesContext(connection) as queries:
        ranked = ranked_offers(world.firm, requestable_achievements(world.firm))
    assert len(queries) == 3
    assert [offer.pk for offer in ranked[:2]] == [world.offers["同产业"].pk, world.offers["最合适"].pk]
    assert ranked[1].reason == f"与贵单位需求“鲍鱼吊笼清洗”同属{world.seafood.name}"
    assert ranking_note(world.team, ranked_offers(world.team, requestable_demands(world.team)[:0])) == ""
