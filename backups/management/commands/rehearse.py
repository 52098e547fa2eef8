from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backups.manifest import latest_backup
from backups.programs import BackupError
from backups.services.rehearsing import rehearse
from backups.services.taking import backup_root, only_process

NO_GO = 3
"""Exit code: the backup could not be restored, migrated or used."""


class Command(BaseCommand):
    help = (
        "演练：把最近一份备份恢复到旁边的数据库，核对行数，用现在的程序迁移，打开主要页面，然后删除那个数据库。"
        "通过的备份记为已验证。升级前先用新版程序演练。退出代码 0 可以，3 不可以。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="folder", metavar="目录", default="", help="备份所在（默认 BACKUP_FOLDER）")
        parser.add_argument("--backup", metavar="名称", default="", help="哪一份；不写则用最近一份")

    def handle(self, *, folder: str, backup: str = "", **options: Any) -> None:
        try:
            root = backup_root(folder)
            with only_process(root):
                report = rehearse(latest_backup(root, backup), say=self.stdout.write)
        except BackupError as error:
            raise CommandError(f"结论：不可以。\n{error}", returncode=NO_GO) from None
        if not report.is_go:
            reasons = "\n".join(f"- {reason}" for reason in report.reasons)
            raise CommandError(f"结论：不可以（备份 {report.backup}）。\n{reasons}", returncode=NO_GO)
        self.stdout.write(f"结论：可以。备份 {report.backup} 已验证。")
