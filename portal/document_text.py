"""The text of an uploaded document: .docx, .pdf or .txt. Neither the file's name nor its declared type is trusted."""

import io
import itertools
import re
import zipfile

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from core.file_validation import detect_file_type, safe_file_name
from sheets.archive import ARCHIVE_ERRORS, UnreadableSheet
from sheets.cells import clean_text
from sheets.csv_reader import decode
from sheets.xml_parts import local_name, parse_part

MAX_BYTES = 5 * 1024 * 1024
MAX_INFLATED = 20 * 1024 * 1024
"""Bytes of the main part of a .docx, which is XML."""
MAX_CHARS = 20_000
MAX_PAGES, MAX_PAGE_BYTES = 30, 1024 * 1024
"""Pages of a PDF that are read, and bytes of the drawing commands of one: reading takes time with their number."""
MAIN_PART = "word/document.xml"
_BREAKS = {"p": "\n", "br": "\n", "cr": "\n", "tab": "\t", "tc": "\t"}


def document_text(upload: UploadedFile | None) -> tuple[str, bool]:
    """The first MAX_CHARS characters of a document, and whether there are more. Raises ValidationError."""
    if upload is None:
        raise ValidationError("还没有选择文档，请先选择一个 .docx、.pdf 或 .txt 文件。")
    name = safe_file_name(upload.name or "")
    if (upload.size or 0) > MAX_BYTES:
        raise ValidationError("“%(name)s”超过 5 MB，请删去图片，或另存为 .txt 后再上传。" % {"name": name})
    content = upload.read(MAX_BYTES + 1)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise ValidationError("“%(name)s”是旧版 .doc 或设有密码，请另存为不带密码的 .docx 再上传。" % {"name": name})
    if content.startswith(b"%PDF"):
        text = _pdf_text(content, name)
    else:
        text = _docx_text(content, name) if content.startswith(b"PK") else _plain_text(content, name)
    text = clean_text(text, multiline=True)
    if not text:
        raise ValidationError("“%(name)s”里没有文字。如果是扫描件，请手工填写。" % {"name": name})
    return text[:MAX_CHARS], len(text) > MAX_CHARS


def _pdf_text(content: bytes, name: str) -> str:
    """The text of the first MAX_PAGES pages. A scan has none."""
    from pypdf import PdfReader  # loads fonts and pictures, which few processes read
    from pypdf.errors import PyPdfError

    pieces: list[str] = []
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            raise ValidationError("“%(name)s”设有密码，请取消密码后再上传。" % {"name": name})
        for page in itertools.islice(reader.pages, MAX_PAGES):
            contents = page.get_contents()
            if contents is not None and len(contents.get_data()) <= MAX_PAGE_BYTES:
                pieces.append(page.extract_text())
            if sum(map(len, pieces)) > 2 * MAX_CHARS:
                break
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, IndexError, OSError) as error:
        raise ValidationError(
            "“%(name)s”打不开，请“打印为 PDF”后再上传，或把文字粘贴到栏目里。" % {"name": name}
        ) from error
    # A line of a PDF ends at the margin, not with the sentence.
    return re.sub(r"(?<=[\u3400-\u9fff，、])[ \t]*\n[ \t]*(?=[\u3400-\u9fff0-9])", "", "\n".join(pieces))


def _plain_text(content: bytes, name: str) -> str:
    if not name.lower().endswith(".txt"):
        raise ValidationError("“%(name)s”不是 .docx、.pdf 或 .txt 文件，请另存为其中一种再上传。" % {"name": name})
    try:
        return decode(content)
    except UnreadableSheet:
        raise ValidationError("“%(name)s”不是可以识别的文本，请另存为 UTF-8 的 .txt。" % {"name": name}) from None


def _docx_text(content: bytes, name: str) -> str:
    reader = _DocxReader()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if MAIN_PART not in archive.namelist():
                raise ValidationError("“%(name)s”不是 Word 文档，请另存为 .docx 再上传。" % {"name": name})
            detect_file_type(content, name)  # refuses macros, passwords, zip bombs and false names
            if archive.getinfo(MAIN_PART).file_size > MAX_INFLATED:
                raise ValidationError("“%(name)s”的文字过多，请只保留要填写的部分再上传。" % {"name": name})
            parse_part(archive, MAIN_PART, start=reader.start, end=reader.end, text=reader.text)
    except _Enough:
        pass
    except (UnreadableSheet, *ARCHIVE_ERRORS):
        raise ValidationError(
            "“%(name)s”已损坏或含有不安全的内容，请新建文档、粘贴文字后再上传。" % {"name": name}
        ) from None
    return "".join(reader.pieces)


class _Enough(Exception):
    """More characters were read than are used."""


class _DocxReader:
    """Collects the visible text of the main part. Text that Word hides is left out: the user does not see it."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._length = 0
        self._is_text = self._is_hidden = False
        self._skipped = 0  # depth of elements whose text stands elsewhere, too

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match local_name(name):
            case "Fallback" | "moveFrom":
                self._skipped += 1
            case "r":
                self._is_hidden = False
            case "vanish":
                values = {local_name(key): value for key, value in attributes.items()}
                self._is_hidden = values.get("val", "1") not in {"0", "false", "off"}
            case "t":
                self._is_text = True
            case "br" | "cr" | "tab":
                self._add(_BREAKS[local_name(name)])

    def text(self, data: str) -> None:
        if self._is_text:
            self._add(data)

    def end(self, name: str) -> None:
        match local_name(name):
            case "Fallback" | "moveFrom":
                self._skipped -= 1
            case "t":
                self._is_text = False
            case "r":
                self._is_hidden = False
            case "p" | "tc":
                self._add(_BREAKS[local_name(name)])

    def _add(self, text: str) -> None:
        if self._skipped or self._is_hidden:
            return
        self.pieces.append(text)
        self._length += len(text)
        if self._length > 2 * MAX_CHARS:  # blanks and line breaks are collapsed later
            raise _Enough
