import hashlib
from collections.abc import Callable
from pathlib import PurePath, PureWindowsPath
from typing import NamedTuple, Protocol

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation, SourceFile
from audit.services import record

SHOWN_PROBLEMS = 20
KNOWN_SUFFIXES = {".xlsx", ".xlsm", ".xls", ".csv"}


@transaction.atomic
def store_source_file(
    kind: str, *, content: bytes, name: str, by, organisation: Organisation | None = None
) -> SourceFile:
    """Keep an uploaded sheet as it came: its name, size and SHA-256 are the origin of the rows read from it.

    Stored under a random name below MEDIA_ROOT; the uploader's name is only a label and never opens anything.
    Raises PermissionDenied for an organisation the actor does not speak for.
    """
    if organisation is not None and not Organisation.objects.visible_to(by).filter(pk=organisation.pk).exists():
        raise PermissionDenied(_("您不能为这个单位上传文件。"))
    source_file = SourceFile(
        kind=SourceFile.Kind(kind),
        name=label(name),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        organisation=organisation,
        uploaded_by=by,
    )
    suffix = PurePath(source_file.name).suffix.lower()
    stored_name = source_file.public_id + (suffix if suffix in KNOWN_SUFFIXES else "")
    source_file.file = ContentFile(content, name=stored_name)
    source_file.save()
    record(_("上传文件"), source_file, by=by, changes={"sha256": [None, source_file.sha256]})
    return source_file


def label(name: str) -> str:
    """A file name fit to be shown: without folders and control characters, at most 200 characters, suffix kept."""
    name = PureWindowsPath(name).name
    name = "".join(character for character in name if character.isprintable()).strip() or _("未命名")
    suffix = PurePath(name).suffix[:20]
    return name if len(name) <= 200 else name[: 200 - len(suffix)] + suffix


class ImportResult(NamedTuple):
    """Rows of a written sheet by what became of them; `skipped` are past being changed by a sheet and left alone."""

    created: int
    unchanged: int
    updated: int = 0
    skipped: int = 0


class Checked(Protocol):
    """A sheet that was looked through."""

    @property
    def ok(self) -> bool: ...

    @property
    def errors(self) -> list: ...


@transaction.atomic
def import_sheet[T: Checked](
    source_file: SourceFile,
    kind: str,
    *,
    check: Callable[[bytes, str], T],
    write: Callable[[T, SourceFile], ImportResult],
    by,
) -> ImportResult:
    """Check a stored sheet of this kind once more and write it, all or nothing; the file says what became of its rows.

    Two imports of one file wait for each other. Raises ValidationError with the first faults, or where somebody else
    wrote the same meanwhile, and what `check` raises.
    """
    source_file = SourceFile.objects.select_for_update().get(pk=source_file.pk)
    if source_file.kind != kind:
        raise ValidationError(
            _("“%(name)s”不是%(kind)s的表格。") % {"name": source_file, "kind": SourceFile.Kind(kind).label}
        )
    with source_file.file.open("rb") as content:
        found = check(content.read(), source_file.name)
    if not found.ok:
        raise ValidationError(first_problems(found.errors))
    try:
        with transaction.atomic():
            result = write(found, source_file)
    except IntegrityError as error:
        raise ValidationError(_("有内容刚被其他人录入，请重新检查后再导入，本次没有写入任何内容。")) from error
    note_import(source_file, result)
    record(_("导入表格"), source_file, by=by, changes={key: [None, n] for key, n in result._asdict().items()})
    return result


def note_import(source_file: SourceFile, result: ImportResult) -> None:
    """Keep with the file what became of its rows. The caller holds the file's row locked."""
    if source_file.written_at is None:  # what a second click finds unchanged is what the first one wrote
        source_file.written_at, source_file.unchanged_rows = timezone.now(), result.unchanged
    source_file.created_rows += result.created
    source_file.save(update_fields=["written_at", "created_rows", "unchanged_rows"])


def first_problems(problems: list) -> list[str]:
    """The first faults of a sheet as sentences, and how many more there are: fit for a ValidationError."""
    sentences = [str(problem) for problem in problems[:SHOWN_PROBLEMS]]
    rest = len(problems) - len(sentences)
    return sentences + ([_("另有 %(count)d 处问题，请先检查整个表格。") % {"count": rest}] if rest else [])
