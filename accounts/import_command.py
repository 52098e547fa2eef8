"""Base of the management commands that import a sheet with the check and service of the pages. Default: a dry run."""

from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.services.source_files import ImportResult, store_source_file
from audit.origin import origin
from sheets.archive import UnreadableSheet
from sheets.checking import SheetReport


class ImportCommand(BaseCommand):
    """A subclass sets `kind` (SourceFile.Kind), `check_sheet` and `write` (static functions)."""

    kind: str
    check_sheet: Callable[..., SheetReport]
    write: Callable[..., ImportResult]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="xlsx 或 csv 文件")
        parser.add_argument("--by", required=True, metavar="USERNAME", help="以哪位用户的身份导入")
        parser.add_argument("--write", action="store_true", help="检查通过后写入")
        parser.add_argument("--only-own", action="store_true", help="只导入这位用户管理范围内的行")

    def handle(self, *, file: Path, by: str, write: bool, only_own: bool, **options) -> None:
        user = User.objects.filter(username=by, is_active=True).first()
        if user is None:
            raise CommandError(f"没有用户名为“{by}”的在用账号，请核对 --by。")
        try:
            with origin("命令"):
                content = file.read_bytes()
                self._check(content, file.name, user, only_own)
                if write:
                    self._write(content, file.name, user, only_own)
                else:
                    self.stdout.write("检查通过。以上为试运行，没有写入；加 --write 写入。")
        except OSError as error:
            raise CommandError(f"不能读取文件 {file}：{error.strerror}。") from error
        except UnreadableSheet as error:
            raise CommandError(str(error)) from error
        except (ValidationError, PermissionDenied) as error:
            raise CommandError("；".join(getattr(error, "messages", [str(error)]))) from error

    def _check(self, content: bytes, name: str, user: User, only_own: bool) -> None:
        report = self.check_sheet(content, name, by=user, only_own=only_own)
        for line in (*report.notices, *report.errors, *report.warnings):
            self.stdout.write(str(line))
        self.stdout.write("共 {rows} 行，{errors} 处错误，{warnings} 处提醒。".format(**report.counts))
        if not report.ok:
            raise CommandError(f"有 {len(report.errors)} 处错误，没有写入任何一行。")

    def _write(self, content: bytes, name: str, user: User, only_own: bool) -> None:
        source_file = store_source_file(self.kind, content=content, name=name, by=user)
        result = self.write(source_file, by=user, only_own=only_own)
        self.stdout.write(
            f"已写入：新增 {result.created} 项，更新 {result.updated} 项，"
            f"未变 {result.unchanged} 项，保持原样 {result.skipped} 项。"
        )
