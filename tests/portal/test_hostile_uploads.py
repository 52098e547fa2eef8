"""Invalid files on the import page get a message and are not stored; concurrent imports write once."""

import io
import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from accounts.models import SourceFile
from achievements.models import Achievement
from tests import factories as make
from tests.achievements.sheets import workbook
from tests.browser_client import one_line
from tests.sheets.workbooks import patch_archive

pytestmark = pytest.mark.long

START = reverse("import_start", args=["achievements"])


ROW = (
    '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>成果{0}</t></is></c>'
    '<c r="B{0}" t="inlineStr"><is><t>大连理工大学</t></is></c></row>'
)


def rows(number: int) -> bytes:
    """A sheet with this number of rows, written as XML text because openpyxl would take ten seconds."""
    book = Workbook(write_only=True)
    book.create_sheet().append(["成果名称", "第一完成单位"])
    stream = io.BytesIO()
    book.save(stream)
    more = "".join(ROW.format(at) for at in range(2, number + 2)).encode()
    return patch_archive(
        stream.getvalue(),
        xl__worksheets__sheet1_dot_xml=lambda old: old.replace(b"</sheetData>", more + b"</sheetData>"),
    )


def bomb() -> bytes:
    """Sixty kilobytes that unpack to 60 MB: for more the test alone would compress for seconds."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as entry:
            for _megabyte in range(60):
                entry.write(b" " * 1024 * 1024)
    return stream.getvalue()


def encrypted() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") + b"\0" * 4096


HOSTILE = {
    "pdf renamed": ("征集表.xlsx", lambda: b"%PDF-1.7\n" + b"x" * 1000, "PDF"),
    "empty": ("空表.xlsx", lambda: b"", "文件是空的"),
    "zip bomb": ("炸弹.xlsx", bomb, "异常庞大"),
    "60,000 rows": ("六万行.xlsx", lambda: rows(60_000), "超过 50000 行"),
    "macros": ("带宏.xlsm", lambda: patch_archive(workbook({}), xl__vbaProject_dot_bin=b"macro"), "带有宏"),
    "encrypted": ("加密.xlsx", encrypted, "密码"),
    "cut off": ("截断.xlsx", lambda: workbook({})[:2000], "损坏"),
    "too large": ("太大.xlsx", lambda: b"PK\x03\x04" + os.urandom(20 * 1024 * 1024), "20 MB"),
    "another sheet": ("名单.csv", lambda: "姓名,电话\n示例人,123\n".encode(), "没有找到表头"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_invalid_file_gets_a_message_and_is_not_stored(client, db, settings, case):
    name, make_content, words = HOSTILE[case]
    client.force_login(make.institution_officer())
    file = io.BytesIO(make_content())
    file.name = name
    page = client.post(START, {"file": file})
    assert page.status_code == 422
    assert words in page.context["error"] and page.context["error"] in page.text
    assert 'type="file"' in page.text  # the next try starts here
    assert SourceFile.objects.count() == Achievement.objects.count() == 0
    assert not os.path.exists(settings.MEDIA_ROOT)


def test_unusual_characters_are_handled(client, db):
    """Emoji and traditional characters are kept; invisible characters and folders in a file name are removed."""
    client.force_login(make.institution_officer())
    file = io.BytesIO(
        workbook({"成果名称": "軸承減磨🔧技術", "成果简介": "保持架減磨塗層，\n溫升明顯降低\u200b，壽命延長😀。"})
    )
    file.name = "..\\..\\大连理工\x07.xlsx"
    report = client.post(START, {"file": file}, follow=True)
    stored = SourceFile.objects.get()
    assert stored.name.endswith(".xlsx") and not set(stored.name) & set("\\/\x07")
    assert stored.file.name.startswith("imports/")
    client.post(reverse("import_write", args=[report.context["source_file"].public_id]))
    (made,) = Achievement.objects.all()
    assert (made.title, made.summary) == ("軸承減磨🔧技術", "保持架減磨塗層，\n溫升明顯降低，壽命延長😀。")


@pytest.mark.django_db(transaction=True)
def test_concurrent_imports_write_once():
    officer = make.institution_officer()
    client = Client()
    client.force_login(officer)
    file = io.BytesIO(workbook({}, {"成果名称": "第二项成果"}))
    file.name = "成果.xlsx"
    stored = client.post(START, {"file": file}, follow=True).context["source_file"]
    start = Barrier(2)

    def click(cookies):
        try:
            second_client = Client()
            second_client.cookies = cookies
            start.wait(timeout=60)
            return second_client.post(reverse("import_write", args=[stored.public_id]), follow=True)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        pages = list(threads.map(click, [client.cookies, client.cookies]))
    assert Achievement.objects.count() == 2
    assert ["已导入 2 项" in one_line(page.text) for page in pages] == [True, True]
    assert ["没有重复录入" in page.text for page in pages] == [False, False]
