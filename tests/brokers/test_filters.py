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


def filtered_names(query):
    narrowed = AgencyFilter(QueryDict(query), queryset=Agency.objects.all())
    assert narrowed.is_valid(), narrowed.errors
    return [entry.organisation.name for entry in narrowed.qs]


def test_values_are_alternatives_and_parameters_are_combined():
    agency("甲", services=["platform"], industries=["health", "materials"], regions=["jinpu", "gaoxin"])
    agency("乙", kind="pilot", services=["platform", "consulting"], profile="中试服务 100%", industries=["materials"])
    assert filtered_names("kind=pilot&kind=transfer") == ["乙", "甲"]
    assert filtered_names("service=consulting&service=financing") == ["乙"]
    assert filtered_names("industry=health&industry=materials") == ["乙", "甲"]
    assert filtered_names("industry=materials&region=jinpu&region=gaoxin") == ["甲"]
    assert filtered_names("q=中试") == ["乙"]
    assert filtered_names("q=中试 100%25") == ["乙"]
    assert filtered_names("q=%25%25") == []
    assert filtered_names("kind=pilot&region=jinpu") == []
    assert not AgencyFilter({"region": ["nowhere"]}, queryset=Agency.objects.all()).is_valid()
