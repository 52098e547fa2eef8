import hashlib
from collections.abc import Callable, Sequence
from pathlib import PurePath, PureWindowsPath
from typing import NamedTuple, Protocol

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Organisation, SourceFile, User
from audit.services import record

MAX_MESSAGES = 20
KNOWN_SUFFIXES = {".xlsx", ".xlsm", ".xls", ".csv"}


@transaction.atomic
def store_source_file(
    kind: str, *, content: bytes, name: str, by: User, organisation: Organisation | None = None
) -> SourceFile:
    """Store an uploaded sheet unchanged, with name, size and SHA-256, as the source of imported rows.

    The file has a random name below MEDIA_ROOT; the uploaded name is only displayed, never used as a path. Raises
    PermissionDenied for an organisation that `by` may not see.
    """
    if organisation is not None and not Organisation.objects.visible_to(by).filter(pk=organisation.pk).exists():
        raise PermissionDenied("您不能为这个单位上传文件。")
    source_file = SourceFile(
        kind=SourceFile.Kind(kind),
        name=display_file_name(name),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        organisation=organisation,
        uploaded_by=by,
    )
    suffix = PurePath(source_file.name).suffix.lower()
    stored_name = source_file.public_id + (suffix if suffix in KNOWN_SUFFIXES else "")
    source_file.file = ContentFile(content, name=stored_name)
    source_file.save()
    record("上传文件", source_file, by=by, changes={"sha256": [None, source_file.sha256]})
    return source_file


def display_file_name(name: str) -> str:
    """The file name for display: without folders and control characters, at most 200 characters with the suffix."""
    name = PureWindowsPath(name).name
    name = "".join(character for character in name if character.isprintable()).strip() or "未命名"
    suffix = PurePath(name).suffix[:20]
    return name if len(name) <= 200 else name[: 200 - len(suffix)] + suffix


class ImportResult(NamedTuple):
    """Numbers of imported rows. `skipped`: rows whose records a sheet can no longer change."""

    created: int
    unchanged: int
    updated: int = 0
    skipped: int = 0


class CheckedSheet(Protocol):
    """The report of a checked sheet."""

    @property
    def ok(self) -> bool: ...

    @property
    def errors(self) -> Sequence[object]: ...


@transaction.atomic
def import_sheet[T: CheckedSheet](
    source_file: SourceFile,
    kind: str,
    *,
    check: Callable[[bytes, str], T],
    write: Callable[[T, SourceFile], ImportResult],
    by: User,
) -> ImportResult:
    """Check a stored sheet again and write all its rows or none; the result is stored with the file.

    Concurrent imports of one file run one after the other. Raises ValidationError with the first errors, or after a
    concurrent import of the same rows, and what `check` raises.
    """
    source_file = SourceFile.objects.select_for_update().get(pk=source_file.pk)
    if source_file.kind != kind:
        raise ValidationError(
            "“%(name)s”不是%(kind)s的表格。" % {"name": source_file, "kind": SourceFile.Kind(kind).label}
        )
    with source_file.file.open("rb") as content:
        report = check(content.read(), source_file.name)
    if not report.ok:
        raise ValidationError(first_error_messages(report.errors))
    try:
        with transaction.atomic():
            result = write(report, source_file)
    except IntegrityError as error:
        raise ValidationError("有内容刚被其他人录入，请重新检查后再导入，本次没有写入任何内容。") from error
    record_import_result(source_file, result)
    record("导入表格", source_file, by=by, changes={key: [None, n] for key, n in result._asdict().items()})
    return result


def record_import_result(source_file: SourceFile, result: ImportResult) -> None:
    """Store the numbers of rows with the file. The caller has locked the file's row."""
    if source_file.written_at is None:  # rows unchanged in a second import are those of the first one
        source_file.written_at, source_file.unchanged_rows = timezone.now(), result.unchanged
    source_file.created_rows += result.created
    source_file.save(update_fields=["written_at", "created_rows", "unchanged_rows"])


def first_error_messages(problems: Sequence[object]) -> list[str]:
    """The first errors of a sheet and the number of further ones, as messages for a ValidationError."""
    sentences = [str(problem) for problem in problems[:MAX_MESSAGES]]
    rest = len(problems) - len(sentences)
    return sentences + (["另有 %(count)d 处问题，请先检查整个表格。" % {"count": rest}] if rest else [])
