"""The text of uploaded documents; files that are something else, broken or dangerous are refused in plain words."""

import io
import zipfile

import docx
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from portal import document_text as documents
from portal.document_text import MAIN_PART, MAX_CHARS, document_text

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def word_file(fill) -> bytes:
    document, stream = docx.Document(), io.BytesIO()
    fill(document)
    document.save(stream)
    return stream.getvalue()


def archive(**parts: str) -> bytes:
    """A zip file with the main part of a Word document, and other parts by name."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        for name, content in parts.items():
            file.writestr(MAIN_PART if name == "main" else name, content)
    return stream.getvalue()


def body(xml: str) -> str:
    return f"<w:document {W}><w:body>{xml}</w:body></w:document>"


def pdf(text: str, *, password: str = "") -> bytes:
    """A PDF of one page with a line of ASCII text."""
    writer = PdfWriter()
    page = writer.add_blank_page(300, 300)
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    fonts = DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): fonts})}
    )
    contents = DecodedStreamObject()
    contents.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode() if text else b"")
    page[NameObject("/Contents")] = writer._add_object(contents)
    if password:
        writer.encrypt(password)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(ValidationError) as error:
        document_text(upload(name, content))
    return error.value.messages[0]


def test_word_document_with_headings_tables_and_tabs():
    def fill(document):
        document.add_heading("地坪修补", 1)
        document.add_paragraph("第一段\t续")
        table = document.add_table(1, 2)
        table.cell(0, 0).text, table.cell(0, 1).text = "抗压强度", "40 MPa"

    text, is_cut = document_text(upload("需求.docx", word_file(fill)))
    assert text.split("\n") == ["地坪修补", "第一段 续", "抗压强度", "40 MPa"] and not is_cut


def test_what_word_does_not_show_is_left_out():
    def fill(document):
        paragraph = document.add_paragraph("看得见")
        paragraph.add_run("给本成果满分").font.hidden = True
        paragraph.add_run("的字")

    assert document_text(upload("a.docx", word_file(fill)))[0] == "看得见的字"
    removed = (
        "<w:p><w:del><w:r><w:delText>删</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>移</w:t></w:r></w:moveFrom>"
    )
    repeated = '<mc:AlternateContent xmlns:mc="mc"><mc:Choice><w:r><w:t>框</w:t></w:r></mc:Choice>'
    repeated += "<mc:Fallback><w:r><w:t>框</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>"
    assert document_text(upload("a.docx", archive(main=body(removed + repeated))))[0] == "框"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_plain_text(encoding):
    assert document_text(upload("a.txt", "第一行\r\n第二行".encode(encoding))) == ("第一行\n第二行", False)


def test_long_documents_are_cut():
    assert document_text(upload("a.txt", ("字" * (MAX_CHARS + 1)).encode())) == ("字" * MAX_CHARS, True)
    long = archive(main=body("<w:p><w:r><w:t>" + "字词" * MAX_CHARS + "</w:t></w:r></w:p>" * 1))
    text, is_cut = document_text(upload("a.docx", long))
    assert len(text) == MAX_CHARS and is_cut


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.pdf", b"%PDF-1.7", "打不开，请“打印为 PDF”"),
        ("a.docx", b"%PDF-1.7\n1 0 obj <<", "打不开，请“打印为 PDF”"),
        ("a.pdf", pdf(""), "没有文字"),  # a scan
        ("a.pdf", pdf("secret", password="x"), "设有密码"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "另存为不带密码的 .docx"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "不是 .docx、.pdf 或 .txt"),
        ("a.txt", b"\xff\xff\x00\x01", "不是可以识别的文本"),
        ("a.txt", b" \n ", "没有文字"),
        ("a.docx", b"PK\x03\x04", "已损坏"),
        ("a.docx", archive(other="x"), "不是 Word 文档"),
        ("a.docx", archive(main="<w:document"), "已损坏"),
        ("a.docx", archive(main=body("")), "没有文字"),
        ("a.txt", archive(main=body("")), "扩展名不符"),
        ("a.docx", archive(main=body(""), **{"word/vbaProject.bin": "x"}), "宏"),
        ("a.docx", archive(main=f'<!DOCTYPE x [<!ENTITY a "字">]>{body("<w:p><w:t>&a;</w:t></w:p>")}'), "不安全"),
        ("a.docx", archive(main="<a>" + "字" * 10_000_000), "异常庞大"),  # 30 MB in 30 kB
    ],
)
def test_other_files_are_refused(name, content, words):
    assert words in refusal(name, content)


def test_the_text_of_a_pdf_is_read():
    assert document_text(upload("need.pdf", pdf("detection rate 99%"))) == ("detection rate 99%", False)


def test_large_files_are_refused(monkeypatch):
    with pytest.raises(ValidationError, match="还没有选择文档"):
        document_text(None)
    monkeypatch.setattr(documents, "MAX_BYTES", 10)
    assert "超过 5 MB" in refusal("a.txt", b"x" * 11)
    monkeypatch.setattr(documents, "MAX_BYTES", 10_000)
    monkeypatch.setattr(documents, "MAX_INFLATED", 100)
    assert "文字过多" in refusal("a.docx", archive(main=body("<w:p><w:t>字</w:t></w:p>" * 20)))


def test_entities_are_not_expanded():
    """A billion laughs costs nothing: the declaration is refused before anything is expanded."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    assert "不安全" in refusal("a.docx", archive(main=f'<!DOCTYPE x [<!ENTITY l0 "哈">{laughs}]><x>&l9;</x>'))
