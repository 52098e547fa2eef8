import pytest
from django.http import QueryDict

from accounts.models import Region
from brokers.filters import AgencyFilter
from brokers.models import Agency
from taxonomy.models import Industry
from tests import factories

pytestmark = pytest.mark.django_db


def agency(name, *, profile="", industries=(), regions=(), **fields):
    organisation = factories.organisation("agency", name, profile=profile)
    made = Agency.objects.create(organisation=organisation, **{"kind": "transfer"} | fields)
    made.industries.set(Industry.objects.filter(slug__in=industries))
    made.regions.set(Region.objects.filter(code__in=regions))


def found(query):
    narrowed = AgencyFilter(QueryDict(query), queryset=Agency.objects.all())
    assert narrowed.is_valid(), narrowed.errors
    return [one.organisation.name for one in narrowed.qs]


def test_alternatives_within_one_and_all_of_several():
    agency("甲", services=["platform"], industries=["health", "materials"], regions=["jinpu", "gaoxin"])
    agency("乙", kind="pilot", services=["platform", "consulting"], profile="中试服务 100%", industries=["materials"])
    assert found("kind=pilot&kind=transfer") == ["乙", "甲"]
    assert found("service=consulting&service=financing") == ["乙"]
    assert found("industry=health&industry=materials") == ["乙", "甲"]
    assert found("industry=materials&region=jinpu&region=gaoxin") == ["甲"]
    assert found("q=中试") == ["乙"]
    assert found("q=中试 100%25") == ["乙"]
    assert found("q=%25%25") == []
    assert found("kind=pilot&region=jinpu") == []
    assert not AgencyFilter({"region": ["nowhere"]}, queryset=Agency.objects.all()).is_valid()
