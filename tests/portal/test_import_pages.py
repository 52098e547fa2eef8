"""Import pages: refusal, marked errors, correction, import, repeated import."""

import io

import pytest
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from accounts.models import SourceFile
from achievements.models import Achievement
from brokers.models import Agency
from demands.models import Demand
from tests import factories as make
from tests.browser_client import one_line

ACHIEVEMENT = {
    "成果名称": "氢燃料电池双极板冲压成形工艺",
    "第一完成单位": "大连理工大学",
    "负责人": "示例人",
    "成果类别": "应用技术成果",
    "成果体现形式": "新工艺",
    "所处阶段": "中期阶段（中试）",
    "产业链": "洁净能源",
    "成果简介": "解决薄板冲压回弹导致的流道精度不足，采用两步成形与在线补偿，流道深度偏差明显减小。",
    "技术指标/创新点": "流道深度偏差≤0.02 mm",
    "拟转化方式": "技术许可",
    "意向价格（万元）": "约50万",
    "转化意愿": "愿意",
    "联系人": "示例人",
    "联系电话": "0411-00000000",
    "非涉密确认": "是",
}
DEMAND = {
    "需求名称": "高速轴承保持架减摩",
    "企业名称": "大连演示轴承有限公司",
    "所属区市县": "金普新区",
    "需求类型": "技术攻关",
    "主要问题": "高速运转后保持架发热明显，想找减摩涂层或材料。",
    "是否匿名发布": "是",
}


def sheet(*rows: dict) -> bytes:
    book = Workbook()
    book.active.append(["汇总表"])
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append(list(row.values()))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def upload(client, kind, content: bytes, name="成果.xlsx", **fields):
    file = io.BytesIO(content)
    file.name = name
    return client.post(reverse("import_start", args=[kind]), {"file": file, **fields}, follow=True)


def press_import(client, page, **fields):
    source_file = page.context["source_file"]
    return client.post(reverse("import_write", args=[source_file.public_id]), fields, follow=True)


@pytest.fixture
def officer_client(client, db):
    client.force_login(make.institution_officer())
    return client


def test_sheet_with_errors_is_marked_corrected_and_imported(officer_client):
    wrong = upload(officer_client, "achievements", sheet(ACHIEVEMENT | {"意向价格（万元）": "面意"}))
    assert (
        "有 1 行还要定或要改" in one_line(wrong.text)
        and "面意" in one_line(wrong.text)
        and "意向价格" in one_line(wrong.text)
    )
    assert Achievement.objects.count() == 0
    refused = press_import(officer_client, wrong)
    assert Achievement.objects.count() == 0 and "还没有可以导入的行" in one_line(refused.text)

    marked = officer_client.get(reverse("import_marked", args=[wrong.context["source_file"].public_id]))
    book = load_workbook(io.BytesIO(marked.content))
    (cell,) = [cell for row in book.active.iter_rows() for cell in row if cell.comment]
    assert cell.value == "面意"
    cell.value = "面议"
    repaired = io.BytesIO()
    book.save(repaired)

    right = upload(officer_client, "achievements", repaired.getvalue())
    assert "可以导入 1 项" in one_line(right.text)
    done = press_import(officer_client, right)
    assert "已导入 1 项科技成果" in one_line(done.text) and "去提交草稿" in one_line(done.text)
    (achievement,) = Achievement.objects.all()
    assert (achievement.status, achievement.price_text, achievement.source_row) == ("draft", "面议", 3)


def test_second_import_request_changes_nothing(officer_client):
    checked = upload(officer_client, "achievements", sheet(ACHIEVEMENT))
    press_import(officer_client, checked)
    again = press_import(officer_client, checked)
    assert Achievement.objects.count() == 1 and "已导入 1 项" in one_line(again.text)


def test_repeated_file_is_announced_and_changes_nothing(officer_client):
    content = sheet(ACHIEVEMENT)
    first = upload(officer_client, "achievements", content)
    assert "导入过" not in one_line(first.text)
    press_import(officer_client, first)
    checked = upload(officer_client, "achievements", content, name="换了名字.xlsx")
    assert "同一份文件已于" in one_line(checked.text) and "导入过" in one_line(checked.text)
    again = press_import(officer_client, checked)
    assert "没有新增科技成果" in one_line(again.text) and "没有重复录入" in one_line(again.text)
    assert (Achievement.objects.count(), SourceFile.objects.count()) == (1, 2)


@pytest.mark.long
def test_updated_and_skipped_rows_are_reported(officer_client):
    press_import(
        officer_client,
        upload(officer_client, "achievements", sheet(ACHIEVEMENT, ACHIEVEMENT | {"成果名称": "另一项成果"})),
    )
    Achievement.objects.filter(title="另一项成果").update(status=Achievement.Status.CITY_REVIEW)
    changed = [ACHIEVEMENT | {"负责人": "另一人"}, ACHIEVEMENT | {"成果名称": "另一项成果", "负责人": "另一人"}]
    page = upload(officer_client, "achievements", sheet(*changed))
    assert "和库里的不同" in page.text
    unchanged = press_import(officer_client, page)
    assert "还没有可以导入的行" in unchanged.text and not Achievement.objects.filter(lead_person="另一人").exists()
    decide = reverse("sheet_import_decide", args=[page.context["source_file"].public_id])
    officer_client.post(decide, {"group": "changed::lead_person", "action": "accept"})
    done = press_import(officer_client, page)
    assert "更新了 1 项已有的科技成果" in one_line(done.text) and "另有 1 项与已录入的相同或已在审核" in one_line(
        done.text
    )
    assert set(Achievement.objects.values_list("lead_person", "status")) == {
        ("另一人", "draft"),
        ("示例人", "city_review"),
    }


