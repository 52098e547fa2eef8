"""The platform's own export of last year, changed in Excel and uploaded again: nothing is overwritten unasked."""

import io

from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import expect

from accounts.services.source_files import store_source_file
from achievements.models import Achievement
from achievements.services.revisions import pending_revision
from achievements.services.sheet_imports import start_sheet_import
from achievements.services.sheet_writing import write_ready_rows
from tests import factories as make
from tests.achievements.sheets import workbook
from tests.browser.conftest import PHONE
from tests.browser.test_pages import faults
from tests.browser.test_workbench import START, upload

UNIVERSITY, HEADER_ROW, FIRST, LAST = "大连理工大学", 2, 3, 26
CHANGES = {
    "意向价格": {row: 80 for row in range(3, 9)} | {13: "二百万", 14: 500000},
    "所处阶段": dict.fromkeys((5, 9, 10), "成熟应用阶段") | {15: "TRL6"},
    "负责人": {11: "示新任", 12: "王新任"},
    "产业链": {16: "教育"},
    "成果简介": {17: "联系13912345678。改进沉积设备的均匀性。"},
}
NEW = [
    {"意向价格": "三百万"},
    {"意向价格": 600000},
    {"联系电话": None, "产业链": "教育"},
    {"联系电话": "见附件", "产业链": "教育"},
]
CELLS = ("16-industry", "17-summary", "27-industry", "27-contact_phone", "28-contact_phone")


def titled(number: int) -> Achievement:
    return Achievement.objects.get(title=f"第{number}号薄膜沉积装置")


def last_year(office) -> None:
    """24 registered items, as they came by the sheet of last year."""
    rows = ({"成果名称": f"第{n}号薄膜沉积装置", "成果简介": f"第{n}种包覆层，提高循环寿命。"} for n in range(1, 25))
    source_file = store_source_file("achievements", content=workbook(*rows), name="去年.xlsx", by=office)
    write_ready_rows(start_sheet_import(source_file, by=office), by=office)
    now = timezone.now()
    for achievement in Achievement.objects.all():
        achievement.status, achievement.registry_number = Achievement.Status.REGISTERED, f"T-{achievement.pk}"
        achievement.registered_at = achievement.published_at = now
        achievement.save()


def this_year(exported: bytes) -> bytes:
    """Changes in rows of the export, the last two rows deleted, four new ones below."""
    book = load_workbook(io.BytesIO(exported))
    sheet = book.active
    columns = {cell.value: cell.column for cell in sheet[HEADER_ROW]}
    assert (sheet.cell(FIRST, columns["成果名称"]).value, sheet.max_row) == ("第1号薄膜沉积装置", LAST)
    for name, cells in CHANGES.items():
        for row, value in cells.items():
            sheet.cell(row, columns[name]).value = value
    sheet.delete_rows(LAST - 1, 2)
    for number, changes in enumerate(NEW, start=1):
        row = LAST - 2 + number
        for column in columns.values():
            sheet.cell(row, column).value = sheet.cell(FIRST + 20, column).value
        new = {
            "成果名称": f"今年第{number}项成形装置",
            "成果简介": f"第{number}种：两步成形，减小回弹。",
            "联系人": "示例人",
        }
        new |= {"联系电话": "0411-84700000", "入库编号": None, "状态": None, "入库时间": None} | changes
        for name, value in new.items():
            sheet.cell(row, columns[name]).value = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def paste(page, text: str) -> None:
    """As copied from a spreadsheet."""
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")


