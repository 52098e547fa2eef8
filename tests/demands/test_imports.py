from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from accounts.models import Organisation, SourceFile
from audit.models import AuditRecord
from demands.imports import check_demands, demand_template
from demands.models import Demand
from demands.sheet_columns import demand_columns
from sheets.archive import UnreadableSheet
from sheets.checking import ERROR, WARNING
from sheets.reading import read_workbook
from tests import factories
from tests.demands.sheets import OTHER_CODE, ROW, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    return factories.city_officer()


@pytest.fixture
def district():
    return factories.district_officer("jinpu")


def check(*changes, by, drop=(), **kwargs):
    return check_demands(workbook(*changes, drop=drop), "需求.xlsx", by=by, **kwargs)


def problems(report, level=ERROR):
    return [str(problem) for problem in report.problems if problem.level == level]


def test_the_check_of_a_valid_row_writes_nothing(district):
    before = AuditRecord.objects.count(), Organisation.objects.count()
    report = check({}, by=district)
    assert problems(report) == problems(report, WARNING) == []
    assert report.counts == {"rows": 1, "clean": 1, "errors": 0, "warnings": 0}
    assert (AuditRecord.objects.count(), Organisation.objects.count()) == before
    assert not Demand.objects.exists() and not SourceFile.objects.exists()


@pytest.mark.parametrize(
    ("column", "text", "key", "expected"),
    [
        ("技术需求名称", "ＡＧＶ 调度", "title", "ＡＧＶ 调度"),
        ("拟投入资金总额（万元）", "约50万", "budget", (Decimal(50), Decimal(50), False, True)),
        ("预算金额", "２００", "budget", (Decimal(200), Decimal(200), False, False)),
        ("预算资金", "面议", "budget", (None, None, True, False)),
        ("拟投入资金（元）", "1500000", "budget", (Decimal(150), Decimal(150), False, False)),
        ("拟采取的转化方式", "转让、许可", "ways", ("assignment", "licence")),
        ("解决方式", "委托研发", "ways", ("commissioned",)),
        ("合作方式", "咨询服务", "ways", ("service",)),
        ("需求时限", "长期", "period", (None, None, True, "长期")),
        ("需求时限", "2026.03-2026.12", "period", (date(2026, 3, 1), date(2026, 12, 31), False, "2026.03-2026.12")),
        ("需求类型", "工艺", "kind", None),
        ("需求类型", "技术难题", "kind", "problem"),
        ("是否匿名发布", "√", "anonymous", True),
        ("手机", "１３８００００００００", "phone", "13800000000"),
        ("有效期至", "2027年6月", "expires_on", date(2027, 6, 30)),
        ("关键字", "轴承、涂层", "keywords", ("轴承", "涂层")),
    ],
)
def test_cell_values_under_alternative_headers(column, text, key, expected, city):
    labels = {alias: c.label for c in demand_columns() for alias in c.aliases}
    label = labels.get(column, column.partition("（")[0])
    report = check({column: text}, by=city, drop=tuple({label, "拟投入资金（万元）"} - {column}))
    assert report.rows[0].values[key] == expected
    assert report.ok == (expected is not None)


@pytest.mark.parametrize("alias", ["金普新区", "金普", "金州区", "开发区", "大连经济技术开发区"])
def test_region_aliases(alias, district):
    report = check({"所属区市县": alias}, by=district)
    assert report.ok
    assert report.rows[0].values["region"] == factories.region("jinpu").pk


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"需求名称": ""}, "第3行“需求名称”没有填写"),
        ({"企业名称": None}, "第3行“企业名称”没有填写"),
        ({"统一社会信用代码": "91210200MADEM00010"}, "校验位不对"),
        ({"统一社会信用代码": "9.12102E+17"}, "科学计数法"),
        ({"所属区市县": "浑南区"}, "“所属区市县”填的是“浑南区”，不在可选项中"),
        ({"产业链": "养殖水貂"}, "“产业链”填的是“养殖水貂”，不在可选项中"),
        ({"拟投入资金（万元）": "很多"}, "认不出金额"),
        ({"拟投入资金（万元）": "100-50"}, "前面的数大于后面的数"),
        ({"需求时限": "2027年1月至2026年1月"}, "开始晚于结束"),
        ({"需求名称": "长" * 201}, "超过 200 字的上限"),
        ({"主要问题": "长" * 5001}, "超过 5000 字的上限"),
        ({"预期目标": "长" * 1500, "技术指标": "文" * 1500}, "合计 3001 个字"),
        ({"是否匿名发布": "也许"}, "看不出是或否"),
        ({"联系电话": "123"}, "不像电话号码"),
        ({"主要问题": "=1+1"}, None),
    ],
)
def test_errors_name_row_field_value_and_remedy(change, sentence, city):
    report = check(change, by=city)
    if sentence is None:  # a formula arrives as a formula, whatever it would have shown
        sentence = "第3行“主要问题”是公式"
    assert len(problems(report)) == 1
    assert sentence in problems(report)[0]
    assert problems(report)[0].startswith("第3行")


