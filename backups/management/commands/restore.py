from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backups.manifest import latest_backup
from backups.programs import BackupError, Server
from backups.services.restoring import restore_database, restore_uploads
from backups.services.taking import backup_root
from backups.uploads import uploads_of_settings


class Command(BaseCommand):
    help = (
        "把一份备份恢复到 DATABASE_URL 的空数据库和上传目录（或存储桶）。已有的文件不覆盖。之后运行 manage.py migrate。"
    )
    requires_system_checks = []  # the database is empty

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="folder", metavar="目录", default="", help="备份所在（默认 BACKUP_FOLDER）")
        parser.add_argument("--backup", metavar="名称", default="", help="哪一份；不写则用最近一份")

    def handle(self, *, folder: str, backup: str, **options: Any) -> None:
        try:
            chosen = latest_backup(backup_root(folder), backup)
            chosen.check()
            restore_database(chosen, Server.of_settings())
            copied = restore_uploads(chosen, uploads_of_settings())
        except BackupError as error:
            raise CommandError(str(error), returncode=2) from None
        self.stdout.write(f"已恢复备份 {chosen.folder.name}：{len(chosen.manifest.row_counts)} 张表，{copied} 个文件。")
