"""Files that are not what they seem, that are too large, locked, active, or pictures of pages."""

import io
import sys
import types

import pytest
from django.core.exceptions import ValidationError
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from drafting.extraction import ocr, worker
from drafting.extraction.errors import UnreadableDocument
from drafting.extraction.pdf import read_pdf
from drafting.services.documents import _checked as checked_file
from tests.drafting.made_files import certificate
from tests.drafting.making import pdf

SCRIPT = DictionaryObject(
    {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
)


def changed(content: bytes, change) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    change(writer)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


@pytest.fixture(scope="module")
def document() -> bytes:
    return certificate()


@pytest.fixture(scope="module")
def scan() -> bytes:
    """A page that is a picture."""
    from weasyprint import HTML

    picture = (
        "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' h"
        "eight='9'/></svg>"
    )
    return HTML(string=f'<img src="{picture}">').write_pdf()


def test_a_document_is_read_in_a_process_of_its_own(document):
    read = worker.extract(document, "pdf")

    assert "一种核电主泵转子的装配间隙测量装置" in read.text
    assert read.page_count == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda writer: writer.encrypt("geheim"), "设有密码"),
        (lambda writer: writer.root_object.update({NameObject("/OpenAction"): SCRIPT}), "脚本"),
        (lambda writer: writer.add_attachment("a.exe", b"MZ"), "内嵌文件"),
    ],
)
def test_locked_and_active_files_are_refused_with_the_way_out(document, change, message):
    with pytest.raises(UnreadableDocument, match=message):
        read_pdf(changed(document, change))


@pytest.mark.parametrize("content", [b"%PDF-1.7\n%%EOF", b"%PDF-1.4 " + b"\x00" * 500, b""])
def test_a_damaged_file_is_refused(content):
    with pytest.raises(UnreadableDocument, match=r"打不开|设有密码"):
        read_pdf(content)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.pdf", b"<html><script>alert(1)</script>", "不是可以接收的类型"),
        ("a.docx", b"%PDF-1.7 x", "不符|不是可以接收"),
        ("a.doc", b"\xd0\xcf\x11\xe0" + b"x" * 100, "旧版"),
        ("机密★10年.pdf", b"%PDF-1.7 x", "涉密"),
        ("a.pdf", b"", "空文件"),
    ],
)
def test_the_content_decides_and_not_the_name(name, content, message):
    with pytest.raises(ValidationError, match=message):
        checked_file(name, content)


def test_a_file_that_takes_too_long_ends_with_its_process(document, monkeypatch):
    monkeypatch.setattr(worker, "SECONDS", 0.01)

    with pytest.raises(UnreadableDocument, match="时间太长"):
        worker.extract(document, "pdf")


def test_long_documents_are_read_in_part_and_say_so(monkeypatch):
    monkeypatch.setattr("drafting.extraction.pdf.MAX_PAGES", 2)
    page = "<p style='break-after:page'>第一页的文字有很多很多很多很多</p>"

    read = read_pdf(pdf(page * 4))

    assert read.is_cut
    assert {line.page for line in read.lines} == {1, 2}


# --- Scans -----------------------------------------------------------------------------------------------------------
def test_a_scan_has_no_text_and_says_that_it_needs_ocr(scan):
    assert read_pdf(scan).is_scan


def test_ocr_reads_the_picture_of_a_page_and_leaves_out_what_is_doubtful(scan, monkeypatch):
    class FakeEngine:
        def __call__(self, picture):
            assert picture.startswith(b"\x89PNG")
            boxes = [[(10, y), (300, y), (300, y + 20), (10, y + 20)] for y in (10, 50, 90)]
            texts = ("成果名称：水下清淤装置", "负责人：孟朗", "潦草的字")
            return types.SimpleNamespace(boxes=boxes, txts=texts, scores=(0.98, 0.95, 0.3))

    fake = types.ModuleType("rapidocr")
    fake.RapidOCR = FakeEngine
    monkeypatch.setitem(sys.modules, "rapidocr", fake)
    monkeypatch.setattr(ocr, "is_available", lambda: True)
    monkeypatch.setattr(ocr, "_picture", lambda page: b"\x89PNG")

    read = ocr.read_scan(scan)

    assert [line.text for line in read.lines] == ["成果名称：水下清淤装置", "负责人：孟朗"]
    assert read.by_ocr
    assert "1 行看不清" in read.notes[0]


def test_without_the_package_ocr_says_so(scan, monkeypatch):
    monkeypatch.setattr(ocr, "is_available", lambda: False)

    with pytest.raises(UnreadableDocument, match="没有安装"):
        ocr.read_scan(scan)
