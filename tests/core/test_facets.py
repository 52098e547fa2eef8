"""Every number beside a choice equals what the list would show; OR within a facet, AND across facets."""

import random
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.http import QueryDict

from achievements.filters import AchievementFilter
from achievements.models import Achievement
from brokers.models import Agency
from core.facets import Facet, FacetedQuery
from demands.filters import DemandFilter
from demands.models import Demand
from portal import search_options
from taxonomy.models import Industry, MaturityBucket, TransferWay
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def achievements():
    """Forty achievements spread over every facet, by a fixed seed; some in an industry of the second level."""
    dice = random.Random(20261118)
    industries = list(Industry.objects.all()[:3])
    industries.append(Industry.objects.create(slug="below", name="第二级产业", parent=industries[0]))
    institutions = [factories.institution(name) for name in ("大连理工大学", "大连海事大学")]
    for _number in range(40):
        low = dice.choice([None, 0, 49, 50, 199, 200, 1000])
        factories.achievement(
            industry=dice.choice(industries),
            institution=dice.choice(institutions),
            maturity_bucket=dice.choice(["", *MaturityBucket.values]),
            transfer_ways=dice.sample(TransferWay.values, dice.randint(0, 3)),
            price_min_wan=low and Decimal(low),
            price_max_wan=dice.choice([None, Decimal(2000)]),
            pay_later=dice.random() < 0.4,
        )
    return Achievement.objects.published()


@pytest.fixture
def demands():
    dice = random.Random(20231115)
    industries = [None, *Industry.objects.all()[:3]]
    for _number in range(40):
        factories.demand(
            firm=factories.firm(region_code=dice.choice(["jinpu", "gaoxin"])),
            industry=dice.choice(industries),
            kind=dice.choice(Demand.Kind.values),
            transfer_ways=dice.sample(TransferWay.values, dice.randint(0, 3)),
            budget_min_wan=dice.choice([None, Decimal(10)]),
            budget_max_wan=dice.choice([None, Decimal(50), Decimal(51), Decimal(300), Decimal(900)]),
        )
    return Demand.objects.published()


def some_questions(facets: list[Facet], *, seed: int, how_many: int) -> list[QueryDict]:
    """Random ticks: none to three facets, one to three values each."""
    dice = random.Random(seed)
    questions = []
    for _number in range(how_many):
        params = QueryDict(mutable=True)
        for facet in dice.sample(facets, dice.randint(0, 3)):
            values = [choice.value for choice in facet.choices]
            params.setlist(facet.name, dice.sample(values, min(len(values), dice.randint(1, 3))))
        questions.append(params)
    return questions


def with_only(params: QueryDict, facet: Facet, *values: str) -> QueryDict:
    changed = params.copy()
    changed.setlist(facet.name, list(values))
    return changed


def assert_counts_are_true(queryset, facets, params):
    query = FacetedQuery(queryset, facets, params)
    assert query.total == query.rows.count()
    for view in query.views:
        assert view.without == FacetedQuery(queryset, facets, with_only(params, view.facet)).rows.count()
        for option in view.options:
            alone = FacetedQuery(queryset, facets, with_only(params, view.facet, option.choice.value)).rows.count()
            assert option.count == alone, (dict(params.lists()), view.facet.name, option.choice.label)


def test_every_count_of_achievements_is_what_the_list_would_show(achievements):
    facets = search_options.achievement_facets()
    for params in some_questions(facets, seed=1, how_many=12):
        assert_counts_are_true(achievements, facets, params)


def test_every_count_of_demands_is_what_the_list_would_show(demands):
    facets = search_options.demand_facets()
    for params in some_questions(facets, seed=2, how_many=12):
        assert_counts_are_true(demands, facets, params)


def test_the_pages_find_what_the_filters_of_the_api_find(achievements):
    facets = search_options.achievement_facets()
    for params in some_questions(facets, seed=3, how_many=25):
        asked = params.copy()
        if "pay_later" in asked:
            asked["pay_later"] = "true"
        api = AchievementFilter(asked, queryset=achievements)
        assert api.is_valid(), api.errors
        found = set(FacetedQuery(achievements, facets, params).rows.values_list("pk", flat=True))
        assert found == set(api.qs.values_list("pk", flat=True)), dict(params.lists())


def test_every_price_and_budget_lies_in_one_band(achievements, demands):
    for queryset, facet in ((achievements, search_options.price_facet()), (demands, search_options.budget_facet())):
        query = FacetedQuery(queryset, [facet], QueryDict())
        assert sum(option.count for option in query.views[0].options) == queryset.count()


def test_a_budget_band_of_the_page_is_that_of_the_api(demands):
    facet = search_options.budget_facet()
    for choice in facet.choices:
        params = QueryDict(f"budget={choice.value}")
        found = set(FacetedQuery(demands, [facet], params).rows.values_list("pk", flat=True))
        assert found == set(DemandFilter(params, queryset=demands).qs.values_list("pk", flat=True))


def test_an_industry_counts_what_is_filed_below_it(achievements):
    industry = Industry.objects.get(slug="petrochemicals")
    params = QueryDict(f"industry={industry.slug}")
    rows = FacetedQuery(achievements, [search_options.industry_facet()], params).rows
    assert {"第二级产业", industry.name} == set(rows.values_list("industry__name", flat=True))


def test_values_nobody_knows_are_ignored(achievements):
    params = QueryDict("industry=nowhere&bucket=%00&price=-1&nothing=1")
    query = FacetedQuery(achievements, search_options.achievement_facets(), params)
    assert query.total == achievements.count()
    assert not any(view.chosen for view in query.views)


def test_counting_costs_one_query(achievements, django_assert_num_queries):
    facets = search_options.achievement_facets()
    facets = [facet for facet in facets if list(facet.choices)]
    with django_assert_num_queries(1):
        query = FacetedQuery(achievements, facets, QueryDict("way=licence&bucket=pilot"))
        assert query.total >= 0
        assert query.views


def test_nothing_at_all_counts_as_zero():
    query = FacetedQuery(Agency.objects.none(), search_options.agency_facets(), QueryDict())
    assert query.total == 0
    assert {option.count for view in query.views for option in view.options} == {0}


def test_only_large_lists_are_counted_once_in_a_while(achievements, monkeypatch, django_assert_num_queries):
    cache.clear()
    facets = [search_options.price_facet()]

    def total() -> int:
        return FacetedQuery(achievements, facets, QueryDict()).total

    assert total() == 40
    factories.achievement()
    assert total() == 41
    monkeypatch.setattr("core.facets.CACHE_COUNTS_FROM", 41)
    assert total() == 41
    factories.achievement()
    with django_assert_num_queries(0):
        assert total() == 41
    assert FacetedQuery(achievements, facets, QueryDict("price=under50")).total < 41
    cache.clear()
    assert total() == 42
    cache.clear()
