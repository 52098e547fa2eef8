import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Contact
from accounts.services.source_files import store_source_file
from achievements.imports import check_achievements
from achievements.models import Achievement
from achievements.services.importing import ImportResult, import_achievements
from audit.models import AuditRecord
from sheets.archive import UnreadableSheet
from tests import factories
from tests.achievements.sheets import ROW, workbook

pytestmark = pytest.mark.django_db
FULL = {
    "成熟度标准": "TRL9",
    "成熟度等级": 6,
    "关键词": "三元正极；表面包覆",
    "技术指标/创新点": "循环寿命≥2000 次；工作温度 -20~60℃；采用原位包覆",
    "知识产权": "发明专利:ZL202210000000.1；软件著作权:2022SR000001",
    "完成人": "甲；乙（大连大学）",
    "评价方式/单位/日期": "验收/某检测中心/2026-05-01",
    "密级": "公开",
}


@pytest.fixture
def office():
    return factories.institution_officer(factories.institution("大连理工大学"))


def stored(*changes, by):
    return store_source_file("achievements", content=workbook(*changes), name="成果.xlsx", by=by)


def test_a_row_becomes_a_draft_with_all_its_values(office):
    source = stored(FULL, by=office)
    assert import_achievements(source, by=office) == ImportResult(1, 0, 0, 0)
    row = Achievement.objects.get()
    assert (row.status, row.source_file, row.source_row, row.created_by) == ("draft", source, 3, office)
    assert (row.maturity_scale, row.maturity_level, row.maturity_bucket) == ("trl9", 6, "pilot")
    assert (row.price_min_wan, row.price_max_wan, row.price_negotiable) == (50, 100, False)
    assert row.transfer_ways == ["licence", "equity"]
    assert [str(detail) for detail in row.indicators.all()] == ["循环寿命 ≥ 2000 次", "工作温度 -20–60℃"]
    assert row.innovation == "采用原位包覆"
    assert [str(detail) for detail in row.intellectual_property.all()] == [
        "发明专利 ZL202210000000.1",
        "软件著作权 2022SR000001",
    ]
    assert [(detail.name, detail.unit) for detail in row.completers.all()] == [("甲", ""), ("乙", "大连大学")]
    assert (row.evaluation, row.evaluated_by) == ("acceptance", "某检测中心")
    assert (row.contact.name, row.contact.phone, row.contact.consented_at) == ("示例联系人", "0411-00000000", None)
    source.refresh_from_db()
    assert source.written_at is not None
    assert source.created_rows == 1
    row.full_clean()


def test_importing_the_same_rows_again_changes_nothing(office):
    import_achievements(stored(FULL, {"成果名称": "另一项成果"}, by=office), by=office)
    before = list(Achievement.objects.order_by("pk").values())
    records = AuditRecord.objects.filter(object_type="achievements.achievement").count()
    again = stored(FULL, {"成果名称": "另一项成果"}, by=office)
    assert import_achievements(again, by=office) == ImportResult(0, 2, 0, 0)
    assert list(Achievement.objects.order_by("pk").values()) == before
    assert AuditRecord.objects.filter(object_type="achievements.achievement").count() == records
    assert Contact.objects.count() == 1


def test_a_corrected_sheet_updates_drafts_with_an_audit_record(office):
    import_achievements(stored(FULL, by=office), by=office)
    corrected = FULL | {"意向价格（万元）": "面议", "技术指标/创新点": "循环寿命≥3000 次", "成熟度等级": 8}
    assert import_achievements(stored(corrected, by=office), by=office) == ImportResult(0, 0, 1, 0)
    row = Achievement.objects.get()
    assert (row.price_min_wan, row.price_negotiable, row.maturity_bucket) == (None, True, "industrial")
    assert [str(detail) for detail in row.indicators.all()] == ["循环寿命 ≥ 3000 次"]
    changes = AuditRecord.objects.get(action="导入修改").changes
    assert changes["indicators"] == [["循环寿命 ≥ 2000 次", "工作温度 -20–60℃"], ["循环寿命 ≥ 3000 次"]]
    assert changes["maturity_level"] == [6, 8]


def test_absent_columns_keep_the_stored_values(office):
    import_achievements(stored(FULL, by=office), by=office)
    assert import_achievements(stored({}, by=office), by=office) == ImportResult(0, 1, 0, 0)
    assert Achievement.objects.get().indicators.count() == 2


def test_submitted_and_registered_achievements_are_skipped(office):
    import_achievements(stored({}, by=office), by=office)
    Achievement.objects.update(status="city_review")
    other = stored({"成果简介": "完全不同的简介，写得很长很长。"}, by=office)
    assert import_achievements(other, by=office) == ImportResult(0, 0, 0, 1)
    assert Achievement.objects.get().summary == ROW["成果简介"]


def test_rows_imported_by_the_city_await_the_institution():
    factories.institution("大连理工大学")
    city = factories.city_officer()
    import_achievements(stored({}, by=city), by=city)
    assert Achievement.objects.get().status == Achievement.Status.INSTITUTION_REVIEW


def test_one_invalid_row_prevents_the_import(office):
    source = stored({}, {"成果名称": "另一项成果", "意向价格（万元）": "面意"}, by=office)
    with pytest.raises(ValidationError, match="没有导入任何一行"):
        import_achievements(source, by=office)
    assert not Achievement.objects.exists()
    assert not Contact.objects.exists()
    source.refresh_from_db()
    assert source.written_at is None


def test_consent_is_taken_from_the_sheet_only(office):
    import_achievements(stored({"联系人同意对接使用": "同意"}, by=office), by=office)
    assert Contact.objects.get().consented_at is not None


def test_the_number_of_queries_does_not_grow_with_the_rows(office, django_assert_max_num_queries):
    office.scope  # noqa: B018 (read once before counting)
    source = stored(*({"成果名称": f"第{n}项成果"} | FULL for n in range(30)), by=office)
    with django_assert_max_num_queries(30):
        assert import_achievements(source, by=office).created == 30


CELLS = st.one_of(st.text(max_size=40), st.integers(-(10**6), 10**18), st.booleans(), st.none(), st.floats(width=32))


@pytest.mark.long
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.dictionaries(st.sampled_from([*ROW, *FULL]), CELLS, max_size=6))
def test_any_cell_content_is_stored_valid_or_refused(office, changes):
    """A row that passes the check passes model validation; other rows are refused without a crash."""
    Achievement.objects.all().delete()
    changes = {
        name: "".join(c for c in cell if c.isprintable()) if isinstance(cell, str) else cell
        for name, cell in changes.items()
    }
    content = workbook(FULL | changes)
    try:
        report = check_achievements(content, "成果.xlsx", by=office)
    except UnreadableSheet:
        return
    source = store_source_file("achievements", content=content, name="成果.xlsx", by=office)
    if report.ok:
        assert import_achievements(source, by=office).created == 1
        row = Achievement.objects.get()
        row.full_clean()
        for detail in (*row.indicators.all(), *row.intellectual_property.all(), *row.completers.all()):
            detail.full_clean()
    else:
        with pytest.raises(ValidationError):
            import_achievements(source, by=office)
        assert not Achievement.objects.exists()
