from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.origin import origin
from portal.first_accounts import create_first_accounts


class Command(BaseCommand):
    help = "建立市和各区市县的首批单位和账号，把登录名和密码写到文件；已有的不变。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--logins-file", type=Path, required=True, metavar="PATH", help="登录名和密码写到这个文件")
        parser.add_argument("--address", default="", metavar="URL", help="写进登录名文件的网址")

    def handle(self, *, logins_file: Path, address: str, **options) -> None:
        try:
            with origin("命令"):
                created = create_first_accounts(settings.CITY, logins_file=Path(logins_file), address=address)
        except OSError as error:
            raise CommandError(f"不能写入登录名文件 {logins_file}：{error.strerror}。") from error
        self.stdout.write(f"{settings.CITY.name}：新建账号 {created} 个，登录名在 {logins_file}。")