def test_missing_recommended_values_are_warnings(city):
    blank = dict.fromkeys(
        ["统一社会信用代码", "主要问题", "技术指标", "期望合作方式", "需求时限", "是否匿名发布", "联系人"]
    )
    report = check(blank, by=city)
    assert report.ok
    assert len(problems(report, WARNING)) == len(blank)
    assert any("按匿名发布处理" in sentence for sentence in problems(report, WARNING))


def test_a_missing_recommended_column_gives_one_notice(city):
    report = check({}, {"需求名称": "另一项"}, by=city, drop=("产业链", "技术指标"))
    assert report.ok
    assert problems(report, WARNING) == []
    assert "表中没有这些列，请在初审时补充：产业链、技术指标" in report.notices


def test_duplicate_rows_in_the_sheet_are_errors(city):
    report = check({}, {"需求名称": "高速轴承保持架 减摩涂层"}, by=city)
    (sentence,) = problems(report)
    assert sentence.startswith(
        "第4行“需求名称”填的是“高速轴承保持架 减摩涂层”，与第3行重复（“需求名称”、“企业名称”相同）"
    )


class TestFirms:
    def test_a_credit_code_of_another_firm_names_both(self, city):
        factories.organisation("firm", "大连另一家有限公司", credit_code="91210200MADEM0001W")
        (sentence,) = problems(check({}, by=city))
        assert "大连另一家有限公司" in sentence and "大连示例轴承有限公司" in sentence

    def test_a_firm_with_another_credit_code(self, city):
        firm = factories.firm("大连示例轴承有限公司")
        Organisation.objects.filter(pk=firm.pk).update(credit_code=OTHER_CODE)
        (sentence,) = problems(check({}, by=city))
        assert OTHER_CODE in sentence

    def test_one_credit_code_for_two_names_in_the_sheet(self, city):
        report = check({}, {"企业名称": "大连另一家有限公司"}, by=city)
        assert len(problems(report)) == 1
        assert "在第3行属于“大连示例轴承有限公司”" in problems(report)[0]

    def test_two_credit_codes_for_one_name_in_the_sheet(self, city):
        report = check({}, {"需求名称": "另一项", "统一社会信用代码": OTHER_CODE}, by=city)
        assert len(problems(report)) == 1
        assert "与第3行同一企业的代码 91210200MADEM0001W 不同" in problems(report)[0]

    def test_an_institution_is_not_a_firm(self, city):
        factories.institution("大连理工大学")
        (sentence,) = problems(check({"企业名称": "大连理工大学"}, by=city))
        assert "登记为高校院所，不是企业" in sentence

    def test_bracket_width_does_not_distinguish_names(self, city):
        firm = factories.firm("大连（金普）示例有限公司")
        report = check({"企业名称": "大连(金普)示例有限公司", "统一社会信用代码": "", "所属区市县": None}, by=city)
        assert report.ok
        assert firm.name != report.rows[0].values["firm"]

    def test_a_firm_of_another_reporting_region(self, city):
        factories.firm("大连示例轴承有限公司", region_code="gaoxin")
        (sentence,) = problems(check({}, by=city))
        assert "统计归口“高新区”不一致" in sentence


