"""Uploading documents and reading them in the background: each becomes a draft of its own until somebody joins them."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from achievements.intake.rights import patent_numbers
from achievements.sheet_columns import achievement_columns
from achievements.sheet_context import sheet_context
from audit.services import record
from core.confidentiality import find_secrecy_marking
from core.file_validation import detect_file_type, safe_file_name
from core.task_queue import enqueue
from core.throttling import exceeds
from drafting.extraction import ocr
from drafting.extraction.errors import UnreadableDocument
from drafting.extraction.lines import Document
from drafting.extraction.pasted import read_pasted
from drafting.extraction.reading import DocumentReading, Sort, read_document
from drafting.extraction.worker import extract
from drafting.field_readings import (
    FieldReading,
    SecretDocument,
    check_not_secret,
    field_readings,
    personal_finds,
)
from drafting.models import DocumentDraft, DraftDocument
from drafting.second_reader import proposed_by_reader
from sheets.cells import clean_text

Status = DraftDocument.Status
MOST_FILES = 10
MOST_TEXT = 60_000
MIN_TEXT = 20
PER_HOUR = 60
"""Documents of one user."""
MOST_OPEN = 300
"""Open drafts of an institution."""
LOST_AFTER = timedelta(minutes=15)
"""Three times the longest reading, that by OCR."""
UNREAD = (Status.READING, Status.LOST)
READ_TASK = "drafting.tasks.read_document"
LOST_MESSAGE = "读取没有完成，文件还在。请点“重新读”；还不行的，请换一份文件或粘贴文字。"
PASTED_NAME = "粘贴的文字.txt"


@transaction.atomic
def add_documents(
    files: Sequence[tuple[str, bytes]], *, text: str = "", institution: Organisation, by: User
) -> list[DocumentDraft]:
    """Store (name, content) of files and a pasted text, each as a draft that is read in the background.

    Raises PermissionDenied for another institution; ValidationError for the first file that is not accepted; then
    nothing is stored.
    """
    if institution.pk not in by.scope.institution_ids:
        raise PermissionDenied("只有院校专员可以为本单位从文件起草。")
    text = clean_text(text)
    uploads = [(*_checked(name, content), content) for name, content in files]
    if text:
        uploads.append((PASTED_NAME, _checked_text(text), text.encode()))
    if not uploads:
        raise ValidationError("还没有选择文件，也没有粘贴文字。请选一个 PDF 或 .docx 文件，或粘贴网页上的文字。")
    if len(uploads) > MOST_FILES:
        raise ValidationError(f"一次最多 {MOST_FILES} 份，请分几次上传。")
    _check_limits(len(uploads), institution, by)
    return [_store(name, kind, content, institution, by) for name, kind, content in uploads]


def _checked(name: str, content: bytes) -> tuple[str, str]:
    name = safe_file_name(name)
    if mark := find_secrecy_marking(name):
        raise ValidationError(f"文件名写着“{mark}”。涉密文件不能上传到本平台。")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise ValidationError(f"“{name}”是旧版 .doc 或设有密码，请另存为不带密码的 .docx 再上传。")
    return name, detect_file_type(content, name, ("pdf", "docx"))


def _checked_text(text: str) -> str:
    if len(text) < MIN_TEXT:
        raise ValidationError(f"粘贴的文字只有 {len(text)} 个字，请粘贴整段介绍。")
    if len(text) > MOST_TEXT:
        raise ValidationError(f"粘贴的文字有 {len(text)} 个字，最多 {MOST_TEXT} 个字，请只粘贴介绍成果的部分。")
    return DraftDocument.Kind.TEXT.value


def _check_limits(count: int, institution: Organisation, by: User) -> None:
    if DocumentDraft.objects.open().filter(institution=institution).count() + count > MOST_OPEN:
        raise ValidationError(f"本单位有 {MOST_OPEN} 份以上没有核对，请先核对或删去一些。")
    if any(exceeds("drafting", str(by.pk), PER_HOUR, 3600) for _upload in range(count)):
        raise ValidationError(f"一小时内最多上传 {PER_HOUR} 份，请过一会儿再传。")


def _store(name: str, kind: str, content: bytes, institution: Organisation, by: User) -> DocumentDraft:
    draft = DocumentDraft.objects.create(institution=institution, started_by=by)
    document = DraftDocument(
        draft=draft,
        name=name,
        kind=kind,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=by,
    )
    suffix = "txt" if kind == DraftDocument.Kind.TEXT else kind
    document.file.save(f"{secrets.token_hex(16)}.{suffix}", ContentFile(content), save=False)
    document.save()
    record("上传起草文件", draft, by=by, changes={"file": [None, name]})
    transaction.on_commit(lambda: enqueue(READ_TASK, document.pk))
    return draft


def read_again(document: DraftDocument, *, with_ocr: bool = False, by: User) -> None:
    """Read a document once more: after a lost task, or a scan by OCR. Raises PermissionDenied, ValidationError."""
    if document.draft.institution_id not in by.scope.institution_ids:
        raise PermissionDenied("这份文件不是您单位的。")
    if with_ocr and not ocr.is_available():
        raise ValidationError("这个平台没有安装文字识别，请上传能选中文字的 PDF，或粘贴文字。")
    waiting = DraftDocument.objects.filter(
        pk=document.pk, status__in=[*UNREAD, Status.SCAN], draft__status=DocumentDraft.Status.OPEN
    )
    if not waiting.update(status=Status.READING, by_ocr=with_ocr, message="", reading_since=timezone.now()):
        raise ValidationError("这份文件已经读过了，请刷新页面。")
    transaction.on_commit(lambda: enqueue(READ_TASK, document.pk))


def mark_lost_documents() -> int:
    """Mark documents whose reading has not ended after LOST_AFTER as to be read again. Returns how many.

    A task that comes later all the same reads them.
    """
    return DraftDocument.objects.lost(timezone.now() - LOST_AFTER).update(status=Status.LOST, message=LOST_MESSAGE)


def read_draft_document(document: DraftDocument) -> None:
    """Read a stored document and write what it says to its draft. Does nothing unless it waits to be read."""
    if document.status not in UNREAD:
        return
    try:
        lines = _lines(document)
        check_not_secret(lines)
        if lines.is_scan:
            _finish(document, Status.SCAN, scan_message())
            return
        reading = read_document(lines)
        readings = _readings(lines, reading, document)
    except (UnreadableDocument, SecretDocument) as error:
        _finish(document, Status.FAILED, str(error))
        _delete_file(document)
        return
    _write(document, lines, reading, readings)


def scan_message() -> str:
    text = "这是扫描件，里面没有可以读的文字，需要文字识别（OCR）。"
    if ocr.is_available():
        return text + f"可以用本平台的文字识别读前 {ocr.MAX_PAGES} 页，认出的每一栏都要核对。"
    return text + "请上传能选中文字的 PDF，或把文字粘贴进来。"


def _lines(document: DraftDocument) -> Document:
    try:
        with document.file.open("rb") as file:
            content = file.read()
    except FileNotFoundError:
        raise UnreadableDocument("保存的文件不见了，请重新上传。") from None
    if document.kind == DraftDocument.Kind.TEXT:
        return read_pasted(content.decode("utf-8", "replace"))
    return extract(content, "ocr" if document.by_ocr else document.kind)


def _readings(lines: Document, reading: DocumentReading, document: DraftDocument) -> list[FieldReading]:
    by = document.uploaded_by
    readings = field_readings(lines, reading, achievement_columns(), sheet_context(by))
    present = {row.key for row in readings if row.text}
    return readings + proposed_by_reader(lines, present, document.draft.institution, by=by)


def _finish(document: DraftDocument, status: str, message: str) -> bool:
    """Whether the document was still waiting."""
    waiting = DraftDocument.objects.filter(pk=document.pk, status__in=UNREAD)
    return bool(waiting.update(status=status, message=message[:500]))


def _delete_file(document: DraftDocument) -> None:
    document.file.delete(save=False)
    DraftDocument.objects.filter(pk=document.pk).update(file="")


@transaction.atomic
def _write(document: DraftDocument, lines: Document, reading: DocumentReading, readings: list[FieldReading]) -> None:
    draft = DocumentDraft.objects.select_for_update().get(pk=document.draft_id)
    if not draft.is_open:
        return  # decided meanwhile: what a late task reads must not bring back names that have left the draft
    notes = [*lines.notes]
    if lines.is_cut:
        notes.append("文件较长，只读了前面的部分。")
    if not any(row.text for row in readings):
        notes.append("没有读出可以填写的内容，请手工填写，或粘贴介绍的文字。")
    if not _finish(document, Status.READ, "".join(notes)):
        return
    title = next((row.text for row in readings if row.key == "title"), "")
    rights = next((row.text for row in readings if row.key == "intellectual_property"), "")
    is_patent = reading.sort in {Sort.PATENT, Sort.CERTIFICATE}
    numbers = [[number, title if is_patent else ""] for number in patent_numbers(rights)]
    finds = [[find.kind, find.shown, find.place] for find in personal_finds(lines)]
    DraftDocument.objects.filter(pk=document.pk).update(sort=reading.sort, rights=numbers, personal=finds)
    merge_fields(draft, {row.key: field_json(row, document) for row in readings})
    draft.save(update_fields=["fields", "moved_at"])


def field_json(row: FieldReading, document: DraftDocument) -> dict[str, Any]:
    return {
        "text": row.text,
        "status": row.status.value,
        "message": row.message[:300],
        "quotation": row.quotation,
        "place": row.place,
        "document": document.public_id,
        "others": [],
    }


def merge_fields(draft: DocumentDraft, fields: dict[str, dict[str, Any]]) -> None:
    """Add what another document says: to empty fields as their text, beside others that differ. Does not save."""
    for key, row in fields.items():
        present = draft.fields.get(key)
        if present is None or (row["text"] and not present["text"]):
            draft.fields[key] = row
        elif row["text"] and row["text"] != present["text"]:
            present["others"] = [*present["others"], {**row, "others": []}, *row["others"]][:10]
