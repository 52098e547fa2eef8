"""Negotiated imports: good rows go in, the rest waits; decisions by group and by cell; what is learned; last year's."""

import io

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.services.source_files import store_source_file
from achievements.models import Achievement, AchievementRevision, LearnedSpelling, SheetFinding, SheetImportRow
from achievements.services import sheet_decisions, sheet_imports, sheet_writing
from achievements.services.sheet_imports import start_sheet_import
from achievements.services.sheet_writing import write_ready_rows
from achievements.sheet_import_view import groups_of
from achievements.tasks import read_sheet_import, write_sheet_import
from tests import factories
from tests.achievements.sheets import workbook
from tests.achievements.test_intake_layout import HEADERS, row
from tests.achievements.test_intake_layout import workbook as plain
from tests.browser_client import one_line

pytestmark = pytest.mark.django_db
State = SheetImportRow.State
PRICE, STAGE = "意向价格（万元）", "所处阶段"


@pytest.fixture
def office():
    return factories.institution_officer(factories.institution("大连理工大学"), username="office")


def started(*changes, by, **options):
    changes = [{"成果名称": f"示例成果第{n}号装置"} | change for n, change in enumerate(changes, 1)]
    content = workbook(*changes)
    source_file = store_source_file("achievements", content=content, name="成果.xlsx", by=by)
    return start_sheet_import(source_file, by=by, **options)


def states(sheet_import):
    return list(sheet_import.rows.values_list("state", flat=True))


def group(sheet_import, key, kind):
    return sheet_import.findings.filter(key=key, kind=kind, is_open=True).values_list("group", flat=True)[0]


def test_good_rows_go_in_and_the_rest_waits_until_it_is_decided(office):
    sheet = started({}, {PRICE: "二百万"}, {PRICE: 500000}, {"联系电话": None}, by=office)
    assert states(sheet) == [State.READY, State.OPEN, State.OPEN, State.OPEN]
    assert write_ready_rows(sheet, by=office).created == 1
    assert write_ready_rows(sheet, by=office).created == 0
    sheet_decisions.accept_all_proposals(sheet, by=office)
    sheet_decisions.decide_group(sheet, group(sheet, "price", "asked"), "accept", by=office)
    sheet_decisions.fill_missing(sheet, "contact_phone", "84700000", by=office)
    assert states(sheet) == [State.WRITTEN, State.READY, State.READY, State.READY]
    assert write_ready_rows(sheet, by=office).created == 3
    prices = dict(Achievement.objects.values_list("source_row", "price_max_wan"))
    assert prices == {3: 100, 4: 200, 5: 50, 6: 100}
    assert Achievement.objects.get(source_row=6).contact.phone == "0411-84700000"
    row = sheet.rows.first()
    assert (row.values, row.cells) == ({}, {}), "names and numbers are kept once"


def test_one_of_two_meanings_is_chosen_and_learned_and_taken_back(office):
    sheet = started({STAGE: "试生产"}, {STAGE: "试生产"}, by=office)
    name = group(sheet, "stage", "asked")
    with pytest.raises(ValidationError):
        sheet_decisions.decide_group(sheet, name, "accept", by=office, option=7)
    assert sheet_decisions.decide_group(sheet, name, "accept", by=office, option=0) == 2
    write_ready_rows(sheet, by=office)
    assert set(Achievement.objects.values_list("stage", flat=True)) == {"mature"}
    again = started({STAGE: "试生产", "成果名称": "另一项示例装置"}, by=office)
    assert states(again) == [State.READY]
    learned = LearnedSpelling.objects.get()
    assert (learned.written, learned.shown, learned.organisation) == (
        "试生产",
        "成熟应用阶段",
        office.memberships.get().organisation,
    )
    other = factories.institution_officer(factories.institution("大连大学"))
    assert not LearnedSpelling.objects.visible_to(other).exists()
    sheet_decisions.forget(learned, by=office)
    assert states(started({STAGE: "试生产", "成果名称": "第三项示例装置"}, by=office)) == [State.OPEN]


def test_cells_are_edited_and_read_again(office):
    sheet = started({"产业链": "教育"}, {"成果简介": "采用两步成形，联系手机 13912345678 洽谈。"}, by=office)
    numbers = list(sheet.rows.values_list("number", flat=True))
    texts = {(numbers[0], "industry"): "氢能与燃料电池", (numbers[1], "summary"): "电话13912345678，采用两步成形工艺。"}
    assert sheet_decisions.edit_cells(sheet, texts, by=office) == 1
    assert states(sheet) == [State.READY, State.OPEN]
    finding = SheetFinding.objects.get(is_open=True)
    assert (finding.key, finding.kind) == ("summary", "refused") and "手机号" in finding.message
    with pytest.raises(ValidationError):
        sheet_decisions.decide(sheet, [finding.pk], "accept", by=office)
    sheet_decisions.decide(sheet, [finding.pk], "leave", by=office)
    assert states(sheet) == [State.READY, State.LEFT]
    write_ready_rows(sheet, by=office)
    assert Achievement.objects.get().industry.slug == "energy"


