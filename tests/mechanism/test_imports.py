"""Import of funds: faults by row and field, repeated imports, and importing an export."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from openpyxl import Workbook

from accounts.services.source_files import store_source_file
from mechanism.exports import export_funds
from mechanism.imports import check_funds, fund_template
from mechanism.models import Fund
from mechanism.services.fund_imports import import_funds
from tests import factories as make

pytestmark = pytest.mark.django_db
ROW = {
    "基金名称": "大连演示天使基金",
    "类别": "天使基金",
    "管理人": "演示管理公司",
    "认缴规模（万元）": "1.5亿",
    "实缴规模（万元）": 4000,
    "投资领域": "新材料；洁净能源",
    "设立日期": "2024-03-01",
    "存续期至": "2031-02-28",
}


def sheet(*changes: dict) -> bytes:
    rows = [ROW | change for change in changes or ({},)]
    book = Workbook()
    book.active.append(list(ROW))
    for row in rows:
        book.active.append([row[name] for name in ROW])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def stored(content: bytes, by):
    return store_source_file("funds", content=content, name="基金.xlsx", by=by)


def test_import_creates_a_fund_once_and_updates_it_by_name():
    city = make.city_officer()
    result = import_funds(stored(sheet(), city), by=city)
    assert (result.created, result.unchanged, result.updated) == (1, 0, 0)
    fund = Fund.objects.get()
    assert (fund.subscribed_wan, fund.paid_in_wan, fund.valid_to) == (Decimal(15000), Decimal(4000), date(2031, 2, 28))
    assert {str(industry) for industry in fund.focus.all()} == {"新材料", "洁净能源"}
    assert import_funds(stored(sheet(), city), by=city).unchanged == 1
    changed = import_funds(stored(sheet({"实缴规模（万元）": 5000, "投资领域": "新材料"}), city), by=city)
    fund.refresh_from_db()
    assert (changed.updated, fund.paid_in_wan, fund.focus.count()) == (1, Decimal(5000), 1)


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"认缴规模（万元）": "面议"}, "认缴规模", "确定的数"),
        ({"认缴规模（万元）": "100-200"}, "认缴规模", "确定的数"),
        ({"实缴规模（万元）": 90000}, "实缴规模", "超过认缴规模"),
        ({"存续期至": "2020-01-01"}, "存续期至", "早于设立日期"),
        ({"类别": "养老基金"}, "类别", ""),
        ({"基金名称": ""}, "基金名称", ""),
    ],
)
def test_a_fault_names_row_and_field_and_nothing_is_imported(change, field, says):
    city = make.city_officer()
    report = check_funds(sheet({}, {"基金名称": "另一支"} | change), "基金.xlsx", by=city)
    assert [problem.row for problem in report.errors] == [3]
    assert field in report.errors[0].label
    assert says in str(report.errors[0])
    with pytest.raises(ValidationError):
        import_funds(stored(sheet({}, {"基金名称": "另一支"} | change), city), by=city)
    assert not Fund.objects.exists()


def test_duplicate_rows_of_a_fund_are_rejected():
    assert check_funds(sheet({}, {}), "基金.xlsx", by=make.city_officer()).errors


def test_importing_an_export_changes_nothing():
    city = make.city_officer()
    import_funds(stored(sheet(), city), by=city)
    again = import_funds(stored(export_funds(Fund.objects.all(), by=city), city), by=city)
    assert (again.created, again.unchanged, again.updated) == (0, 1, 0)


def test_only_city_staff_check_sheets_of_funds():
    assert fund_template()
    for user in (make.district_officer(), make.auditor(), make.firm_officer()):
        with pytest.raises(PermissionDenied):
            check_funds(sheet(), "基金.xlsx", by=user)


def test_a_sheet_of_another_kind_is_rejected():
    city = make.city_officer()
    other = store_source_file("agencies", content=sheet(), name="基金.xlsx", by=city)
    with pytest.raises(ValidationError, match="不是基金的表格"):
        import_funds(other, by=city)
