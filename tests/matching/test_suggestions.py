import pytest

from matching.models import BrokerRequest
from matching.suggestions import suggest_agencies, suggest_brokers, suggest_institutions
from taxonomy.models import Industry
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def demand():
    return make.demand(industry=field("bearings"))


def field(slug, parent=None):
    return Industry.objects.get_or_create(slug=slug, defaults={"name": slug, "parent": parent})[0]


def broker(name, *, industries=(), regions=(), **fields):
    row = make.broker(name=name, **fields)
    row.industries.set(industries)
    row.regions.set(regions)
    return row


def test_brokers_are_ordered_by_field_and_district(demand):
    region, own = demand.firm.stat_region, demand.industry
    broker("只在本区", regions=[region])
    broker("领域与本区", industries=[own], regions=[region])
    broker("只懂领域", industries=[own])
    broker("都不沾", industries=[field("fishing")])
    suggestions = suggest_brokers(demand, user=make.city_officer())
    assert [suggestion.who.name for suggestion in suggestions] == ["领域与本区", "只懂领域", "只在本区"]
    assert suggestions[0].reasons == ["熟悉bearings", f"服务{region.name}"]


def test_taken_requests_count_and_are_shown_to_staff_only(demand):
    taken = broker("接过", industries=[demand.industry])
    broker("没接过", industries=[demand.industry])
    match = make.match()
    BrokerRequest.objects.create(
        match=match, broker=taken, status="taken", asked_by=make.city_officer(), answered_at=match.created_at
    )
    staff, everybody = (suggest_brokers(demand, user=user) for user in (make.city_officer(), make.user()))
    assert (
        [suggestion.who.name for suggestion in staff]
        == ["接过", "没接过"]
        == [suggestion.who.name for suggestion in everybody]
    )
    assert staff[0].reasons == ["熟悉bearings", "已接受 1 项委托"]
    assert everybody[0].reasons == ["熟悉bearings"]


def test_a_field_of_the_same_branch_counts_less(demand):
    parent = demand.industry
    demand.industry = field("rings", parent)
    broker("本行", industries=[demand.industry])
    broker("上级", industries=[parent])
    broker("旁支", industries=[field("balls", parent)])
    suggestions = suggest_brokers(demand, user=make.city_officer())
    assert [suggestion.who.name for suggestion in suggestions] == ["本行", "上级", "旁支"]


def test_institutions_are_ordered_by_achievements_on_offer_in_the_field(demand):
    first, second = make.institution("甲演示大学"), make.institution("乙演示大学")
    for _ in range(2):
        make.achievement(institution=second, industry=demand.industry)
    make.achievement(institution=first, industry=demand.industry)
    make.achievement(institution=first, industry=demand.industry, transferred_note="独占许可")
    suggestions = suggest_institutions(demand, user=make.city_officer())
    assert [(suggestion.who, suggestion.weight) for suggestion in suggestions] == [(second, 2), (first, 1)]
    assert suggestions[0].reasons == ["“bearings”方向有 2 项成果可对接"]


def test_the_contact_of_an_office_needs_consent_and_permission(demand):
    institution = make.institution()
    make.achievement(institution=institution, industry=demand.industry)
    without_consent = make.contact(institution)
    without_consent.consented_at = None
    without_consent.save()
    assert suggest_institutions(demand, user=make.city_officer())[0].contact is None
    with_consent = make.contact(institution)
    assert suggest_institutions(demand, user=make.city_officer())[0].contact == with_consent
    assert suggest_institutions(demand, user=make.district_officer())[0].contact is None


def test_without_a_field_only_brokers_of_the_district_are_suggested(demand):
    demand.industry = None
    local = broker("本区", regions=[demand.firm.stat_region])
    assert suggest_institutions(demand, user=make.city_officer()) == []
    assert [suggestion.who for suggestion in suggest_brokers(demand, user=make.city_officer())] == [local]


def test_only_listed_agencies_are_suggested(demand):
    listed, unlisted = make.agency("甲服务机构"), make.agency("乙服务机构", verified=False)
    for agency in (listed, unlisted):
        agency.industries.add(demand.industry)
    assert [suggestion.who for suggestion in suggest_agencies(demand, user=make.user())] == [listed]
