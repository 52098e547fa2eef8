from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Contact, Organisation
from accounts.services.source_files import store_source_file
from audit.models import AuditRecord
from demands.models import Demand
from demands.services.importing import ImportResult, import_demands
from demands.services.lifecycle import close_demand
from demands.services.publication import publish_demand, publish_demands
from demands.services.review import start_diagnosis
from tests import factories
from tests.demands.sheets import OTHER_CODE, workbook

pytestmark = pytest.mark.django_db
Status = Demand.Status
SECOND = {"需求名称": "主轴热误差补偿", "企业名称": "大连第二家有限公司", "统一社会信用代码": OTHER_CODE}


@pytest.fixture
def district():
    return factories.district_officer("jinpu")


def written(*changes, by, drop=(), **kwargs):
    source = store_source_file("demands", content=workbook(*changes, drop=drop), name="需求.xlsx", by=by)
    return import_demands(source, by=by, **kwargs), source


def test_a_row_becomes_a_demand_with_its_firm_contact_and_indicators(district):
    result, source = written({}, by=district)
    assert result == ImportResult(created=1, unchanged=0, updated=0, skipped=0)
    demand = Demand.objects.get()
    assert (demand.firm.name, demand.firm.credit_code, str(demand.firm.stat_region)) == (
        "大连示例轴承有限公司",
        "91210200MADEM0001W",
        "金普新区",
    )
    assert demand.firm.kind == Organisation.Kind.FIRM
    assert (demand.status, demand.kind, demand.industry.slug) == (Status.DISTRICT_REVIEW, "problem", "equipment")
    assert demand.transfer_ways == ["joint_development", "commissioned"]
    assert (demand.budget_min_wan, demand.budget_max_wan, demand.budget_negotiable) == (
        Decimal(50),
        Decimal(100),
        False,
    )
    assert (demand.period_start, demand.period_end) == (date(2026, 1, 1), date(2027, 12, 31))
    assert [str(row) for row in demand.indicators.all()] == ["摩擦系数 ≤ 0.05", "耐温 ≥ 300℃"]
    assert (demand.contact.name, demand.contact.phone, demand.contact.consented_at) == ("示例人", "0411-84700000", None)
    assert (demand.source_file, demand.source_row, demand.created_by) == (source, 3, district)
    source.refresh_from_db()
    assert source.written_at and source.created_rows == 1
    demand.full_clean()


def test_a_sheet_imported_by_a_firm_becomes_drafts():
    firm = factories.firm("大连示例轴承有限公司")
    result, _source = written({}, by=factories.firm_officer(firm))
    assert result.created == 1
    assert Demand.objects.get().status == Status.DRAFT


def test_importing_the_same_rows_again_changes_nothing(district):
    _result, source = written({}, SECOND | {"需求时限": "一年内"}, by=district)
    before = list(Demand.objects.order_by("pk").values())
    assert import_demands(source, by=district) == ImportResult(created=0, unchanged=2)
    again, _source = written({}, SECOND | {"需求时限": "一年内"}, by=district)
    assert again == ImportResult(created=0, unchanged=2)
    assert list(Demand.objects.order_by("pk").values()) == before
    assert Organisation.objects.firms().count() == 2
    assert Contact.objects.count() == 2


def test_a_relative_period_keeps_its_first_dates(district):
    written({"需求时限": "一年内"}, by=district)
    Demand.objects.update(period_start=date(2025, 1, 1), period_end=date(2026, 1, 1))
    assert written({"需求时限": "一年内"}, by=district)[0].unchanged == 1
    assert Demand.objects.get().period_end == date(2026, 1, 1)


def test_changed_rows_update_demands_before_review(district):
    written({}, by=district)
    result, source = written(
        {"拟投入资金（万元）": "面议", "技术指标": "摩擦系数≤0.03", "联系人": "另一人"}, by=district
    )
    assert result == ImportResult(created=0, unchanged=0, updated=1)
    demand = Demand.objects.get()
    assert (demand.budget_text, demand.contact.name, demand.source_file) == ("面议", "另一人", source)
    assert [str(row) for row in demand.indicators.all()] == ["摩擦系数 ≤ 0.03"]
    changes = AuditRecord.objects.get(action="导入时修改需求").changes
    assert changes["budget_max_wan"] == ["100.00", None]
    assert "另一人" not in str(changes)


def test_absent_columns_keep_the_stored_values(district):
    written({}, by=district)
    result, _source = written(
        {}, by=district, drop=("技术指标", "产业链", "拟投入资金（万元）", "联系人", "联系电话", "邮箱")
    )
    assert result == ImportResult(created=0, unchanged=1)


