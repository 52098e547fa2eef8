import pytest

from accounts.models import SourceFile
from achievements.imports import SecretSheet, achievement_template, check_achievements
from achievements.models import Achievement
from achievements.sheet_columns import achievement_columns
from audit.models import AuditRecord
from sheets.archive import UnreadableSheet
from sheets.checking import ERROR, WARNING
from sheets.reading import read_workbook
from taxonomy.models import Industry
from tests import factories
from tests.achievements.sheets import workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return factories.institution_officer(factories.institution("大连理工大学"))


def check(*changes, by, **kwargs):
    return check_achievements(workbook(*changes), "成果.xlsx", by=by, **kwargs)


def problems(report, level=ERROR):
    return [str(problem) for problem in report.problems if problem.level == level]


def value(column, text, office):
    """The parsed value of one cell."""
    report = check({column: text}, by=office)
    assert problems(report) == []
    key = next(k for k, at in report.sheet.header.positions.items() if report.sheet.header.texts[at] == column)
    return report.rows[0].values[key]


def test_the_check_of_a_valid_row_writes_nothing(office):
    report = check({}, by=office)
    assert problems(report) == []
    assert report.ok
    assert not Achievement.objects.exists()
    assert not SourceFile.objects.exists()
    assert not AuditRecord.objects.filter(object_type__startswith="achievements.").exists()


@pytest.mark.parametrize(
    ("column", "text", "expected"),
    [
        ("拟转化方式", "转让", ("assignment",)),
        ("拟转化方式", "许可，合作转化、作价投资", ("licence", "joint_development", "equity")),
        ("拟转化方式", "委托开发\n咨询服务", ("commissioned", "service")),
        ("所处阶段", "初期阶段（实验室、小试）", "early"),
        ("所处阶段", "小试", "early"),
        ("所处阶段", "已有样品", "middle"),
        ("所处阶段", "可以量产", "mature"),
        ("产业链", "氢能", "energy"),
        ("成熟度标准", "GB/T 37264-2018", "gbt37264"),
        ("成熟度标准", "GB/T 22900", "gbt22900_13"),
        ("成熟度等级", "TRL ７ 级", 7),
        ("转化意愿", "无意愿", "unwilling"),
        ("关键词", "三元正极；表面、界面包覆；循环寿命", ("三元正极", "表面、界面包覆", "循环寿命")),
        ("完成人", "甲（大连理工大学）；乙", (("甲", "大连理工大学"), ("乙", ""))),
        ("评价方式/单位/日期", "鉴定/某检测中心/2026年5月", ("appraisal", "某检测中心", "2026-05-01")),
        ("是否可先使用后付费", "√", True),
        ("密级", "公开", "公开"),
    ],
)
def test_synonyms_and_formats_of_values(column, text, expected, office):
    read = value(column, text, office)
    if column == "产业链":
        read = Industry.objects.get(pk=read).slug
    if column == "评价方式/单位/日期":
        read = (read.kind, read.by, read.on.isoformat())
    assert read == expected


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"意向价格（万元）": "面意"}, "第3行“意向价格（万元）”填的是“面意”"),
        ({"成熟度等级": 10}, "所选标准只有 9 级"),
        ({"关键词": "一；二；三；四"}, "最多 3 个"),
        ({"知识产权": "ZL202210000000.1"}, "缺少类型或号码"),
        ({"成果名称": None}, "第3行“成果名称”没有填写"),
        ({"联系电话": "12"}, "不像电话号码"),
        ({"第一完成单位": "大连理工大"}, "是不是“大连理工大学”？"),
        ({"所处阶段": "差不多"}, "请填其一：初期阶段"),
        ({"非涉密确认": None}, "第3行“非涉密确认”没有填写"),
        ({"成果简介": "长" * 3001}, "超过 3000 字的上限"),
    ],
)
def test_errors_name_row_field_and_value(change, sentence, office):
    report = check(change, by=office)
    assert any(sentence in problem for problem in problems(report)), problems(report)
    assert not report.ok


def test_a_level_without_a_scale_is_trl_with_a_warning(office):
    report = check({"成熟度等级": 6}, by=office)
    assert report.ok
    assert problems(report, WARNING) == ["第3行“成熟度标准”没有写明成熟度标准，按“技术就绪度（9 级）”处理"]


def test_duplicate_rows_in_the_sheet_are_errors(office):
    report = check({}, {"成果名称": "高镍三元正极材料 表面包覆技术"}, by=office)
    assert any("第4行“成果名称”" in problem and "与第3行重复" in problem for problem in problems(report))


def test_rows_of_other_institutions_are_errors_or_skipped(office):
    factories.institution("大连大学")
    rows = ({}, {"第一完成单位": "大连大学", "成果名称": "另一单位的成果", "意向价格（万元）": "乱写"})
    report = check(*rows, by=office)
    assert any("第4行“第一完成单位”" in problem and "其他单位" in problem for problem in problems(report))
    report = check(*rows, by=office, only_own=True)
    assert report.ok
    assert "另有 1 行属于其他单位，未导入" in report.notices
    assert check(*rows[:1], {"第一完成单位": "大连大学", "成果名称": "另一单位的成果"}, by=factories.city_officer()).ok


def test_a_misspelt_own_name_is_an_error_with_only_own(office):
    report = check({"第一完成单位": "大连理工大"}, by=office, only_own=True)
    assert any("大连理工大学" in problem for problem in problems(report))


def test_a_sheet_without_own_rows_is_an_error(office):
    factories.institution("大连大学")
    report = check({"第一完成单位": "大连大学"}, by=office, only_own=True)
    assert any("没有您单位的成果" in problem for problem in problems(report))


@pytest.mark.parametrize("level", ["秘密", "机密", "绝密", "内部", "机密★10年", "密"])
def test_a_classified_row_refuses_the_whole_sheet(level, office):
    with pytest.raises(SecretSheet, match="第4行“密级”写着"):
        check({"密级": "公开"}, {"密级": level, "成果名称": "另一项成果"}, by=office)


@pytest.mark.parametrize(
    "change",
    [{"非涉密确认": "否"}, {"成果简介": "机密★长期 本成果用于某工程的材料制备。"}, {"备注": "密级：秘密"}],
)
def test_a_secrecy_marking_refuses_the_whole_sheet(change, office):
    with pytest.raises(SecretSheet, match="文件没有保存"):
        check(change, by=office)


def test_ordinary_words_in_a_sheet_are_no_marking(office):
    summary = "基于秘密共享的多方计算方法，保护技术秘密，提高机密计算效率。"
    assert check({"成果简介": summary, "密级": "无"}, by=office).ok


def test_another_file_type_is_unreadable(office):
    with pytest.raises(UnreadableSheet):
        check_achievements(b"%PDF-1.7 not a sheet", "成果.xlsx", by=office)


def test_a_notice_reports_rows_skipped_as_registered(office):
    factories.achievement(title="高镍三元正极材料表面包覆技术", institution=factories.institution("大连理工大学"))
    report = check({}, by=office)
    assert report.ok
    assert any("与“已入库”的成果同名" in notice for notice in report.notices)


def test_the_template_can_be_read_by_the_check(office):
    with pytest.raises(UnreadableSheet, match="下面没有数据"):
        read_workbook(achievement_template(), achievement_columns(), filename="模板.xlsx")
