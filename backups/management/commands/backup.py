import signal
import sys
import time
from datetime import datetime, timedelta
from datetime import time as clock
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from backups.manifest import STAMP
from backups.programs import BackupError
from backups.services.taking import backup_root, only_process, take_backup

FAILED = 2
"""Exit code: no backup was written. (3, of the command `rehearse`: it was written and is not proven.)"""


class Command(BaseCommand):
    help = (
        "备份数据库和上传的文件：每份一个目录，带校验值和每张表的行数。退出代码 0 已写成，2 没有写成，"
        "3 已写成但演练没有通过。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", metavar="目录", default="", help="备份放在哪里；不写则用 BACKUP_FOLDER")
        parser.add_argument("--keep", type=int, default=settings.BACKUP_KEEP, help="保留最近几份（默认 BACKUP_KEEP）")
        parser.add_argument("--rehearse", action="store_true", help="写成后演练恢复（manage.py rehearse）")
        parser.add_argument("--daily", metavar="时:分", help="一直运行，每天这个时刻备份一次；缺近一天的就马上补")

    def handle(self, *, to: str, keep: int, rehearse: bool, daily: str | None, **options: Any) -> None:
        if keep < 1:
            raise CommandError("--keep 至少是 1。", returncode=FAILED)
        if not daily:
            self._once(to, keep, rehearse)
            return
        try:
            at = datetime.strptime(daily, "%H:%M").time()
        except ValueError:
            raise CommandError(f"--daily 要写成“时:分”，例如 02:30；写的是“{daily}”。", returncode=FAILED) from None
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # the first process of a container gets no default
        following = timezone.now() if self._is_missing(to) else next_time(at, timezone.localtime())
        while True:
            time.sleep(max(0.0, (following - timezone.now()).total_seconds()))
            try:
                self._once(to, keep, rehearse)
            except CommandError as error:
                self.stderr.write(str(error))
            connection.close()
            following = next_time(at, timezone.localtime())

    @staticmethod
    def _is_missing(to: str) -> bool:
        """Whether no backup of the last day is proven: a new installation, or this process did not run."""
        try:
            stamp = backup_root(to) / STAMP
        except BackupError as error:
            raise CommandError(str(error), returncode=FAILED) from None
        return not stamp.exists() or time.time() - stamp.stat().st_mtime > 24 * 3600

    def _once(self, to: str, keep: int, rehearse: bool) -> None:
        try:
            root = backup_root(to)
            with only_process(root):
                backup = take_backup(root, keep=keep)
        except BackupError as error:
            raise CommandError(str(error), returncode=FAILED) from None
        rows = sum(backup.manifest.row_counts.values())
        self.stdout.write(
            f"已备份到 {backup.folder}：{len(backup.manifest.row_counts)} 张表 {rows} 行，"
            f"数据库 {backup.manifest.dump_bytes / 1e6:.1f} MB，上传的文件 {len(backup.manifest.uploads)} 个。"
        )
        if rehearse:
            call_command("rehearse", folder=str(root), stdout=self.stdout, stderr=self.stderr)


def next_time(at: clock, now: datetime) -> datetime:
    """The next moment after `now` at which the clock shows `at`."""
    following = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return following if following > now else following + timedelta(days=1)
