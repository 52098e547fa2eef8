"""Every number beside a choice equals what the list would show; OR within a facet, AND across facets."""

import random
from decimal import Decimal

import pytest
from django.core.cache import caches
from django.http import QueryDict
from django.urls import reverse
from lxml.html import fromstring

from achievements.filters import AchievementFilter
from achievements.models import Achievement
from brokers.models import Agency
from core.facets import FEW_MORE, SHOWN_AT_ONCE, Facet, FacetedQuery
from demands.filters import DemandFilter
from demands.models import Demand
from portal import search_options
from taxonomy.models import Industry, MaturityBucket, TransferWay
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def achievements():
    """Forty achievements spread over all facets, with a fixed seed; some in an industry of the second level."""
    rng = random.Random(20261118)
    industries = list(Industry.objects.all()[:3])
    industries.append(Industry.objects.create(slug="below", name="第二级产业", parent=industries[0]))
    institutions = [factories.institution(name) for name in ("大连理工大学", "大连海事大学")]
    for _number in range(40):
        low = rng.choice([None, 0, 49, 50, 199, 200, 1000])
        factories.achievement(
            industry=rng.choice(industries),
            institution=rng.choice(institutions),
            maturity_bucket=rng.choice(["", *MaturityBucket.values]),
            transfer_ways=rng.sample(TransferWay.values, rng.randint(0, 3)),
            price_min_wan=low and Decimal(low),
            price_max_wan=rng.choice([None, Decimal(2000)]),
            pay_later=rng.random() < 0.4,
        )
    return Achievement.objects.published()


@pytest.fixture
def demands():
    rng = random.Random(20231115)
    industries = [None, *Industry.objects.all()[:3]]
    for _number in range(40):
        factories.demand(
            firm=factories.firm(region_code=rng.choice(["jinpu", "gaoxin"])),
            industry=rng.choice(industries),
            kind=rng.choice(Demand.Kind.values),
            transfer_ways=rng.sample(TransferWay.values, rng.randint(0, 3)),
            budget_min_wan=rng.choice([None, Decimal(10)]),
            budget_max_wan=rng.choice([None, Decimal(50), Decimal(51), Decimal(300), Decimal(900)]),
        )
    return Demand.objects.published()


def random_selections(facets: list[Facet], *, seed: int, number: int) -> list[QueryDict]:
    """Random selections: none to three facets, one to three values each."""
    rng = random.Random(seed)
    selections = []
    for _number in range(number):
        params = QueryDict(mutable=True)
        for facet in rng.sample(facets, rng.randint(0, 3)):
            values = [choice.value for choice in facet.choices]
            params.setlist(facet.name, rng.sample(values, min(len(values), rng.randint(1, 3))))
        selections.append(params)
    return selections


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


@pytest.mark.long
def test_achievement_facet_counts_equal_filtered_lists(achievements):
    facets = search_options.achievement_facets()
    for params in random_selections(facets, seed=1, number=12):
        assert_counts_are_true(achievements, facets, params)


@pytest.mark.long
def test_demand_facet_counts_equal_filtered_lists(demands):
    facets = search_options.demand_facets()
    for params in random_selections(facets, seed=2, number=12):
        assert_counts_are_true(demands, facets, params)


def test_facets_and_api_filters_agree(achievements):
    facets = search_options.achievement_facets()
    for params in random_selections(facets, seed=3, number=25):
        api_params = params.copy()
        if "pay_later" in api_params:
            api_params["pay_later"] = "true"
        api = AchievementFilter(api_params, queryset=achievements)
        assert api.is_valid(), api.errors
        filtered = set(FacetedQuery(achievements, facets, params).rows.values_list("pk", flat=True))
        assert filtered == set(api.qs.values_list("pk", flat=True)), dict(params.lists())


def test_each_price_and_budget_is_in_one_band(achievements, demands):
    for queryset, facet in ((achievements, search_options.price_facet()), (demands, search_options.budget_facet())):
        query = FacetedQuery(queryset, [facet], QueryDict())
        assert sum(option.count for option in query.views[0].options) == queryset.count()


def test_budget_bands_of_page_and_api_agree(demands):
    facet = search_options.budget_facet()
    for choice in facet.choices:
        params = QueryDict(f"budget={choice.value}")
        filtered = set(FacetedQuery(demands, [facet], params).rows.values_list("pk", flat=True))
        assert filtered == set(DemandFilter(params, queryset=demands).qs.values_list("pk", flat=True))


def test_industry_includes_its_second_level(achievements):
    industry = Industry.objects.get(slug="petrochemicals")
    params = QueryDict(f"industry={industry.slug}")
    rows = FacetedQuery(achievements, [search_options.industry_facet()], params).rows
    assert {"第二级产业", industry.name} == set(rows.values_list("industry__name", flat=True))


def test_unknown_values_are_ignored(achievements):
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


def test_empty_queryset_counts_zero():
    query = FacetedQuery(Agency.objects.none(), search_options.agency_facets(), QueryDict())
    assert query.total == 0
    assert not any(view.options for view in query.views)


def test_only_large_counts_are_cached(achievements, monkeypatch, django_assert_num_queries):
    caches["process"].clear()
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
    caches["process"].clear()
    assert total() == 42
    caches["process"].clear()


def test_a_long_list_shows_its_beginning_and_what_is_chosen(client):
    institutions = [factories.institution(f"院所{number:02}") for number in range(SHOWN_AT_ONCE + FEW_MORE + 1)]
    for place, institution in enumerate(institutions):
        for _number in range(2 if place < SHOWN_AT_ONCE else 1):
            factories.achievement(institution=institution)
    last = institutions[-1]
    page = fromstring(client.get(reverse("achievement_list") + f"?institution={last.public_id}").text)
    [facet] = page.xpath("//div[@id='facet-institution']")
    at_once = [text.strip() for text in facet.xpath("./ul//label/span/text()")]
    folded = [text.strip() for text in facet.xpath("./details[not(@open)]//label/span/text()")]
    assert len(at_once) == SHOWN_AT_ONCE + 1 and at_once[-1] == last.name
    assert not set(at_once) & set(folded) and len(at_once + folded) == len(institutions)
    assert facet.xpath("./ul//input[@checked]/@value") == [last.public_id]
    assert "显示全部 15 个" in facet.text_content()
    assert not page.xpath("//div[@id='facet-industry']/details")
