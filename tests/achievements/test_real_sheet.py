"""Import of a workbook of real texts, which is not part of the repository."""

import pytest

from accounts.services.source_files import store_source_file
from achievements.imports import check_achievements
from achievements.models import Achievement
from achievements.services.importing import ImportResult, import_achievements
from tests import factories

NAMES = [
    "大连理工大学",
    "大连大学",
    "大连工业大学",
    "大连交通大学",
    "大连海洋大学",
    "大连海事大学",
    "中国科学院大连化学物理研究所",
]


@pytest.fixture
def workbook(shared_data):
    return (shared_data / "achievements_real_text.xlsx").read_bytes()


@pytest.fixture
def institutions(db):
    return [factories.institution(name) for name in NAMES]


@pytest.mark.long
def test_the_city_imports_all_seven_institutions(workbook, institutions):
    city = factories.city_officer()
    report = check_achievements(workbook, "征集汇总表.xlsx", by=city)
    assert [str(problem) for problem in report.errors] == []
    assert report.counts["rows"] == 524
    source = store_source_file("achievements", content=workbook, name="征集汇总表.xlsx", by=city)
    assert import_achievements(source, by=city) == ImportResult(524, 0, 0, 0)
    assert (
        Achievement.objects.filter(status=Achievement.Status.INSTITUTION_REVIEW, non_secret_confirmed=True).count()
        == 524
    )
    assert import_achievements(source, by=city) == ImportResult(0, 0, 0, 524)


@pytest.mark.long
def test_an_institution_imports_only_its_own_rows(workbook, institutions):
    office = factories.institution_officer(institutions[0])
    report = check_achievements(workbook, "征集汇总表.xlsx", by=office)
    assert len({problem.row for problem in report.errors}) == 356
    report = check_achievements(workbook, "征集汇总表.xlsx", by=office, only_own=True)
    assert report.ok
    assert any("另有 356 行" in notice for notice in report.notices)
    source = store_source_file("achievements", content=workbook, name="征集汇总表.xlsx", by=office)
    assert import_achievements(source, by=office, only_own=True) == ImportResult(168, 0, 0, 0)
    assert import_achievements(source, by=office, only_own=True) == ImportResult(0, 168, 0, 0)
    assert set(Achievement.objects.values_list("status", "institution__name")) == {("draft", NAMES[0])}
