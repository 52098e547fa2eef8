import io

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from sheets import marking
from sheets.archive import Limits
from sheets.checking import WARNING, UniqueTogether, check_rows
from sheets.marking import mark_workbook
from sheets.reading import read_workbook

from .workbooks import COLUMNS, HEADER, ROW, make_workbook, patch_archive

RED, YELLOW = "FFFFC7CE", "FFFFEB9C"


def check(data, filename="成果.xlsx"):
    return check_rows(
        read_workbook(data, COLUMNS, filename=filename, limits=Limits(ratio=2000)),
        unique=[UniqueTogether(("title", "unit"))],
    )


def loaded(data):
    return load_workbook(io.BytesIO(data))


def edited(data, **cells):
    workbook = loaded(data)
    for name, value in cells.items():
        workbook.worksheets[0][name] = value
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def test_marked_workbook_can_be_corrected_and_uploaded_again():
    original = make_workbook(["成果汇总表"], HEADER, ["甲", "u", "面意"], ["乙", None, "=A1"], ROW)
    report = check(original)
    report.add(5, "price", "偏低，请确认", level=WARNING)
    marked = mark_workbook(original, report)

    sheet = loaded(marked)["成果"]
    assert sheet["C3"].comment.text == "认不出金额，请写成“50”“50-100”“约50万元”或“面议”"
    assert {sheet[name].fill.fgColor.rgb for name in ("C3", "B4", "C4")} == {RED}
    assert sheet["C5"].fill.fgColor.rgb == YELLOW
    assert sheet["A3"].comment is None
    assert sheet["C3"].value == "面意"
    listing = list(loaded(marked)["问题清单"].values)
    assert listing[1] == (3, "C", "意向价格", "面意", "认不出金额，请写成“50”“50-100”“约50万元”或“面议”", "必须改正")
    assert listing[-1][-1] == "请留意"
    assert len(listing) == 5

    half = check(edited(marked, C3="面议"))
    assert [(problem.row, problem.column) for problem in half.errors] == [(4, "B"), (4, "C")]

    repaired = edited(marked, C3="面议", B4="某大学", C4=5)
    report = check(repaired)
    assert report.ok
    assert [row.values["title"] for row in report.rows] == ["甲", "乙", ROW[0]]
    assert report.notices == []
    clean = loaded(mark_workbook(repaired, report))
    assert clean["成果"]["C3"].comment is None
    assert clean["成果"]["C3"].fill.fgColor.rgb != RED
    assert list(clean["问题清单"].values)[1:] == []


def test_comments_of_the_user_are_kept():
    def commented(_workbook, sheet):
        sheet["C2"].comment = Comment("财务确认", "张")
        sheet["A2"].comment = Comment("别动", "张")
        sheet["A2"].fill = PatternFill("solid", fgColor="FF00FF00")

    original = make_workbook(HEADER, ["甲", "u", "面意"], change=commented)
    marked = mark_workbook(original, check(original))
    assert loaded(marked)["成果"]["C2"].comment.text.endswith("原批注：财务确认")
    repaired = edited(marked, C2="面议")
    sheet = loaded(mark_workbook(repaired, check(repaired)))["成果"]
    assert sheet["C2"].comment.text == "财务确认"
    assert sheet["A2"].comment.text == "别动"
    assert sheet["A2"].fill.fgColor.rgb == "FF00FF00"


def test_a_missing_column_is_marked_in_the_header():
    original = make_workbook(["成果名称", "意向价格"], ["甲", 5])
    sheet = loaded(mark_workbook(original, check(original)))["成果"]
    assert "不在表中" in sheet["A1"].comment.text


def test_merged_cells_are_marked_in_their_first_cell():
    def merged(_workbook, sheet):
        sheet.merge_cells("C2:C3")

    original = make_workbook(HEADER, ["甲", "u", "面意"], ["乙", "u"], change=merged)
    report = check(original)
    assert [problem.row for problem in report.errors] == [2, 3]
    sheet = loaded(mark_workbook(original, report))["成果"]
    assert sheet["C2"].comment
    assert "C2:C3" in [str(block) for block in sheet.merged_cells.ranges]


def test_texts_that_look_like_formulas_stay_text():
    def text(_workbook, sheet):
        for name, value in (("A2", "=1+1"), ("B2", "@u"), ("D2", "+cmd|' /C calc'!A0")):
            sheet[name].value = value
            sheet[name].data_type = "s"

    original = make_workbook(HEADER, [None, None, "面意"], change=text)
    report = check(original)
    assert report.rows[0].values["title"] == "=1+1"
    marked = mark_workbook(original, report)
    assert loaded(marked)["成果"]["A2"].data_type == "s"
    assert check(marked).rows[0].values["title"] == "=1+1"


def test_a_formula_in_the_list_of_problems_is_made_safe():
    def text(_workbook, sheet):
        sheet["C2"].value = "=1+1"
        sheet["C2"].data_type = "s"

    original = make_workbook(HEADER, ["甲", "u"], change=text)
    listing = loaded(mark_workbook(original, check(original)))["问题清单"]
    assert listing["D2"].value == "'=1+1"
    assert listing["D2"].data_type == "s"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_csv_file_is_returned_as_a_workbook(encoding):
    original = "标题,\n成果名称,第一完成单位,意向价格,登记号\n=1+1,u,面意,0012\n".encode(encoding)
    report = check(original, "成果.csv")
    marked = mark_workbook(original, report)
    sheet = loaded(marked).worksheets[0]
    assert sheet["C3"].comment
    assert sheet["A3"].data_type == "s"
    again = check(edited(marked, C3=5))
    assert again.ok
    assert again.rows[0].values["title"] == "=1+1"
    assert again.rows[0].values["code"] == "0012"


def test_a_workbook_that_openpyxl_cannot_load_is_rebuilt():
    original = patch_archive(
        make_workbook(HEADER, ["甲", "u", "=B1"]),
        xl__styles_dot_xml=b"<styleSheet><fills><fill><bad/></fill></fills></styleSheet>",
    )
    with pytest.raises(Exception, match=r".*"):
        loaded(original)
    report = check(original)
    sheet = loaded(mark_workbook(original, report))["成果"]
    assert sheet["C2"].value == "'=B1"
    assert sheet["C2"].data_type == "s"
    assert sheet["C2"].comment.text == "是公式，请改为数值粘贴"


def test_a_large_workbook_is_rebuilt_without_loading_it(monkeypatch):
    monkeypatch.setattr(marking, "_MAX_LOADED_BYTES", 100)
    monkeypatch.setattr(marking, "load_workbook", None)
    original = make_workbook(HEADER, ["甲", "u", "面意"])
    assert loaded(mark_workbook(original, check(original)))["成果"]["C2"].comment


def test_a_cell_in_the_last_row_creates_no_other_cells():
    def far(_workbook, sheet):
        sheet["E1048576"] = "页脚"

    original = make_workbook(HEADER, ["甲", "u", "面意"], change=far)
    marked = mark_workbook(original, check(original))
    assert len(marked) < 20_000


def test_a_report_about_another_file_is_refused():
    report = check(make_workbook(HEADER, ROW))
    with pytest.raises(ValueError, match="another file"):
        mark_workbook(make_workbook(HEADER, ["甲", "u"]), report)