def test_headers_are_mapped_by_hand_and_remembered(office):
    content = plain([*HEADERS[:12], "怎么找人", HEADERS[13]], row(1))
    source_file = store_source_file("achievements", content=content, name="表.xlsx", by=office)
    sheet = start_sheet_import(source_file, by=office)
    assert states(sheet) == [State.OPEN] and sheet.layout["missing"] == ["contact_phone"]
    with pytest.raises(ValidationError, match="请只留一列"):
        sheet_decisions.map_headers(sheet, {13: "title", 2: "title"}, by=office)
    sheet_decisions.map_headers(sheet, {13: "contact_phone"}, by=office)
    assert states(sheet) == [State.READY]
    again = store_source_file("achievements", content=content, name="表2.xlsx", by=office)
    assert states(start_sheet_import(again, by=office)) == [State.READY]


def test_a_missing_column_takes_one_text_for_all_rows(office):
    content = plain(HEADERS[:-1], row(1)[:-1], row(2)[:-1])
    source_file = store_source_file("achievements", content=content, name="表.xlsx", by=office)
    sheet = start_sheet_import(source_file, by=office)
    with pytest.raises(ValidationError, match="非涉密确认"):
        sheet_decisions.map_headers(sheet, {}, by=office, constants={"non_secret": "待审查"})
    sheet_decisions.map_headers(sheet, {}, by=office, constants={"non_secret": "不涉密"})
    assert states(sheet) == [State.READY, State.READY]


def test_last_years_sheet_changes_field_by_field_what_was_accepted(office):
    write_ready_rows(started({}, {}, {}, by=office), by=office)
    changed = started(
        {PRICE: 80, "负责人": "另一人"}, {}, {"负责人": "第三人"}, {"成果名称": "今年的新装置"}, by=office
    )
    assert states(changed) == [State.OPEN, State.KEPT, State.OPEN, State.READY]
    groups = set(changed.findings.values_list("group", flat=True))
    assert {"changed::price_max_wan", "changed::lead_person"} == groups
    price = changed.findings.get(key="price_max_wan")
    assert (price.written, price.shown) == ("50–100 万元", "80 万元")
    lead = changed.findings.filter(key="lead_person").order_by("row__number")
    assert [(finding.written, finding.shown) for finding in lead] == [("示例人", "另一人"), ("示例人", "第三人")]
    assert [group.examples for group in groups_of(changed)[0]] == [[(5, "示例人", "第三人")], []]
    sheet_decisions.decide(changed, [lead[0].pk], "keep", by=office)
    sheet_decisions.decide_group(changed, "changed::lead_person", "accept", by=office)
    sheet_decisions.decide_group(changed, "changed::price_max_wan", "accept", by=office)
    result = write_ready_rows(changed, by=office)
    assert (result.created, result.updated) == (1, 2)
    first, third = (Achievement.objects.get(title=f"示例成果第{n}号装置") for n in (1, 3))
    assert (first.price_max_wan, first.lead_person, third.lead_person) == (80, "示例人", "第三人")


def test_a_sheet_uploaded_again_is_not_asked_what_was_decided(office):
    changes = [{PRICE: "二百万"}, {PRICE: 500000}, {PRICE: "三百万", "联系电话": None}]
    sheet = started(*changes, by=office)
    sheet_decisions.accept_all_proposals(sheet, by=office)
    sheet_decisions.decide_group(sheet, group(sheet, "price", "asked"), "accept", by=office)
    write_ready_rows(sheet, by=office)
    assert states(sheet) == [State.WRITTEN, State.WRITTEN, State.OPEN]
    changes[2]["联系电话"] = "0411-84700000"
    again = started(*changes, by=office)
    assert states(again) == [State.KEPT, State.KEPT, State.READY]
    write_ready_rows(again, by=office)
    assert set(Achievement.objects.values_list("price_max_wan", flat=True)) == {200, 50, 300}
    changes[0] |= {PRICE: 250, "成果简介": "改过的简介：采用两步成形，精度提高。"}
    third = started(*changes, by=office)
    sheet_decisions.decide_group(third, "changed::price_max_wan", "keep", by=office)
    sheet_decisions.decide_group(third, "changed::summary", "accept", by=office)
    write_ready_rows(third, by=office)
    assert states(started(*changes, by=office)) == [State.KEPT] * 3
    changes[0][PRICE] = 260
    assert states(started(*changes, by=office)) == [State.OPEN, State.KEPT, State.KEPT], "another value is asked"