@pytest.mark.parametrize("status", [Status.DIAGNOSIS, Status.PUBLISHED, Status.CLOSED])
def test_reviewed_demands_are_skipped(status, district):
    written({}, by=district)
    demand = Demand.objects.get()
    step = {
        Status.DIAGNOSIS: lambda: start_diagnosis(demand, by=district),
        Status.PUBLISHED: lambda: publish_demand(demand, by=district),
        Status.CLOSED: lambda: close_demand(demand, by=district, reason="重复"),
    }
    step[status]()
    before = Demand.objects.values().get()
    result, _source = written({"主要问题": "换了说法"}, by=district)
    assert result == ImportResult(created=0, unchanged=0, updated=0, skipped=1)
    assert Demand.objects.values().get() == before


def test_a_firm_cannot_overwrite_a_demand_awaiting_review(district):
    written({}, by=district)
    officer = factories.firm_officer(Organisation.objects.get(name="大连示例轴承有限公司"))
    assert written({"主要问题": "换了说法"}, by=officer)[0].skipped == 1


def test_anonymous_rows_get_a_public_alias(district):
    written(
        {"是否匿名发布": "是"},
        SECOND | {"是否匿名发布": None, "产业链": None},
        SECOND | {"需求名称": "第三项"},
        by=district,
    )
    names = dict(Demand.objects.values_list("title", "public_alias"))
    # Three registered firms: neither the district nor the industry leaves five of them.
    assert names.pop("第三项") == ""
    assert len(set(names.values())) == 2 and all(name.startswith("大连市某企业（代号") for name in names.values())
    assert Demand.objects.filter(is_anonymous=True).count() == 2


def test_an_empty_problem_becomes_the_title(district):
    written({"主要问题": None}, by=district)
    assert Demand.objects.get().problem == "高速轴承保持架减摩涂层"


def test_one_error_prevents_the_import(district):
    firms = Organisation.objects.count()
    with pytest.raises(ValidationError, match="第4行“需求类型”填的是“胡写”"):
        written({}, SECOND | {"需求类型": "胡写"}, by=district)
    assert not Demand.objects.exists()
    assert not Contact.objects.exists()
    assert Organisation.objects.count() == firms


def test_a_database_error_rolls_back_the_import(district, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("down")

    monkeypatch.setattr("demands.services.importing._write_indicators", fail)
    firms = Organisation.objects.count()
    with pytest.raises(RuntimeError):
        written({}, SECOND, by=district)
    assert not Demand.objects.exists()
    assert Organisation.objects.count() == firms


def test_only_own_imports_the_own_rows_of_a_shared_sheet(district):
    result, _source = written({}, SECOND | {"所属区市县": "高新区"}, by=district, only_own=True)
    assert result.created == 1
    assert [firm.name for firm in Organisation.objects.firms()] == ["大连示例轴承有限公司"]


def test_a_sheet_of_another_kind_or_user_is_refused(district):
    source = store_source_file("agencies", content=workbook({}), name="需求.xlsx", by=district)
    with pytest.raises(ValidationError, match="不是技术需求的表格"):
        import_demands(source, by=district)
    own = store_source_file("demands", content=workbook({}), name="需求.xlsx", by=district)
    with pytest.raises(PermissionDenied):
        import_demands(own, by=factories.auditor())


def test_import_queries_do_not_grow_with_rows(district):
    def rows(start, count):
        return [
            {"需求名称": f"需求{n}", "企业名称": f"大连第{n}家有限公司", "统一社会信用代码": ""}
            for n in range(start, start + count)
        ]

    assert district.scope.is_district
    used = []
    for start, count in ((0, 2), (10, 6)):
        source = store_source_file("demands", content=workbook(*rows(start, count)), name="需求.xlsx", by=district)
        with CaptureQueriesContext(connection) as captured:
            assert import_demands(source, by=district).created == count
        used.append(len(captured))
    assert used[0] == used[1]


class TestRealSheet:
    @pytest.fixture
    def content(self, shared_data):
        return (shared_data / "demands_real_text.xlsx").read_bytes()

    @pytest.mark.long
    def test_the_city_imports_all_rows_and_a_district_its_own(self, content, district):
        source = store_source_file("demands", content=content, name="需求.xlsx", by=district)
        assert import_demands(source, by=district, only_own=True).created == 11
        city = factories.city_officer()
        source = store_source_file("demands", content=content, name="需求.xlsx", by=city)
        assert import_demands(source, by=city) == ImportResult(created=96, unchanged=11)
        assert import_demands(source, by=city) == ImportResult(created=0, unchanged=107)
        assert Demand.objects.values("firm__stat_region").distinct().count() == 13
        assert Demand.objects.filter(is_anonymous=True).exclude(public_alias="").count() == 54
        result = publish_demands(Demand.objects.all(), by=city)
        assert (len(result.changed), result.skipped) == (107, [])
