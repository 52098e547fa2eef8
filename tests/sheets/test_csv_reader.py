import pytest

from sheets.archive import Limits, UnreadableSheet
from sheets.checking import check_rows
from sheets.reading import read_workbook

from .workbooks import COLUMNS, column_values

TEXT = '成果名称,第一完成单位,意向价格\r\n海参育種😀,"大连,测试\n大学",约50万\r\n\r\n第二,乙,="007"\r\n'


def read(data, **limits):
    return read_workbook(data, COLUMNS, filename="成果.csv", limits=Limits(**limits))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(encoding):
    sheet = read(TEXT.encode(encoding))
    assert column_values(sheet, "title") == ["海参育種😀", "第二"]
    assert column_values(sheet, "unit") == ["大连,测试\n大学", "乙"]
    assert [row.number for row in sheet.rows] == [2, 4]
    assert sheet.kind == "csv"


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_other_delimiters(delimiter):
    sheet = read(f"成果名称{delimiter}第一完成单位\n甲{delimiter}乙".encode())
    assert column_values(sheet, "unit") == ["乙"]


def test_a_text_quoted_as_a_formula_is_text():
    assert column_values(read(TEXT.encode()), "price")[1] == "007"


def test_leading_equals_sign_in_csv_is_text():
    sheet = read("成果名称,第一完成单位\n=1+1,u".encode())
    assert check_rows(sheet).rows[0].values["title"] == "=1+1"


def test_limits():
    many = "成果名称,第一完成单位\n" + "甲,乙\n" * 100
    with pytest.raises(UnreadableSheet, match="超过 50 行"):
        read(many.encode(), rows=50)
    with pytest.raises(UnreadableSheet, match="超过 3 列"):
        read(TEXT.replace("海参", "海,参,参").encode(), columns=3)
    with pytest.raises(UnreadableSheet, match="引号"):
        read(f"成果名称,第一完成单位\n{'x' * 1_000_001},u".encode())


def test_no_header():
    with pytest.raises(UnreadableSheet, match="没有找到表头"):
        read(b"a,b\n1,2")
