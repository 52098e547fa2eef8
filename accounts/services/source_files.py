import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePath, PureWindowsPath
from typing import Any, NamedTuple, Protocol

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


class ImportProgress:
    """How far an import of a sheet is. A subclass keeps it, so that a lost import goes on and can be stopped."""

    def __init__(self) -> None:
        self.written_to = 0
        """Number of the last row that is written."""
        self.result = ImportResult(0, 0)

    def lock(self) -> None:
        """First in the transaction of a part: read what is written. Raises `ImportStopped`."""

    def advance(self, written_to: int, result: ImportResult) -> None:
        """Last in the transaction of a part, whose rows end with `written_to`."""
        self.written_to = written_to
        self.result = ImportResult(*(sum(pair) for pair in zip(self.result, result, strict=True)))


class ImportStopped(Exception):
    """Somebody has stopped the import, or another task has taken it over. What is written stays."""


class CheckedSheet(Protocol):
    """The report of a checked sheet."""

    @property
    def ok(self) -> bool: ...

    @property
    def errors(self) -> Sequence[object]: ...


PART_ROWS = 500


def import_sheet[T: CheckedSheet, P](
    source_file: SourceFile,
    kind: str,
    *,
    check: Callable[[Any, str], T],
    write: Callable[[P, SourceFile], ImportResult],
    by: User,
    parts: Callable[[T, int], Iterable[tuple[int, P]]],
    progress: ImportProgress | None = None,
) -> ImportResult:
    """Check a stored sheet again and write its rows; the result is stored with the file.

    `check` gets the open file. Nothing is written if the sheet has errors. With `progress` each of the `parts` is
    written in a transaction of its own, and only those after the last row that is written. Without `progress` all rows
    are written or none, and concurrent imports of a file run one after the other. `parts`, of about so many rows, come
    with the numbers of their last rows, which increase. Raises ValidationError with the first errors, or after a
    concurrent import of the same rows, ImportStopped, and what `check` raises.
    """
    if progress is None:
        with transaction.atomic():
            SourceFile.objects.select_for_update().get(pk=source_file.pk)
            return import_sheet(
                source_file, kind, check=check, write=write, by=by, parts=parts, progress=ImportProgress()
            )
    if source_file.kind != kind:
        raise ValidationError(
            "“%(name)s”不是%(kind)s的表格。" % {"name": source_file, "kind": SourceFile.Kind(kind).label}
        )
    with source_file.file.open("rb") as content:
        report = check(content, source_file.name)
    if not report.ok:
        raise ValidationError(first_error_messages(report.errors))
    remaining = iter(parts(report, PART_ROWS))
    part = next(remaining, None)
    while True:
        following = next(remaining, None)
        _write_part(part, source_file, write=write, by=by, progress=progress, is_last=following is None)
        if following is None:
            return progress.result
        part = following


@transaction.atomic
def _write_part[P](
    part: tuple[int, P] | None,
    source_file: SourceFile,
    *,
    write: Callable[[P, SourceFile], ImportResult],
    by: User,
    progress: ImportProgress,
    is_last: bool,
) -> None:
    """Write a part, (number of its last row, its rows); None for a sheet without a row to be written."""
    progress.lock()
    source_file = SourceFile.objects.select_for_update().get(pk=source_file.pk)
    last_row, rows = part or (0, None)
    if rows is not None and last_row > progress.written_to:
        try:
            with transaction.atomic():
                result = write(rows, source_file)
        except IntegrityError as error:
            raise ValidationError(_taken_meanwhile(progress)) from error
        progress.advance(last_row, result)
    if is_last:
        totals = progress.result
        record_import_result(source_file, totals)
        record("导入表格", source_file, by=by, changes={key: [None, n] for key, n in totals._asdict().items()})


def _taken_meanwhile(progress: ImportProgress) -> str:
    done = f"此前导入的 {sum(progress.result)} 条已经保存。" if progress.written_to else "本次没有写入任何内容。"
    return "有内容刚被其他人录入，请重新检查后再导入，" + done


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
