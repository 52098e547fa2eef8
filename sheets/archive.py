"""Checks of an uploaded file before its content is read. Neither the file's name nor its declared type is trusted."""

import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO, Literal

MEGABYTE = 1024 * 1024

type FileSource = bytes | bytearray | memoryview | BinaryIO
type FileType = Literal["xlsx", "csv"]


class UnreadableSheet(Exception):
    """The file as a whole cannot be read. The message is one Chinese sentence that tells the user how to fix it."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Upper limits for a file that is read.

    ratio: uncompressed to compressed size of one entry. rows: data rows. header_depth: rows searched for the header.
    """

    file_bytes: int = 20 * MEGABYTE
    inflated_bytes: int = 512 * MEGABYTE
    ratio: int = 200
    entries: int = 1_000
    rows: int = 50_000
    columns: int = 200
    cells: int = 2_000_000
    header_depth: int = 20


_AS_XLSX = "请用 Excel 或 WPS 打开后另存为 .xlsx 再上传"
_BINARY = (
    (b"%PDF", "PDF 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"Rar!", "RAR 压缩包"),
    (b"7z\xbc\xaf", "7z 压缩包"),
    (b"\x1f\x8b", "gzip 压缩包"),
    (b"MZ", "可执行程序"),
    (b"{\\rtf", "RTF 文档"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Raised by zipfile and zlib for damaged archives and for zip features that spreadsheet programs do not use.
ARCHIVE_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, KeyError)


def read_bytes(source: FileSource, limits: Limits) -> bytes:
    """All bytes of `source`. Reads at most one byte more than `limits.file_bytes`."""
    if isinstance(source, bytes | bytearray | memoryview):
        data = bytes(source)
    else:
        source.seek(0)
        data = source.read(limits.file_bytes + 1)
    if len(data) > limits.file_bytes:
        size = len(data)
        if not isinstance(source, bytes | bytearray | memoryview):
            size = max(size, source.seek(0, 2))
        raise too_large_error(size, limits)
    if not data.strip(b"\0\t\r\n "):
        raise UnreadableSheet("文件是空的，请重新导出或填写后再上传。")
    return data


def detect_file_type(data: bytes, filename: str) -> FileType:
    """The file type, judged by the content. Raises `UnreadableSheet` for all other types."""
    suffix = PurePath(filename).suffix.casefold()
    if suffix in {".xlsm", ".xltm", ".xlam"}:
        raise _macro_error()
    if data.startswith(b"PK"):
        return "xlsx"
    if data.startswith(_OLE):
        raise _ole_error(data)
    for magic, name in _BINARY:
        if data.startswith(magic):
            raise UnreadableSheet(f"这是{name}，不是表格，请把内容填入导入模板，以 .xlsx 格式上传。")
    if re.match(rb"(\xef\xbb\xbf)?\s*<(\?xml|!doctype|html|table)", data[:200], re.IGNORECASE):
        raise UnreadableSheet(f"这是网页格式的表格，不是真正的 Excel 文件，{_AS_XLSX}。")
    if suffix in {".csv", ".txt", ".tsv"}:
        return "csv"
    raise UnreadableSheet("文件内容不是 Excel 表格，可能已损坏或改过扩展名，请重新另存为 .xlsx 再上传。")


def _macro_error() -> UnreadableSheet:
    return UnreadableSheet("文件带有宏，出于安全不能接收，请另存为不带宏的 .xlsx 再上传。")


def _ole_error(data: bytes) -> UnreadableSheet:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return UnreadableSheet("文件设有打开密码，请在 Excel 中取消密码后重新保存再上传。")
    if "WordDocument".encode("utf-16-le") in data:
        return UnreadableSheet("这是 Word 文档，不是表格，请把内容填入导入模板，以 .xlsx 格式上传。")
    return UnreadableSheet("这是旧版 .xls（或 .et）文件，请另存为 .xlsx 再上传。")


def open_archive(data: bytes, limits: Limits) -> zipfile.ZipFile:
    """The workbook in `data` as a zip archive whose declared sizes are within the limits.

    zipfile returns no more bytes of an entry than the entry declares, so the declared sizes limit what is inflated.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except ARCHIVE_ERRORS as error:
        raise damaged_error() from error
    entries = archive.infolist()
    names = [entry.filename.casefold() for entry in entries]
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableSheet("文件设有密码，请取消密码后重新保存再上传。")
    _refuse_bomb(entries, limits)
    _refuse_contents(names)
    if len(set(names)) != len(names):
        raise damaged_error()
    return archive


def _refuse_bomb(entries: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
    inflated = sum(entry.file_size for entry in entries)
    exceeds_ratio = any(
        entry.file_size > MEGABYTE and entry.file_size > limits.ratio * max(entry.compress_size, 1) for entry in entries
    )
    if len(entries) > limits.entries or inflated > limits.inflated_bytes or exceeds_ratio:
        raise oversized_error()


def _refuse_contents(names: Sequence[str]) -> None:
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
        raise _macro_error()
    if "xl/workbook.bin" in names:
        raise UnreadableSheet(f"这是二进制格式 .xlsb，{_AS_XLSX}。")
    if "content.xml" in names and "mimetype" in names:
        raise UnreadableSheet(f"这是 OpenDocument 文件，{_AS_XLSX}。")
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        raise UnreadableSheet("这是 Word 或 PPT 文档，不是表格，请把内容填入导入模板，以 .xlsx 格式上传。")
    if "[content_types].xml" not in names:
        raise UnreadableSheet("这是压缩包，不是 Excel 表格，请解压后上传其中的 .xlsx 文件。")
    if any("/externallinks/" in name for name in names):
        raise UnreadableSheet("工作簿链接了其他文件，请在 Excel“数据”菜单的“编辑链接”中断开全部链接，保存后再上传。")


def too_large_error(size: int, limits: Limits) -> UnreadableSheet:
    """The error for a file of `size` bytes, with the number of files to split it into."""
    parts = -(-size // limits.file_bytes)
    return UnreadableSheet(
        f"文件有 {size / MEGABYTE:.1f} MB，超过 {limits.file_bytes / MEGABYTE:g} MB 的上限，请先删去图片和空白行；"
        f"还超过的话，按行拆成 {parts} 个文件，每个都保留表头，分别上传，名称相同的成果不会重复录入。"
    )


def oversized_error() -> UnreadableSheet:
    """The error for a workbook whose uncompressed content is far larger than handwritten data."""
    return UnreadableSheet(
        "文件解压后异常庞大，不能接收；请新建一个工作簿，只把有内容的单元格以“数值”粘贴过去，保存后再上传。"
    )


def damaged_error() -> UnreadableSheet:
    """The error for a workbook with broken content."""
    return UnreadableSheet(f"文件已损坏或不完整，{_AS_XLSX}。")


def too_many_rows_error(limits: Limits) -> UnreadableSheet:
    """The error for a sheet with more data rows than `limits.rows`."""
    return UnreadableSheet(f"数据超过 {limits.rows} 行的上限，请拆成几个文件分别上传。")