def test_details_of_items_that_stand_already_are_read_once_for_all_open_cells(office):
    dear = [{PRICE: 500000}] * 3
    sheet = started(*dear, by=office)
    sheet_decisions.decide_group(sheet, group(sheet, "price", "asked"), "accept", by=office)
    write_ready_rows(sheet, by=office)
    counts = []
    for number in (1, 3):
        with CaptureQueriesContext(connection) as queries:
            again = started(*dear[:number], by=office)
        assert states(again) == [State.KEPT] * number  # the registry has what the cell can mean
        counts.append(sum('FROM "achievements_indicator"' in query["sql"] for query in queries))
    assert counts[0] == counts[1] > 0


def test_a_registered_item_gets_a_proposal_and_is_not_overwritten(office):
    institution = office.memberships.get().organisation
    item = factories.achievement(institution=institution, title="示例成果第1号装置")
    sheet = started({"成果简介": "另一种做法：两步成形与在线补偿，精度提高。"}, by=office)
    for name in set(sheet.findings.values_list("group", flat=True)):
        action = "accept" if name == "changed::summary" else "keep"
        sheet_decisions.decide_group(sheet, name, action, by=office)
    before = item.summary
    assert write_ready_rows(sheet, by=office).updated == 1
    item.refresh_from_db()
    assert item.summary == before
    assert set(AchievementRevision.objects.get().after) == {"summary"}
    again = started({"成果简介": "另一种做法：两步成形与在线补偿，精度提高。"}, by=office)
    assert states(again) == [State.KEPT], "what waits for the city is not asked again"
    scenario = {"成果简介": "另一种做法：两步成形与在线补偿，精度提高。", "应用场景": "汽车覆盖件冲压。"}
    kept = started({"成果简介": "第三种做法：两步成形与在线补偿，精度提高。"}, by=office)
    sheet_decisions.decide_group(kept, "changed::summary", "keep", by=office)
    assert write_ready_rows(kept, by=office).updated == 0, "nothing was taken from the sheet"
    third = started(scenario, by=office)
    assert set(third.findings.values_list("group", flat=True)) == {"changed::scenario"}
    sheet_decisions.decide_group(third, "changed::scenario", "accept", by=office)
    write_ready_rows(third, by=office)
    assert set(AchievementRevision.objects.pending().get().after) == {"summary", "scenario"}


def test_a_long_sheet_is_read_by_a_task_stopped_and_resumed(office, monkeypatch):
    monkeypatch.setattr(sheet_imports, "AT_ONCE", 1)
    monkeypatch.setattr(sheet_imports, "BATCH_SIZE", 1)
    sheet = started({}, {}, {}, by=office)
    assert (sheet.status, sheet.row_count, sheet.read_count) == ("reading", 3, 0)
    with pytest.raises(ValidationError, match="还在读取"):
        write_ready_rows(sheet, by=office)
    sheet_imports.cancel(sheet, by=office)
    read_sheet_import(sheet.pk)
    assert sheet.rows.count() == 0
    sheet_imports.resume(sheet, by=office)
    stored = sheet_imports._store

    def lost(*args):
        if sheet.rows.count() == 2:
            raise ConnectionError
        stored(*args)

    monkeypatch.setattr(sheet_imports, "_store", lost)
    with pytest.raises(ConnectionError):
        read_sheet_import(sheet.pk)
    monkeypatch.setattr(sheet_imports, "_store", stored)
    read_sheet_import(sheet.pk)
    sheet.refresh_from_db()
    assert (sheet.status, sheet.read_count, states(sheet)) == ("open", 3, [State.READY] * 3)


def test_a_long_sheet_is_imported_by_a_task_killed_stopped_and_resumed(office, monkeypatch):
    sheet = started(*[{}] * 5, by=office)
    monkeypatch.setattr(sheet_writing, "AT_ONCE", 1)
    monkeypatch.setattr(sheet_writing, "BATCH_SIZE", 2)
    assert sheet_writing.begin_writing(sheet, by=office) is None
    with pytest.raises(ValidationError, match="还在读取或导入"):
        sheet_writing.begin_writing(sheet, by=office)
    recorded = sheet_writing.record_import_result

    def killed(*args):
        if sheet.rows.filter(state=State.WRITTEN).exists():
            raise SystemExit  # after the rows of the second batch, before its end
        recorded(*args)

    monkeypatch.setattr(sheet_writing, "record_import_result", killed)
    with pytest.raises(SystemExit):
        write_sheet_import(sheet.pk, office.pk)
    assert (Achievement.objects.count(), states(sheet).count(State.WRITTEN)) == (2, 2)
    monkeypatch.setattr(sheet_writing, "record_import_result", recorded)
    sheet_imports.cancel(sheet, by=office)
    write_sheet_import(sheet.pk, office.pk)
    assert Achievement.objects.count() == 2, "it was stopped"
    assert sheet_writing.begin_writing(sheet, by=office) is None
    sheet_imports.resume(sheet, by=office)
    write_sheet_import(sheet.pk, office.pk)
    write_sheet_import(sheet.pk, office.pk)
    sheet.refresh_from_db()
    sheet.source_file.refresh_from_db()
    assert (sheet.status, states(sheet)) == ("open", [State.WRITTEN] * 5)
    assert (Achievement.objects.count(), sheet.source_file.created_rows) == (5, 5)


