import pytest
from django.db import connection
from django.http import QueryDict

from accounts.models import Organisation, Region
from brokers.filters import AgencyFilter
from brokers.models import Agency, Broker
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


def test_words_are_looked_up_in_indexes():
    market = factories.organisation("agency", "示例（北方）转移中心", former_names=["示例技术市场"])
    factories.broker(name="李明", agency=Agency.objects.create(organisation=market, kind="transfer"))
    factories.broker(name="王五").industries.add(Industry.objects.get(slug="materials"))
    material = Industry.objects.get(slug="materials").name
    for words, names in {
        "李明": ["李明"], "李": ["李明"], "(北方) 转移": ["李明"], "技术市场": ["李明"], material: ["王五"], "张三": [],
    }.items():  # fmt: skip
        assert [broker.name for broker in Broker.objects.search(words)] == names, words
    searches = {
        "agency_by_bigram": Organisation.objects.filter(AgencyFilter.has_word("转移中心", ""), kind="agency"),
        "broker_by_bigram": Broker.objects.search("经纪人"),
        # The part alone: where tables are small, a join may rather begin with the agencies.
        "organisation_by_bigram": Organisation.objects.filter(kind="agency").named("转移中心"),
    }
    assert 'U0."former_names", U0."name", U0."short_name")) @> ' in str(Broker.objects.search("转移中心").query)
    with connection.cursor() as cursor:
        for statement in ("SET LOCAL enable_seqscan = off", "SET LOCAL enable_indexscan = off"):  # there are few rows
            cursor.execute(statement)
        cursor.execute("DROP INDEX organisation_by_kind")
    for index, rows in searches.items():
        assert index in rows.explain(), index
