import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Contact, Organisation
from accounts.services.source_files import store_source_file
from audit.models import AuditRecord
from brokers.models import Agency, Broker
from brokers.services.directory import verify_agency
from brokers.services.importing import ImportResult, import_agencies, import_brokers
from tests import factories
from tests.brokers.sheets import AGENCY, BROKER, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    return factories.city_officer()


def agencies(*changes, by, **kwargs):
    source = store_source_file("agencies", content=workbook(AGENCY, *changes, **kwargs), name="机构.xlsx", by=by)
    return import_agencies(source, by=by)


def brokers(*changes, by, **kwargs):
    source = store_source_file("brokers", content=workbook(BROKER, *changes, **kwargs), name="经纪人.xlsx", by=by)
    return import_brokers(source, by=by)


SECOND = {"机构名称": "示例中试基地", "统一社会信用代码": "", "机构类别": "中试"}
SECOND_BROKER = {"姓名": "示例乙", "证书号": "JSJJR-2026-002"}


def test_a_row_becomes_an_unverified_agency(city):
    assert agencies({}, by=city) == ImportResult(created=1, unchanged=0)
    agency = Agency.objects.get()
    organisation = agency.organisation
    assert (organisation.kind, organisation.name) == ("agency", "示例技术转移中心")
    assert str(organisation.stat_region) == "高新区"
    assert (organisation.profile, organisation.website) == ("为高校成果找企业。", "https://example.com")
    assert (agency.kind, agency.services) == ("transfer", ["transfer", "consulting"])
    assert {str(row) for row in agency.industries.all()} == {"新材料", "高端装备"}
    assert {str(row) for row in agency.regions.all()} == {"金普新区", "高新区"}
    assert (agency.contact.name, agency.contact.consented_at, agency.source_row) == ("示例人", None, 3)
    assert agency.verified_at is None and not Agency.objects.listed().exists()
    agency.full_clean()
    organisation.full_clean()


def test_a_row_becomes_a_broker(city):
    agencies({}, by=city)
    assert brokers({}, by=city) == ImportResult(created=1, unchanged=0)
    broker = Broker.objects.get()
    assert (broker.name, broker.agency, broker.level) == ("示例甲", Agency.objects.get(), "intermediate")
    assert (broker.regions.count(), broker.certificate_is_valid, broker.is_active) == (13, True, True)
    assert broker.contact.phone == "13800001234"
    broker.full_clean()


def stored():
    models = (Agency, Broker, Organisation, Contact, Agency.regions.through, Broker.industries.through)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_importing_the_same_rows_again_changes_nothing(city):
    assert agencies({}, SECOND, by=city) == ImportResult(created=2, unchanged=0)
    assert brokers({}, SECOND_BROKER, by=city) == ImportResult(created=2, unchanged=0)
    before = stored()
    assert agencies({}, SECOND, by=city) == brokers({}, SECOND_BROKER, by=city) == ImportResult(0, 2)
    assert stored() == before


def test_unverified_agencies_are_updated_and_verified_ones_skipped(city):
    agencies({}, by=city)
    change = {"服务类型": "平台", "服务区市县": "全市", "机构简介": "换了介绍", "联系人": "另一人"}
    assert agencies(change, by=city) == ImportResult(created=0, unchanged=0, updated=1)
    agency = Agency.objects.get()
    assert (agency.services, agency.regions.count()) == (["platform"], 13)
    assert (agency.organisation.profile, agency.contact.name) == ("换了介绍", "另一人")
    trail = AuditRecord.objects.get(action="导入时修改").changes
    assert trail["services"] == [["transfer", "consulting"], ["platform"]]
    assert "另一人" not in str(trail)
    verify_agency(agency, by=city)
    assert agencies({}, by=city) == ImportResult(created=0, unchanged=0, skipped=1)
    assert Agency.objects.get().services == ["platform"]


def test_a_renewed_certificate_updates_the_broker(city):
    agencies({}, by=city)
    brokers({}, by=city)
    assert brokers({"等级": "高级", "有效期至": "2030年6月"}, by=city).updated == 1
    broker = Broker.objects.get()
    assert (broker.level, broker.expires_on.isoformat()) == ("senior", "2030-06-30")


def test_absent_columns_keep_the_stored_values(city):
    agencies({}, by=city)
    brokers({}, by=city)
    kept = ("服务类型", "服务领域", "服务区市县", "机构简介", "网址", "联系人", "联系电话", "邮箱")
    assert agencies({}, by=city, drop=kept) == ImportResult(0, 1)
    assert brokers({}, by=city, drop=("所属机构", "发证单位", "职称", "擅长领域", "联系电话")) == ImportResult(0, 1)


@pytest.mark.parametrize(
    ("write", "fault"), [(agencies, {"机构类别": "银行"}), (brokers, {"等级": "特级"})], ids=["agencies", "brokers"]
)
def test_one_error_prevents_the_import(write, fault, city):
    organisations = Organisation.objects.count()
    second = SECOND if write is agencies else SECOND_BROKER | {"所属机构": None}
    with pytest.raises(ValidationError, match="第4行"):
        write({"所属机构": None} if write is brokers else {}, second | fault, by=city)
    assert not Agency.objects.exists() and not Broker.objects.exists() and not Contact.objects.exists()
    assert Organisation.objects.count() == organisations


def test_only_the_city_imports_and_only_the_matching_kind_of_sheet(city):
    source = store_source_file("agencies", content=workbook(AGENCY, {}), name="机构.xlsx", by=city)
    with pytest.raises(PermissionDenied):
        import_agencies(source, by=factories.district_officer())
    with pytest.raises(ValidationError, match="不是技术经纪人的表格"):
        import_brokers(source, by=city)


def test_import_queries_do_not_grow_with_rows(city):
    assert city.scope.is_city
    for write, row in (
        (agencies, lambda n: {"机构名称": f"示例机构{n}", "统一社会信用代码": ""}),
        (brokers, lambda n: {"姓名": f"甲{n}", "证书号": f"A-{n}", "所属机构": "示例机构10"}),
    ):
        used = []
        for start, count in ((10, 2), (20, 6)):
            with CaptureQueriesContext(connection) as captured:
                assert write(*(row(n) for n in range(start, start + count)), by=city).created == count
            used.append(len(captured))
        assert used[0] == used[1], write
