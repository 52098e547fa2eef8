import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.import_command import ImportCommand
from accounts.models import User
from achievements.imports import check_achievements
from achievements.services.importing import import_achievements
from achievements.services.intake import understand_sheet
from achievements.sheet_json import json_lines
from sheets.archive import UnreadableSheet


class Command(ImportCommand):
    help = (
        "检查一份科技成果征集表；加 --write 才写入。有错误时不写入任何一行，退出码为 1。"
        "加 --json 逐格列出读懂了什么（JSON 行，不写入），字段说明见 docs/import.md。"
    )
    kind = "achievements"
    check_sheet = staticmethod(check_achievements)
    write = staticmethod(import_achievements)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--json", action="store_true", help="逐格输出 JSON 行，不写入")
        parser.add_argument("--sheet", default="", metavar="TITLE", help="与 --json 合用：读哪个工作表")

    def handle(self, *, file: Path, by: str, write: bool, only_own: bool, **options: Any) -> None:
        if not options.pop("json", False):
            return super().handle(file=file, by=by, write=write, only_own=only_own, **options)
        if write:
            raise CommandError("--json 只检查、不写入，不能与 --write 合用。")
        user = User.objects.filter(username=by, is_active=True).first()
        if user is None:
            raise CommandError(f"没有用户名为“{by}”的在用账号，请核对 --by。")
        try:
            intake = understand_sheet(file.read_bytes(), file.name, by=user, title=options.get("sheet", ""))
            for line in json_lines(intake, only_own=only_own):
                self.stdout.write(json.dumps(line, ensure_ascii=False))
        except OSError as error:
            raise CommandError(f"不能读取文件 {file}：{error.strerror}。") from error
        except UnreadableSheet as error:
            raise CommandError(str(error)) from error
        return None
