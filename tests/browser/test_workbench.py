"""A university's office with its sheet: upload, import what is right, mend the marked file, import it, submit."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from playwright.sync_api import expect

from achievements.models import Achievement
from tests import factories as make
from tests.achievements.sheets import workbook
from tests.browser.conftest import PHONE
from tests.browser.test_pages import faults, walk

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
START = reverse("import_start", args=["achievements"])
GOOD = {}
FAULTY = {"成果名称": "滚动轴承保持架减磨技术", "意向价格（万元）": "一大笔钱"}


def upload(page, content: bytes, name: str = "征集表.xlsx") -> None:
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": XLSX, "buffer": content})
    page.get_by_role("button", name="上传并检查").click()


def mended(content: bytes, wrong: str, right: str) -> bytes:
    """The same workbook, its marks left in place, with one cell put right. That cell must be the only marked one."""
    book = load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    commented = [cell for row in sheet.iter_rows() for cell in row if cell.comment]
    assert [cell.value for cell in commented] == [wrong]
    assert commented[0].fill.fill_type == "solid"
    commented[0].value = right
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_sheet_is_mended_imported_and_submitted(visit):
    officer = make.institution_officer()
    visitor = visit()
    visitor.sign_in(officer)
    page = visitor.go(START)
    assert faults(visitor) == []

    upload(page, workbook(GOOD, FAULTY))
    verdict = page.locator("section.verdict")
    expect(verdict.get_by_role("heading")).to_have_text("可以导入 1 项")
    expect(verdict).to_contain_text("有 1 行还要定或要改，不影响其他行")
    problem = page.get_by_role("region", name="要商量的").get_by_role("listitem")
    expect(problem).to_have_count(1)
    for named in ("第 4 行", "意向价格（万元）", "一大笔钱"):
        expect(problem).to_contain_text(named)
    assert faults(visitor) == []
    assert not Achievement.objects.exists()

    page.get_by_role("button", name="先导入 1 项").click()
    expect(verdict.get_by_role("heading")).to_have_text("已导入 1 项科技成果")
    assert [*Achievement.objects.values_list("source_row", "price_min_wan")] == [(3, 50)]
    assert faults(visitor) == []

    with page.expect_download() as started:
        page.get_by_role("link", name="下载标了问题的表").click()
    assert started.value.suggested_filename == "征集表_待补.xlsx"
    marked = started.value.path().read_bytes()

    page.get_by_role("link", name="换一个文件").click()
    upload(page, mended(marked, "一大笔钱", "80"))
    expect(verdict.get_by_role("heading")).to_have_text("可以导入 1 项")
    expect(verdict).to_contain_text("另有 1 项与已录入的相同")
    assert faults(visitor) == []
    page.get_by_role("button", name="先导入 1 项").click()
    expect(verdict.get_by_role("heading")).to_have_text("已导入 1 项科技成果")
    assert faults(visitor) == []

    page.get_by_role("link", name="去提交草稿").click()
    page.get_by_role("button", name="提交全部草稿（2 项）").click()
    assert faults(visitor) == []
    page.get_by_role("button", name="提交", exact=False).last.click()  # 是哪些，谁录入的
    expect(page.get_by_text("已提交 2 项成果")).to_be_visible()
    assert faults(visitor) == []
    assert set(Achievement.objects.values_list("status", "price_min_wan")) == {
        (Achievement.Status.CITY_REVIEW, 50),
        (Achievement.Status.CITY_REVIEW, 80),
    }


def test_what_is_no_sheet_is_refused_in_words(visit):
    visitor = visit()
    visitor.sign_in(make.institution_officer())
    page = visitor.go(START)
    upload(page, b"%PDF-1.7 not a sheet", "征集表.xlsx")
    expect(page.get_by_role("alert")).to_contain_text("这个文件没有被接收")
    visitor.watch.expect_refusal(422, START)
    assert faults(visitor) == []


@pytest.mark.long
def test_the_desk_and_forms_of_each_role(visit):
    office, firm = make.institution_officer(), make.firm_officer()
    offer = make.achievement(registered=False, institution=office.memberships.get().organisation)
    need = make.demand(published=False, firm=firm.memberships.get().organisation)
    match = make.match(status="proposed")
    pages = {
        office: ["my_achievements", "achievement_new", ("achievement_edit", offer.public_id)],
        firm: ["my_demands", "demand_new", ("demand_edit", need.public_id)],
        make.district_officer(): [("import_start", "demands")],
        make.city_officer(): [("import_start", "agencies")],
        make.auditor(): [],
        make.sysadmin(): [],
        make.user(): [],
    }
    assert match.demand.firm.stat_region  # the district has something to do
    for user, names in pages.items():
        visitor = visit()
        visitor.sign_in(user)
        routes = [(name,) if isinstance(name, str) else name for name in ["workbench", *names]]
        assert walk(visitor, [reverse(name, args=args) for name, *args in routes]) == {}


def test_the_menu_is_in_one_row_on_a_phone_and_who_one_is_always_in_sight(visit):
    visitor = visit(PHONE)
    visitor.sign_in(make.institution_officer())
    page = visitor.go(reverse("help"))
    items = page.get_by_role("navigation", name="主导航").get_by_role("link").all()
    rows = set()
    for item in items:
        item.scroll_into_view_if_needed()
        expect(item).to_be_in_viewport(ratio=1)
        rows.add(round(item.bounding_box()["y"]))
    assert len(items) > 5 and len(rows) == 1
    mine = page.get_by_role("group", name="账号")
    for item in (mine.get_by_role("link", name="消息"), mine.get_by_role("link", name="工作台")):
        expect(item).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="退出").click()
    expect(mine.get_by_role("link", name="登录")).to_be_in_viewport(ratio=1)