def test_last_years_sheet_again_with_changes_and_oddities(visit):
    office = make.institution_officer(make.institution(UNIVERSITY))
    last_year(office)
    desk = visit()
    desk.sign_in(office)
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = desk.go(reverse("my_achievements"))
    with page.expect_download() as started:
        page.get_by_role("link", name="导出全部栏目").click()
    content = this_year(started.value.path().read_bytes())

    desk.go(START)
    upload(page, content, "今年.xlsx")
    verdict = page.locator("section.verdict")
    expect(verdict).to_contain_text("另有 8 项与已录入的相同")
    groups = page.get_by_role("region", name="要商量的").locator("ul.fnd > li")
    expect(groups.filter(has_text="示例人")).to_contain_text("王新任")
    assert faults(desk) == []

    def decide(text: str, answer: str) -> None:
        group = groups.filter(has_text=text)
        expect(group).to_have_count(1)
        group.get_by_role("button", name=answer).click()
        expect(groups.filter(has_text=text)).to_have_count(0)

    decide("二百万", "全部采用")
    decide("500000", "就按这个")
    expect(groups.filter(has_text="“意向价格”和库里的不同")).to_contain_text("第 13 行 50–100 万元→改为200 万元")
    decide("“意向价格”和库里的不同", "用表里的")
    decide("“所处阶段”和库里的不同", "用表里的")
    decide("“负责人”和库里的不同", "保持库里的")
    groups.filter(has_text="非涉密确认").get_by_role("textbox").fill("是")
    decide("非涉密确认", "这 4 行都填它")

    page.get_by_role("link", name="在网页上改单元格").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("4 行还要改")
    assert faults(desk) == []
    cell = {name: page.locator(f"#c-{name}") for name in CELLS}
    page.keyboard.press("F8")
    expect(cell["16-industry"]).to_be_focused()
    page.keyboard.insert_text("新材料")  # it was selected
    expect(cell["16-industry"]).to_have_value("新材料")
    page.keyboard.press("Control+z")
    expect(cell["16-industry"]).to_have_value("教育")
    page.keyboard.insert_text("新材料")
    page.keyboard.press("Enter")
    expect(cell["17-summary"]).to_be_focused()
    cell["27-industry"].focus()
    paste(page, "新材料\t0411-84700001\r\n高端装备\t0411-84700002\r\n")
    expect(cell["28-contact_phone"]).to_be_focused()
    page.keyboard.press("Control+z")
    for name, text in {"27-industry": "教育", "27-contact_phone": "", "28-contact_phone": "见附件"}.items():
        expect(cell[name]).to_have_value(text)
    paste(page, "新材料\t0411-84700001\r\n高端装备\t0411-84700002\r\n")
    expect(cell["28-contact_phone"]).to_have_value("0411-84700002")
    page.keyboard.press("F8")  # the only one that is left
    expect(cell["17-summary"]).to_be_focused()
    page.keyboard.insert_text("电话13912345678，改进设备。")
    page.get_by_role("button", name="保存并重查").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 行还要改")
    expect(page.get_by_role("status")).to_contain_text("改了 6 格，其中 1 格还要再改")
    page.wait_for_load_state()  # the keys work once the script is there
    page.keyboard.press("F8")
    expect(cell["17-summary"]).to_be_focused()
    page.keyboard.insert_text("改进沉积设备的均匀性，提高良率。")
    page.get_by_role("button", name="保存并重查").click()
    expect(page.get_by_role("status")).to_contain_text("改了 1 格。")
    page.get_by_role("link", name="回到商量").click()
    decide("“成果简介”和库里的不同", "用表里的")
    expect(verdict.get_by_role("heading")).to_have_text("可以导入 17 项")
    assert (titled(1).price_max_wan, Achievement.objects.count()) == (100, 24), "nothing is written yet"
    page.get_by_role("button", name="先导入 17 项").click()
    expect(page.get_by_text("更新了 11 项已有的科技成果")).to_be_visible()
    expect(verdict.get_by_role("heading")).to_have_text("已导入 4 项科技成果")
    assert faults(desk) == []

    phone = visit(PHONE)
    phone.sign_in(office)
    mobile = phone.go(desk.path.partition("#")[0])
    mobile.get_by_role("link", name="逐项或成批答").tap()
    expect(mobile.get_by_role("heading", level=1)).to_have_text("2 项在库的成果不在这份表里")
    assert faults(phone) == []
    mobile.set_viewport_size(PHONE)
    mobile.get_by_role("button", name="第23号薄膜沉积装置").tap()
    expect(mobile.get_by_role("heading", level=1)).to_have_text("1 项在库的成果不在这份表里")
    mobile.get_by_role("checkbox", name="第24号薄膜沉积装置").check()
    mobile.get_by_label("暂停、下架的原因").fill("负责人已调离")
    mobile.get_by_role("button", name="暂停对接").tap()
    expect(mobile.get_by_text("没有要问的成果")).to_be_visible()
    assert faults(phone) == []

    prices = {row: titled(row - FIRST + 1).price_max_wan for row in CHANGES["意向价格"]}
    assert prices == {row: 80 for row in range(3, 9)} | {13: 200, 14: 50}
    assert titled(9).lead_person == titled(10).lead_person == "示例人", "it was to be kept"
    assert pending_revision(titled(3)).after == {"stage": "mature"}
    assert pending_revision(titled(15)).after == {"summary": "改进沉积设备的均匀性，提高良率。"}
    new = Achievement.objects.filter(title__startswith="今年").order_by("title")
    assert [*new.values_list("price_max_wan", "industry__name", "contact__phone")][2:] == [
        (100, "新材料", "0411-84700001"),
        (100, "高端装备", "0411-84700002"),
    ]
    assert [item.price_max_wan for item in new[:2]] == [300, 60]
    assert (titled(23).status, titled(24).status) == ("registered", "paused")
