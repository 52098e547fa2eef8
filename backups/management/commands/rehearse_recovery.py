import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backups.management.commands.rehearse import NO_GO
from backups.programs import BackupError
from backups.services.recovering import FOLDER
from backups.services.rehearsing_recovery import rehearse_recovery
from backups.services.taking import backup_root, only_process


class Command(BaseCommand):
    help = (
        "演练恢复到某一时刻（pgBackRest）：在旁边的数据库写入一行，过一分钟删除，把服务器恢复到删除之前，找回那一行，"
        "核对行数，打开主要页面，然后删除恢复出的数据。在数据库所在的服务器上以 root 或其账户运行。"
        "退出代码 0 可以，3 不可以。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seconds", type=float, default=60, help="恢复到删除之前多少秒（默认 60）")
        parser.add_argument("--account", default="postgres", help="以 root 运行时，运行 PostgreSQL 的账户")
        parser.add_argument("--beside", metavar="目录", default=FOLDER, help="恢复到哪里，需要放得下整个数据库")
        parser.add_argument(
            "--from", dest="folder", metavar="目录", default="", help="结果记在哪里（默认 BACKUP_FOLDER）"
        )

    def handle(self, *, folder: str, seconds: float, account: str, beside: str, **options: Any) -> None:
        if seconds <= 0:
            raise CommandError("--seconds 要大于 0。", returncode=NO_GO)
        signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))  # else the recovered server would stay
        try:
            root = backup_root(folder)
            with only_process(root):
                report = rehearse_recovery(root, seconds=seconds, account=account, parent=beside, say=self.stdout.write)
        except BackupError as error:
            raise CommandError(f"结论：不可以。\n{error}", returncode=NO_GO) from None
        if not report.is_go:
            reasons = "\n".join(f"- {reason}" for reason in report.reasons)
            raise CommandError(f"结论：不可以。\n{reasons}", returncode=NO_GO)
        self.stdout.write("结论：可以。恢复到某一时刻已验证。")
