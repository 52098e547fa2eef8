"""Files that are refused. The message is one sentence that says what to do."""

import io
import zipfile

import pytest

from sheets.archive import Limits, UnreadableSheet
from sheets.reading import read_workbook

from .workbooks import COLUMNS, HEADER, ROW, make_workbook, patch_archive, with_shared_strings

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def refusal(data, filename="成果.xlsx", **limits):
    with pytest.raises(UnreadableSheet) as caught:
        read_workbook(data, COLUMNS, filename=filename, limits=Limits(**limits))
    sentence = str(caught.value)
    assert sentence.endswith("。")
    assert sentence.count("。") == 1
    assert "请" in sentence
    return sentence


def zipped(**entries):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("_dot_", ".").replace("__", "/"), content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "filename", "message"),
    [
        (b"", "a.xlsx", "空的"),
        (b"\n \r\n", "a.csv", "空的"),
        (b"%PDF-1.7 ...", "a.xlsx", "PDF"),
        (b"\x89PNG\r\n", "a.xlsx", "图片"),
        (b"MZ\x90\0", "a.xlsx", "可执行程序"),
        (OLE + "Workbook".encode("utf-16-le"), "a.xls", "另存为 .xlsx"),
        (OLE + "Workbook".encode("utf-16-le"), "a.xlsx", "另存为 .xlsx"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "a.xlsx", "密码"),
        (OLE + "WordDocument".encode("utf-16-le"), "a.doc", "Word"),
        (b"<html><table><tr><td>1</td></tr></table>", "a.xls", "网页格式"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", "a.xls", "网页格式"),
        ("只是文字".encode(), "a.xlsx", "不是 Excel 表格"),
        (b"PK\x03\x04 broken", "a.xlsx", "已损坏"),
        (b"a\0b,c\0d\n1,2", "a.csv", "文本"),
        (b"\xff\xff\xff\xff", "a.csv", "文本"),
    ],
)
def test_other_file_types_are_refused_by_name(data, filename, message):
    assert message in refusal(data, filename)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("xl__workbook_dot_bin", ".xlsb"),
        ("word__document_dot_xml", "Word"),
        ("readme_dot_txt", "压缩包"),
        ("inner_dot_xlsx", "压缩包"),
    ],
)
def test_other_archives_are_refused_by_name(entry, message):
    assert message in refusal(zipped(**{entry: b"x"}))


def test_open_document_files_are_refused_by_name():
    assert "OpenDocument" in refusal(zipped(mimetype=b"x", content_dot_xml=b"<a/>"))


def test_macros_are_refused_whatever_the_file_name():
    assert "宏" in refusal(patch_archive(make_workbook(HEADER, ROW), xl__vbaProject_dot_bin=b"macro"))
    assert "宏" in refusal(patch_archive(make_workbook(HEADER, ROW), xl__macrosheets__sheet1_dot_xml=b"<a/>"))
    assert "宏" in refusal(make_workbook(HEADER, ROW), filename="a.xlsm")


def test_links_to_other_workbooks_are_refused():
    assert "断开" in refusal(
        patch_archive(make_workbook(HEADER, ROW), xl__externalLinks__externalLink1_dot_xml=b"<a/>")
    )


def test_encrypted_entries_are_refused():
    data = bytearray(make_workbook(HEADER, ROW))
    at = data.rfind(b"PK\x01\x02")
    data[at + 8] |= 1
    assert "密码" in refusal(bytes(data))


def test_zip_bombs_are_refused_by_ratio_size_and_number_of_entries():
    good = make_workbook(HEADER, ROW)
    assert "庞大" in refusal(patch_archive(good, xl__media__a_dot_bin=b"\0" * 5_000_000))
    assert "庞大" in refusal(good, inflated_bytes=1_000)
    assert "庞大" in refusal(good, entries=3)


def test_an_entry_larger_than_declared_is_damage():
    data = bytearray(with_shared_strings(make_workbook(HEADER, ROW)))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        size = archive.getinfo("xl/sharedStrings.xml").file_size
    data = bytes(data).replace(size.to_bytes(4, "little"), (20).to_bytes(4, "little"))
    assert "已损坏" in refusal(data)


def test_an_archive_embedded_in_a_workbook_is_not_opened():
    data = patch_archive(make_workbook(HEADER, ROW), xl__embeddings__inner_dot_zip=b"PK\x03\x04 not even an archive")
    assert read_workbook(data, COLUMNS, filename="a.xlsx").rows


def test_duplicate_entries_are_refused():
    stream = io.BytesIO(make_workbook(HEADER, ROW))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("XL/workbook.xml", b"<a/>")
    assert "已损坏" in refusal(stream.getvalue())


def test_a_too_large_file_is_read_only_up_to_the_limit():
    class Endless(io.RawIOBase):
        bytes_read = 0

        def seek(self, *_):
            return 0

        def read(self, size=-1):
            assert size > 0
            self.bytes_read += size
            return b"PK" + b"x" * (size - 2)

    source = Endless()
    assert "上限" in refusal(source, file_bytes=2_000_000)
    assert source.bytes_read == 2_000_001


def test_truncated_files_are_refused_with_a_message():
    data = make_workbook(HEADER, ROW)
    for length in range(10, len(data), 97):
        refusal(data[:length])


def test_the_content_decides_the_file_type_not_the_name():
    assert read_workbook(make_workbook(HEADER, ROW), COLUMNS, filename="导出.xls").kind == "xlsx"