def test_sheet_with_warnings_can_be_imported(client, db):
    client.force_login(make.district_officer())
    page = upload(client, "demands", sheet(DEMAND | {"需求类型": "技术攻关", "拟投入资金（万元）": "50-60"}))
    assert "可以导入 1 项" in one_line(page.text)


def test_colleague_can_open_the_report_and_import(officer_client, client):
    stored = upload(officer_client, "achievements", sheet(ACHIEVEMENT)).context["source_file"]
    client.force_login(make.institution_officer())
    page = client.get(reverse("import_report", args=[stored.public_id]))
    assert "可以导入 1 项" in one_line(page.text)
    press_import(client, page)
    assert Achievement.objects.get().source_file == stored


def test_foreign_rows_can_be_left_out(officer_client):
    make.institution("大连大学")
    content = sheet(ACHIEVEMENT, ACHIEVEMENT | {"第一完成单位": "大连大学", "成果名称": "另一项成果"})
    assert "有 1 行还要定或要改" in one_line(upload(officer_client, "achievements", content).text)
    own = upload(officer_client, "achievements", content, own="1")
    assert "可以导入 1 项" in one_line(own.text)
    press_import(officer_client, own, own="1")
    assert [a.institution.name for a in Achievement.objects.all()] == ["大连理工大学"]


def test_file_that_is_no_sheet_is_refused_and_not_stored(officer_client):
    page = upload(officer_client, "achievements", b"%PDF-1.7 nothing", name="成果.xlsx")
    assert page.status_code == 422 and "这个文件没有被接收" in one_line(page.text)
    assert SourceFile.objects.count() == 0
    empty = officer_client.post(reverse("import_start", args=["achievements"]), {})
    assert empty.status_code == 422 and "还没有选择文件" in one_line(empty.text)


def test_secret_sheet_is_refused_and_not_stored(officer_client):
    page = upload(officer_client, "achievements", sheet(ACHIEVEMENT | {"非涉密确认": "否"}))
    assert page.status_code == 422 and "涉密" in one_line(page.text)
    assert (SourceFile.objects.count(), Achievement.objects.count()) == (0, 0)


def test_district_officer_imports_demands_of_own_firms(client, db):
    client.force_login(make.district_officer())
    page = upload(
        client, "demands", sheet(DEMAND, DEMAND | {"企业名称": "庄河演示水产有限公司", "所属区市县": "庄河市"}), own="1"
    )
    done = press_import(client, page, own="1")
    assert "去初审导入的需求" in one_line(done.text)
    (demand,) = Demand.objects.all()
    assert (demand.firm.name, demand.status, demand.is_anonymous) == ("大连演示轴承有限公司", "district_review", True)


def test_city_officer_imports_agencies(client, db):
    client.force_login(make.city_officer())
    template = client.get(reverse("import_template", args=["agencies"]))
    assert load_workbook(io.BytesIO(template.content)).sheetnames
    row = {"机构名称": "大连演示技术转移中心", "机构类别": "技术转移"}
    page = press_import(client, upload(client, "agencies", sheet(row)))
    assert "已导入 1 家服务机构" in one_line(page.text) and Agency.objects.count() == 1


@pytest.mark.parametrize("kind", ["achievements", "demands", "agencies", "brokers", "nothing"])
def test_import_permissions_by_role(client, db, kind):
    may = {
        "achievements": {"office", "city"},
        "demands": {"firm", "district", "city"},
        "agencies": {"city"},
        "brokers": {"city"},
        "nothing": set(),
    }[kind]
    users = {
        "office": make.institution_officer(),
        "firm": make.firm_officer(),
        "district": make.district_officer(),
        "city": make.city_officer(),
        "auditor": make.auditor(),
        "nobody": make.user(),
    }
    allowed = set()
    for name, user in users.items():
        client.force_login(user)
        if client.get(reverse("import_start", args=[kind])).status_code == 200:
            allowed.add(name)
    assert allowed == may


def test_report_is_visible_to_the_uploader_only(client, officer_client):
    stored = upload(officer_client, "achievements", sheet(ACHIEVEMENT)).context["source_file"]
    addresses = [reverse(name, args=[stored.public_id]) for name in ("import_report", "import_marked")]
    assert {officer_client.get(address).status_code for address in addresses} == {200}
    client.force_login(make.institution_officer(make.institution("大连大学")))
    assert {client.get(address).status_code for address in addresses} == {404}
    assert client.post(reverse("import_write", args=[stored.public_id])).status_code == 404
    assert Achievement.objects.count() == 0
