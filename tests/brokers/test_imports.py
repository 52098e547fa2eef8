from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.exceptions import IllegalCharacterError

from accounts.models import Organisation, Region
from brokers.imports import agency_template, broker_template, check_agencies, check_brokers
from brokers.models import Agency, Broker
from brokers.sheet_columns import agency_columns, broker_columns
from sheets.archive import UnreadableSheet
from sheets.checking import ERROR, WARNING
from tests import factories
from tests.brokers.sheets import AGENCY, BROKER, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    return factories.city_officer()


@pytest.fixture
def agency():
    organisation = factories.organisation("agency", "示例技术转移中心", short_name="示例中心")
    return Agency.objects.create(organisation=organisation, kind="transfer")


def agencies(*changes, by, **kwargs):
    return check_agencies(workbook(AGENCY, *changes, **kwargs), "机构.xlsx", by=by)


def brokers(*changes, by, **kwargs):
    return check_brokers(workbook(BROKER, *changes, **kwargs), "经纪人.xlsx", by=by)


def problems(report, level=ERROR):
    return [str(problem) for problem in report.problems if problem.level == level]


def test_the_check_of_valid_rows_writes_nothing(city, agency):
    for report in (agencies({}, by=city), brokers({}, by=city)):
        assert problems(report) == problems(report, WARNING) == []
        assert report.counts["clean"] == 1
    assert Agency.objects.count() == 1
    assert not Broker.objects.exists()


@pytest.mark.parametrize(
    ("header", "label", "text", "key", "expected"),
    [
        ("机构类型", "机构类别", "技术转移机构", "kind", "transfer"),
        ("机构类别", "机构类别", "评估", "kind", "evaluation"),
        ("机构类别", "机构类别", "中试基地", "kind", "pilot"),
        ("机构类别", "机构类别", "成果转化", "kind", "commercialisation"),
        ("服务内容", "服务类型", "投融资、平台", "services", ("financing", "platform")),
        (
            "服务类型",
            "服务类型",
            "技术开发/技术转让/技术服务/技术评价",
            "services",
            ("development", "transfer", "technical_service", "evaluation"),
        ),
        ("官网", "网址", "www.example.com/a", "website", "https://www.example.com/a"),
        ("网址", "网址", "无", "website", ""),
    ],
)
def test_agency_values_under_alternative_headers(header, label, text, key, expected, city):
    report = agencies({header: text}, by=city, drop=tuple({label} - {header}))
    assert problems(report) == []
    assert report.rows[0].values[key] == expected


@pytest.mark.parametrize(
    ("header", "label", "text", "key", "expected"),
    [
        ("级别", "等级", "初级技术经纪人", "level", "junior"),
        ("培训等级", "等级", "中级", "level", "intermediate"),
        ("等级", "等级", "高级技术经理人", "level", "senior"),
        ("等级", "等级", "高级技术经纪人", "level", "senior"),
        ("证书编号", "证书号", " jsjjr-2026-００２ ", "certificate_number", "JSJJR-2026-002"),
    ],
)
def test_broker_values_under_alternative_headers(header, label, text, key, expected, city, agency):
    report = brokers({header: text}, by=city, drop=tuple({label} - {header}))
    assert problems(report) == []
    assert report.rows[0].values[key] == expected


def test_whole_city_and_certificate_dates(city, agency):
    values = brokers({}, by=city).rows[0].values
    assert len(values["regions"]) == Region.objects.reporting().count() == 13
    assert (values["issued_on"].isoformat(), values["expires_on"].isoformat()) == ("2025-06-01", "2028-06-30")
    assert brokers({"所属机构": "示例中心"}, by=city).rows[0].values["agency"] == agency.pk


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"机构名称": ""}, "第3行“机构名称”没有填写"),
        ({"机构类别": "银行"}, "“机构类别”填的是“银行”，不在可选项中"),
        ({"统一社会信用代码": "91210200MADEM00010"}, "校验位不对"),
        ({"服务类型": "技术转让；算命"}, "其中“算命”不在可选项中"),
        ({"网址": "不是网址"}, "不像网址"),
        ({"网址": "javascript://example.com/%0aalert(1)"}, "不像网址"),
        ({"机构简介": "长" * 1001}, "超过 1000 字的上限"),
    ],
)
def test_errors_of_an_agency_row(change, sentence, city):
    (problem,) = problems(agencies(change, by=city))
    assert sentence in problem


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"姓名": None}, "第3行“姓名”没有填写"),
        ({"等级": "特级"}, "“等级”填的是“特级”，不在可选项中"),
        ({"证书号": ""}, "“证书号”没有填写"),
        ({"所属机构": "没有的机构"}, "“所属机构”填的是“没有的机构”，不在可选项中"),
        ({"有效期至": "2025-05-01"}, "早于发证日期 2025-06-01"),
        ({"发证日期": "去年"}, "认不出日期"),
    ],
)
def test_errors_of_a_broker_row(change, sentence, city, agency):
    (problem,) = problems(brokers(change, by=city))
    assert sentence in problem


def test_duplicate_rows_in_a_sheet_are_errors(city, agency):
    assert "与第3行重复" in problems(agencies({}, {"统一社会信用代码": ""}, by=city))[0]
    assert "与第3行重复" in problems(brokers({}, {"姓名": "示例乙"}, by=city))[0]


def test_a_credit_code_or_name_of_another_organisation(city):
    Organisation.objects.create(name="另一中心", kind="agency", credit_code="91210200MADEM0001W")
    (problem,) = problems(agencies({}, by=city))
    assert "另一中心" in problem and "示例技术转移中心" in problem
    factories.institution("大连理工大学")
    (problem,) = problems(agencies({"机构名称": "大连理工大学", "统一社会信用代码": ""}, by=city))
    assert "登记为高校院所" in problem


def test_a_certificate_number_of_another_broker_names_both(city, agency):
    Broker.objects.create(name="示例乙", level="junior", certificate_number="JSJJR-2026-001")
    (problem,) = problems(brokers({}, by=city))
    assert "示例乙" in problem and "示例甲" in problem


def test_a_contact_without_agency_gives_a_warning(city, agency):
    report = brokers({"所属机构": None}, by=city)
    assert report.ok
    assert "联系方式将不保存" in problems(report, WARNING)[0]


@pytest.mark.parametrize("role", ["district_officer", "auditor", "firm_officer", "institution_officer"])
def test_only_the_city_can_change_the_directory(role):
    by = getattr(factories, role)()
    for check in (agencies, brokers):
        with pytest.raises(PermissionDenied):
            check({}, by=by)


def test_templates_contain_every_column(city, agency):
    for content, columns in ((agency_template(), agency_columns()), (broker_template(), broker_columns([agency]))):
        header = [cell.value.lstrip("★") for cell in load_workbook(BytesIO(content)).active[1]]
        assert header == [column.label for column in columns]
    with pytest.raises(UnreadableSheet):
        check_agencies(b"not a sheet", "机构.xlsx", by=city)


CELLS = st.one_of(st.none(), st.text(max_size=30), st.integers(-10, 10**6), st.booleans())


@pytest.mark.long
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_cell_content_gives_a_readable_report(data, city, agency):
    for row, check in ((AGENCY, agencies), (BROKER, brokers)):
        changes = data.draw(st.lists(st.dictionaries(st.sampled_from(sorted(row)), CELLS), min_size=1, max_size=3))
        try:
            report = check(*changes, by=city)
        except IllegalCharacterError:
            continue
        assert all(str(problem).startswith(f"第{problem.row}行") for problem in report.problems)
        assert {row.number for row in report.clean_rows}.isdisjoint(problem.row for problem in report.errors)
