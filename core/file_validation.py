"""Detect the type of an uploaded file from its content; the name and the browser's content type are not trusted."""

import io
import re
import zipfile
import zlib
from collections.abc import Collection

import puremagic
from django.core.exceptions import ValidationError

from core.confidentiality import find_secrecy_marking

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_COMPRESSION_RATIO = 200
"""Limit for entries of Office files. Text compresses about 10:1, a zip bomb about 1000:1."""

CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "png": "image/png",
    "jpg": "image/jpeg",
}
_NAMES = {"pdf": "PDF", "docx": ".docx", "xlsx": ".xlsx", "pptx": ".pptx", "png": "PNG", "jpg": "JPG"}
_MAIN_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
_ACTIVE = (b"/JavaScript", b"/Launch", b"/EmbeddedFile")
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


def detect_file_type(content: bytes, name: str, accepted: Collection[str] = tuple(CONTENT_TYPES)) -> str:
    """Return the key of CONTENT_TYPES for `content`. Raises ValidationError for an unsafe or not `accepted` file."""
    if not content:
        raise ValidationError("“%(name)s”是空文件，请重新选择。" % {"name": name})
    if len(content) > MAX_FILE_BYTES:
        raise ValidationError(too_large_message(name))
    suffix = name.rpartition(".")[2].lower()
    suffix = "jpg" if suffix == "jpeg" else suffix
    kind = _detect_kind(content, name)
    if kind not in accepted:
        raise ValidationError(
            "“%(name)s”的内容不是可以接收的类型。请上传 %(types)s 文件。"
            % {"name": name, "types": _type_names(accepted)}
        )
    if kind != suffix:
        raise ValidationError(
            "“%(name)s”的内容其实是 %(kind)s 文件，与扩展名不符。请改用正确的文件再上传。"
            % {"name": name, "kind": kind}
        )
    if kind == "pdf" and any(mark in content for mark in _ACTIVE):
        raise ValidationError("“%(name)s”带有脚本或内嵌文件，请“打印为 PDF”后再上传。" % {"name": name})
    return kind


def checked_upload(content: bytes, name: str) -> tuple[str, str]:
    """Return (safe name, key of CONTENT_TYPES). Raises ValidationError also for a name with a secrecy marking."""
    name = safe_file_name(name)
    if mark := find_secrecy_marking(name):
        raise ValidationError("文件名写着“%(mark)s”。涉密文件不能上传到本平台。" % {"mark": mark})
    return name, detect_file_type(content, name)


def safe_file_name(name: str) -> str:
    """The base name without control and invisible characters, at most 200 characters."""
    name = re.sub(
        r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", "", name.replace("\\", "/").rpartition("/")[2]
    )
    stem, dot, suffix = name.strip().rpartition(".")
    return f"{stem[: 199 - len(suffix)]}{dot}{suffix}" if dot else name[:200]


def too_large_message(name: str) -> str:
    return "“%(name)s”超过 20 MB，请压缩图片或拆成几个文件后再上传。" % {"name": name}


def _type_names(accepted: Collection[str]) -> str:
    *most, last = [_NAMES[kind] for kind in CONTENT_TYPES if kind in accepted]
    return f"{'、'.join(most)} 或 {last}" if most else last


def _detect_kind(content: bytes, name: str) -> str | None:
    if content.startswith(b"PK"):
        return _detect_office_kind(content, name)
    try:
        extensions = {match.extension.lstrip(".").lower() for match in puremagic.magic_string(content)}
    except puremagic.PureError:
        return None
    if content.startswith(b"%PDF-") and "pdf" in extensions:
        return "pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n") and "png" in extensions:
        return "png"
    return "jpg" if content.startswith(b"\xff\xd8\xff") and extensions & {"jpg", "jpeg", "jfif"} else None


def _detect_office_kind(content: bytes, name: str) -> str | None:
    """The Office type of a zip archive. Checks the declared sizes, because zipfile never reads more than these."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            parts = {entry.filename.lower() for entry in entries}
            declared = archive.read("[Content_Types].xml")[:1_000_000] if _is_small(entries) else b""
    except (*_DAMAGED, KeyError):
        return None
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES or any(map(_is_overcompressed, entries)):
        raise ValidationError("“%(name)s”解压后异常庞大，不能接收。请另存一份后再上传。" % {"name": name})
    if any(entry.flag_bits & 1 for entry in entries):
        raise ValidationError("“%(name)s”设有密码，请取消密码后再上传。" % {"name": name})
    if any(part.endswith("vbaproject.bin") or "macrosheets/" in part for part in parts) or b"macroEnabled" in declared:
        raise ValidationError("“%(name)s”带有宏，出于安全不能接收。请另存为不带宏的文件再上传。" % {"name": name})
    return next((kind for kind, main in _MAIN_PARTS.items() if main in parts), None)


def _is_small(entries) -> bool:
    return any(entry.filename == "[Content_Types].xml" and entry.file_size < 1_000_000 for entry in entries)


def _is_overcompressed(entry) -> bool:
    return entry.file_size > 1_000_000 and entry.file_size > MAX_COMPRESSION_RATIO * max(entry.compress_size, 1)
