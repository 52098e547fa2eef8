import pytest

from matching.advice import agencies_for, brokers_for, institutions_for
from matching.models import BrokerRequest
from taxonomy.models import Industry
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def demand():
    return make.demand(industry=field("bearings"))


def field(slug, parent=None):
    return Industry.objects.get_or_create(slug=slug, defaults={"name": slug, "parent": parent})[0]


def broker(name, *, industries=(), regions=(), **fields):
    one = make.broker(name=name, **fields)
    one.industries.set(industries)
    one.regions.set(regions)
    return one


def test_field_and_district_and_record_decide_who_is_proposed(demand):
    region, own = demand.firm.stat_region, demand.industry
    broker("只在本区", regions=[region])
    broker("领域与本区", industries=[own], regions=[region])
    broker("只懂领域", industries=[own])
    broker("都不沾", industries=[field("fishing")])
    advised = brokers_for(demand, user=make.city_officer())
    assert [advice.who.name for advice in advised] == ["领域与本区", "只懂领域", "只在本区"]
    assert advised[0].reasons == ["熟悉bearings", f"服务{region.name}"]


def test_what_a_broker_took_counts_and_is_told_to_staff_only(demand):
    taken = broker("接过", industries=[demand.industry])
    broker("没接过", industries=[demand.industry])
    match = make.match()
    BrokerRequest.objects.create(
        match=match, broker=taken, status="taken", asked_by=make.city_officer(), answered_at=match.created_at
    )
    staff, everybody = (brokers_for(demand, user=user) for user in (make.city_officer(), make.user()))
    assert [advice.who.name for advice in staff] == ["接过", "没接过"] == [advice.who.name for advice in everybody]
    assert staff[0].reasons == ["熟悉bearings", "已接受 1 项委托"]
    assert everybody[0].reasons == ["熟悉bearings"]


def test_a_neighbouring_field_of_the_same_chain_counts_less(demand):
    chain = demand.industry
    demand.industry = field("rings", chain)
    broker("本行", industries=[demand.industry])
    broker("上级", industries=[chain])
    broker("旁支", industries=[field("balls", chain)])
    advised = brokers_for(demand, user=make.city_officer())
    assert [advice.who.name for advice in advised] == ["本行", "上级", "旁支"]


def test_institutions_with_most_on_offer_in_the_field_come_first(demand):
    first, second = make.institution("甲演示大学"), make.institution("乙演示大学")
    for _ in range(2):
        make.achievement(institution=second, industry=demand.industry)
    make.achievement(institution=first, industry=demand.industry)
    make.achievement(institution=first, industry=demand.industry, transferred_note="独占许可")
    advised = institutions_for(demand, user=make.city_officer())
    assert [(advice.who, advice.weight) for advice in advised] == [(second, 2), (first, 1)]
    assert advised[0].reasons == ["“bearings”方向有 2 项成果可对接"]


def test_the_contact_of_an_office_is_named_only_to_those_who_may_ask_and_with_consent(demand):
    institution = make.institution()
    make.achievement(institution=institution, industry=demand.industry)
    silent = make.contact(institution)
    silent.consented_at = None
    silent.save()
    assert institutions_for(demand, user=make.city_officer())[0].contact is None
    willing = make.contact(institution)
    assert institutions_for(demand, user=make.city_officer())[0].contact == willing
    assert institutions_for(demand, user=make.district_officer())[0].contact is None


def test_without_a_field_no_institution_is_nearest_and_the_districts_helpers_are(demand):
    demand.industry = None
    helper = broker("本区", regions=[demand.firm.stat_region])
    assert institutions_for(demand, user=make.city_officer()) == []
    assert [advice.who for advice in brokers_for(demand, user=make.city_officer())] == [helper]


def test_agencies_are_those_of_the_directory(demand):
    shown, hidden = make.agency("甲服务机构"), make.agency("乙服务机构", verified=False)
    for one in (shown, hidden):
        one.industries.add(demand.industry)
    assert [advice.who for advice in agencies_for(demand, user=make.user())] == [shown]
