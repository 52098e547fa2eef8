import pytest
from django.core.exceptions import ValidationError

from core import file_validation
from core.file_validation import detect_file_type
from tests.achievements import uploads


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (uploads.PDF, "说明书.pdf", "pdf"),
        (uploads.PNG, "图.PNG", "png"),
        (uploads.JPG, "图.jpeg", "jpg"),
        (uploads.DOCX, "报告.docx", "docx"),
        (uploads.XLSX, "数据.xlsx", "xlsx"),
        (uploads.PPTX, "推介.pptx", "pptx"),
    ],
)
def test_accepted_file_types(content, name, kind):
    assert detect_file_type(content, name) == kind


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "空.pdf", "空文件"),
        (uploads.HTML, "网页.pdf", "不是可以接收的类型"),
        (uploads.HTML, "网页.html", "不是可以接收的类型"),
        (uploads.SVG, "图.svg", "不是可以接收的类型"),
        (uploads.SVG, "图.png", "不是可以接收的类型"),
        (uploads.EXE, "程序.pdf", "不是可以接收的类型"),
        (uploads.PDF, "改名.docx", "与扩展名不符"),
        (uploads.DOCX, "改名.pdf", "与扩展名不符"),
        (uploads.PNG, "无扩展名", "与扩展名不符"),
        (uploads.DOCX[:60], "坏.docx", "不是可以接收的类型"),
        (uploads.office("readme.txt"), "压缩包.docx", "不是可以接收的类型"),
        (uploads.MACRO, "宏.docx", "带有宏"),
        (uploads.MACRO, "宏.docm", "带有宏"),
        (uploads.BOMB, "炸弹.docx", "异常庞大"),
        (uploads.PDF.replace(b"Catalog", b"Catalog/OpenAction<</S/JavaScript>>"), "脚本.pdf", "带有脚本"),
    ],
)
def test_refused_files_have_a_message(content, name, sentence):
    with pytest.raises(ValidationError, match=sentence):
        detect_file_type(content, name)


def test_files_over_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr(file_validation, "MAX_FILE_BYTES", 10)
    with pytest.raises(ValidationError, match="超过 20 MB"):
        detect_file_type(uploads.PDF, "大.pdf")


def test_the_message_lists_the_accepted_types_only():
    with pytest.raises(ValidationError, match=r"请上传 PDF 或 PNG 文件。"):
        detect_file_type(uploads.XLSX, "执照.xlsx", ("png", "pdf"))
