"""An office makes the report of a year, a colleague reviews it on a phone, and the files open again."""

import io
import zipfile
from datetime import date
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone
from docx import Document
from openpyxl import load_workbook
from playwright.sync_api import expect

from annual_reports.models import AnnualReport
from tests import factories as make
from tests.browser.conftest import PHONE
from tests.browser.test_pages import faults


def downloaded(page, link) -> tuple[str, bytes]:
    with page.expect_download() as started:
        link.click()
    return started.value.suggested_filename, started.value.path().read_bytes()


def table_rows(word: bytes) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for table in Document(io.BytesIO(word)).tables for row in table.rows]


def test_the_report_of_a_year_from_the_first_click_to_the_files(visit):
    school = make.institution("大连示例大学")
    filler, reviewer = make.institution_officer(school), make.institution_officer(school)
    year = timezone.localdate().year
    for kind, amount in (("licence", 1200), ("service", 40)):
        make.contract(
            seller=school, seller_name=school.name, kind=kind, amount_wan=Decimal(amount), tech_amount_wan=None,
            registered_on=date(year, 1, 20), is_seller_local=True, is_buyer_local=True,
        )  # fmt: skip

    desk = visit()
    desk.sign_in(filler)
    page = desk.go(reverse("annual_reports"))
    assert faults(desk) == []
    page.get_by_label("年度", exact=True).fill(str(year))
    page.get_by_role("button", name="建立报告").click()
    expect(page.get_by_role("heading", name="处要改")).to_be_visible()
    assert faults(desk) == []

    page.get_by_role("link", name="填写平台不知道的数").click()
    page.get_by_label("流向中小微企业的合同项数").fill("1")
    page.get_by_label("流向中小微企业的合同金额").fill("1,200")
    page.get_by_label("专职从事转化的人员").fill("三人")
    for label in ("总体成效", "主要经验", "面临的问题"):
        page.get_by_label(label).fill("许可一项，服务一项。")
    page.get_by_role("button", name="保存", exact=True).click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("“专职从事转化的人员（人）”填的“三人”不是数")
    desk.watch.expect_refusal(422, desk.path)
    expect(page.get_by_label("流向中小微企业的合同金额")).to_have_value("1,200")
    assert faults(desk) == []
    alert.get_by_role("link").click()
    staff = page.get_by_label("专职从事转化的人员")
    expect(staff).to_be_focused()
    staff.fill("3")
    page.get_by_role("button", name="空着的数都填 0，保存").click()
    expect(page.get_by_role("heading", name="核对通过")).to_be_visible()
    assert faults(desk) == []

    _name, packed = downloaded(page, page.get_by_role("link", name="下载草稿"))
    assert {name.rpartition(".")[2] for name in zipfile.ZipFile(io.BytesIO(packed)).namelist()} == {"docx", "xlsx"}
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("由您填报，等本单位的另一位专员审核")).to_be_visible()
    assert faults(desk) == []

    phone = visit(PHONE)
    phone.sign_in(reviewer)
    mobile = phone.go(reverse("workbench"))
    mobile.get_by_role("link", name="待审核的年度报告").tap()
    mobile.get_by_role("link", name=f"{year}年度").first.tap()
    expect(mobile.get_by_role("heading", name="核对通过")).to_be_visible()
    assert faults(phone) == []
    mobile.set_viewport_size(PHONE)
    mobile.get_by_role("link", name="1,200").first.tap()
    expect(mobile.get_by_role("heading", level=1)).to_contain_text("合同金额")
    assert faults(phone) == []
    mobile.go_back()
    mobile.get_by_role("button", name="审核通过").tap()
    mobile.get_by_role("button", name="报送并留存").tap()
    expect(mobile.get_by_text("已留存第 1 版")).to_be_visible()
    assert faults(phone) == []

    page.reload()
    files = page.get_by_role("region", name="报送的版本").get_by_role("link")
    kept = dict(downloaded(page, link) for link in files.all())
    national = {name.rpartition(".")[2]: content for name, content in kept.items() if "国家" in name}
    assert ["许可", "1", "1,200.00", "0.00"] in table_rows(national["docx"])
    sheet = load_workbook(io.BytesIO(national["xlsx"])).worksheets[0]
    rows = {row[0].value: [cell.value for cell in row] for row in sheet.iter_rows()}
    assert rows["许可"][1:4] == [1, 1200, 0]
    assert (rows["专职从事转化的人员（人）"][1], rows["离岗创业的科研人员（人）"][1]) == (3, 0)
    assert AnnualReport.objects.get().status == AnnualReport.Status.HANDED_IN
