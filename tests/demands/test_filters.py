import pytest

from demands.filters import BUDGET_BANDS, DemandFilter
from demands.models import Demand
from taxonomy.models import Industry
from tests import factories

pytestmark = pytest.mark.django_db


def filtered_titles(**params):
    data = {name: value if isinstance(value, list) else [value] for name, value in params.items()}
    from django.http import QueryDict

    query = QueryDict(mutable=True)
    for name, values in data.items():
        query.setlist(name, values)
    narrowed = DemandFilter(query, queryset=Demand.objects.all())
    assert narrowed.is_valid(), narrowed.errors
    return {demand.title for demand in narrowed.qs}


@pytest.mark.parametrize(
    ("low", "high", "bucket"),
    [
        (None, None, "open"),
        (10, 50, "50"),
        (None, 50, "50"),
        (50, 51, "200"),
        (200, 200, "200"),
        (300, 500, "500"),
        (600, 900, "more"),
        (20, None, "more"),
    ],
)
def test_each_budget_is_in_exactly_one_band(low, high, bucket):
    factories.demand(title="甲", budget_min_wan=low, budget_max_wan=high)
    assert [name for name in BUDGET_BANDS if filtered_titles(budget=name)] == [bucket]


def test_values_are_alternatives_and_parameters_are_combined():
    health = Industry.objects.get(slug="health")
    factories.demand(title="甲", industry=health, kind="testing", transfer_ways=["licence"], wants_challenge=True)
    factories.demand(title="乙", firm=factories.firm(region_code="gaoxin"), transfer_ways=["service", "equity"])
    assert filtered_titles(industry="health") == {"甲"}
    assert filtered_titles(kind=["testing", "problem"]) == {"甲", "乙"}
    assert filtered_titles(way=["licence", "equity"]) == {"甲", "乙"}
    assert filtered_titles(way=["licence", "equity"], region="gaoxin") == {"乙"}
    assert filtered_titles(region=["jinpu", "gaoxin"], wants_challenge="true") == {"甲"}
    assert filtered_titles(kind="testing", region="gaoxin") == set()
    assert filtered_titles() == {"甲", "乙"}


def test_search_does_not_match_the_name_of_an_anonymous_firm():
    firm = factories.firm("大连精诚泰科轴承有限公司")
    factories.demand(title="主轴热误差补偿", firm=firm)
    factories.demand(title="保持架涂层", firm=firm, is_anonymous=True, public_alias="某企业")
    assert filtered_titles(q="误差") == {"主轴热误差补偿"}
    assert filtered_titles(q="精诚泰科") == {"主轴热误差补偿"}
    assert filtered_titles(q="\u200b 架") == set()
    assert not DemandFilter({"q": "架"}, queryset=Demand.objects.all()).is_valid()
    assert not DemandFilter({"kind": "unknown"}, queryset=Demand.objects.all()).is_valid()
