import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backups.programs import BackupError, Server
from backups.services.recovering import FOLDER, RecoveredServer


class Command(BaseCommand):
    help = (
        "把数据库服务器某一时刻的样子恢复到旁边（pgBackRest）并启动，以便取回误删的数据；按 Ctrl-C 后停止并删除。"
        "正在使用的数据库不变。在数据库所在的服务器上以 root 或其账户运行。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("moment", metavar="时刻", help="例如 2026-12-01 09:30:00+08，要写明时区")
        parser.add_argument("--account", default="postgres", help="以 root 运行时，运行 PostgreSQL 的账户")
        parser.add_argument("--beside", metavar="目录", default=FOLDER, help="恢复到哪里，需要放得下整个数据库")

    def handle(self, *, moment: str, account: str, beside: str, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
        try:
            with RecoveredServer(Server.of_settings(), moment, account=account, parent=beside) as server:
                self.stdout.write(
                    f"已恢复到 {moment}：主机 {server.host}，端口 {server.port}，数据库 {server.database}，"
                    f"用户 {server.user}，密码不变。按 Ctrl-C 停止并删除。"
                )
                self.stdout.flush()
                signal.pause()
        except BackupError as error:
            raise CommandError(str(error), returncode=2) from None
        except KeyboardInterrupt:
            self.stdout.write("已停止并删除。")