@pytest.mark.long
def test_items_that_the_sheet_does_not_name_are_asked_about(client, office):
    institution = office.memberships.get().organisation
    items = [factories.achievement(title=f"在库成果第{n}号", institution=institution) for n in range(5)]
    other = factories.achievement(title="别家的成果", institution=factories.institution("大连大学"))
    sheet = started({"成果名称": items[0].title}, {"成果名称": items[4].title, PRICE: 500000}, by=office)
    url = reverse("sheet_import_absent", args=[sheet.source_file.public_id])
    client.force_login(office)
    assert "3 项您单位的成果" in one_line(client.get(reverse("import_report", args=[sheet.source_file.public_id])).text)
    assert other.title not in client.get(url).text
    client.post(url, {"answer": "withdraw", "item": [item.pk for item in items[1:]], "reason": ""})
    client.post(url, {"answer": "withdraw", "reason": "全部下架"})
    client.post(url, {"answer": "", "item": [items[1].pk], "reason": "按了回车"})
    client.post(url, {"answer": "pause", "item": [items[0].pk, other.pk], "reason": "不在表里的才能答"})
    assert not Achievement.objects.filter(status__in=["withdrawn", "paused"]).exists()
    assert not Achievement.objects.exclude(expires_on=None).exists()
    client.post(url, {"one": items[1].pk})
    client.post(url, {"answer": "pause", "item": [items[2].pk], "reason": "等待专利授权"})
    assert "没有要问的" not in client.get(url).text
    client.post(url, {"answer": "withdraw", "item": [items[3].pk], "reason": "负责人已调离"})
    assert "没有要问的" in client.get(url).text
    statuses = dict(Achievement.objects.values_list("title", "status"))
    assert [statuses[item.title] for item in items] == ["registered", "registered", "paused", "withdrawn", "registered"]
    items[1].refresh_from_db()
    assert items[1].expires_on.year >= 2028


def test_rows_of_others_are_not_written_by_anybody_who_does_not_represent_them(office):
    city = factories.city_officer()
    factories.institution("大连大学")
    sheet = started({"第一完成单位": "大连大学"}, by=city)
    assert states(sheet) == [State.READY]
    with pytest.raises(PermissionDenied):
        write_ready_rows(sheet, by=office)
    assert not Achievement.objects.exists()


def test_the_pages_of_an_import(client, office):
    client.force_login(office)
    file = io.BytesIO(
        workbook(
            {"成果名称": "示例成果第1号装置", PRICE: "<b>二百万</b>"},
            {"成果名称": "示例成果第2号装置", PRICE: "二百万"},
            {"成果名称": "示例成果第3号装置", "产业链": "教育"},
        )
    )
    file.name = "成果.xlsx"
    page = client.post(reverse("import_start", args=["achievements"]), {"file": file}, follow=True)
    address = page.context["source_file"].public_id
    text = one_line(page.text)
    assert "200 万元" in text and "教育" in text and "<b>二百万" not in page.text
    decide, cells = reverse("sheet_import_decide", args=[address]), reverse("sheet_import_cells", args=[address])
    client.post(decide, {"action": "all"})
    client.post(decide, {"action": "nonsense", "group": "x" * 900, "option": "9" * 50})
    grid = client.get(cells)
    assert "1 行还要改" in grid.text and 'name="c-5-industry"' in grid.text
    done = client.post(
        cells, {"c-5-industry": "氢能", "was-5-industry": "教育", "c-5-nothing": "x", "c-99-title": "y"}, follow=True
    )
    assert done.status_code == 200
    assert "可以导入" in one_line(client.get(reverse("import_report", args=[address])).text)
    client.force_login(factories.institution_officer(factories.institution("大连大学")))
    for name in ("sheet_import_decide", "sheet_import_headers", "import_run"):
        assert client.post(reverse(name, args=[address])).status_code == 404
    assert client.get(cells).status_code == 404