class TestScope:
    ELSEWHERE = {"企业名称": "大连他区有限公司", "统一社会信用代码": OTHER_CODE, "所属区市县": "高新区"}

    def test_rows_of_other_districts_are_errors(self, district):
        report = check({}, self.ELSEWHERE, by=district)
        assert [problem.row for problem in report.errors] == [4]
        assert "不在您的管理范围内" in problems(report)[0]

    def test_rows_of_other_districts_can_be_skipped_and_counted(self, district):
        report = check(self.ELSEWHERE | {"需求类型": "胡写"}, {}, self.ELSEWHERE, by=district, only_own=True)
        assert report.ok
        assert [row.number for row in report.rows] == [4]
        assert "另有 2 行属于其他单位，未导入" in report.notices

    def test_the_stored_region_of_a_firm_decides_its_scope(self, district):
        factories.firm("大连他区有限公司", region_code="gaoxin")
        report = check({"企业名称": "大连他区有限公司", "统一社会信用代码": ""}, {}, by=district, only_own=True)
        assert [row.number for row in report.rows] == [4]

    def test_a_sheet_without_own_rows_is_an_error(self, district):
        report = check(self.ELSEWHERE, by=district, only_own=True)
        assert not report.ok
        assert "没有属于您管理范围的需求" in problems(report)[0]

    def test_a_firm_imports_only_its_own_rows(self):
        firm = factories.firm("大连示例轴承有限公司")
        officer = factories.firm_officer(firm)
        assert check({}, by=officer).ok
        report = check({}, self.ELSEWHERE, by=officer)
        assert [problem.row for problem in report.errors] == [4]
        assert [row.number for row in check({}, self.ELSEWHERE, by=officer, only_own=True).rows] == [3]

    @pytest.mark.parametrize("role", ["auditor", "institution_officer", "sysadmin", "user"])
    def test_other_roles_cannot_import(self, role):
        with pytest.raises(PermissionDenied):
            check({}, by=getattr(factories, role)())

    def test_the_status_of_other_districts_demands_is_not_reported(self, district):
        firm = factories.firm("大连他区有限公司", region_code="gaoxin")
        factories.demand(firm=firm, title="高速轴承保持架减摩涂层")
        report = check(self.ELSEWHERE, by=district)
        assert not any("同名" in notice for notice in report.notices)


def test_unreadable_files_have_a_message(city):
    with pytest.raises(UnreadableSheet):
        check_demands(b"%PDF-1.7", "需求.xlsx", by=city)


def test_check_queries_do_not_grow_with_rows(city, django_assert_num_queries):
    assert city.scope.is_city
    firm = factories.firm("大连示例轴承有限公司")
    for count in (1, 3):
        for n in range(count):
            factories.demand(firm=firm, title=f"{count} 之 {n}")
        with django_assert_num_queries(6):  # regions twice, industries, firms, demands, indicators
            check(*({"需求名称": f"{count} 之 {n}"} for n in range(count)), by=city)


def test_the_template_can_be_read_with_every_column(city):
    content = demand_template()
    header = [cell.value.lstrip("★") for cell in load_workbook(BytesIO(content)).active[1]]
    assert header == [column.label for column in demand_columns()]
    with pytest.raises(UnreadableSheet, match="没有数据"):
        read_workbook(content, demand_columns(), filename="模板.xlsx")


CELLS = st.one_of(
    st.none(), st.text(max_size=30), st.integers(-10, 10**7), st.booleans(), st.floats(allow_nan=False, width=32)
)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.dictionaries(st.sampled_from(sorted(ROW)), CELLS), min_size=1, max_size=4))
def test_any_cell_content_gives_a_readable_report(changes, district):
    from openpyxl.utils.exceptions import IllegalCharacterError

    try:
        content = workbook(*changes)
    except IllegalCharacterError:
        return
    report = check_demands(content, "需求.xlsx", by=district, only_own=True)
    for problem in report.problems:
        assert problem.row >= 2
        assert str(problem).startswith(f"第{problem.row}行")
    faulty = {problem.row for problem in report.errors}
    for row in report.clean_rows:
        assert row.number not in faulty
        assert row.values["title"] and row.values["firm"]
