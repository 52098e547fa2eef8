from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.origin import origin
from portal.demo import load_demo_city


class Command(BaseCommand):
    help = "载入演示城市；已载入的部分不变。数据库里有别人的数据时拒绝，除非加 --force。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--logins-file", type=Path, metavar="PATH", help="把各角色的登录名和密码写到这个文件")
        parser.add_argument("--address", default="", metavar="URL", help="写进登录名文件的网址")
        parser.add_argument("--force", action="store_true", help="即使数据库里已有别人的数据也载入")

    def handle(self, *, logins_file: Path | None, address: str, force: bool, **options) -> None:
        try:
            with origin("命令"):
                loaded = load_demo_city(logins_file=logins_file and Path(logins_file), address=address, force=force)
        except ValidationError as error:
            raise CommandError("；".join(error.messages)) from error
        except OSError as error:
            raise CommandError(f"不能写入登录名文件 {logins_file}：{error.strerror}。") from error
        if not loaded.anything:
            self.stdout.write("演示数据已在，没有改动。")
            return
        self.stdout.write(
            f"已载入演示数据：单位 {loaded.organisations} 家，机构与经纪人 {loaded.directory} 个，"
            f"成果 {loaded.achievements} 项，需求 {loaded.demands} 项，对接活动 {loaded.rounds} 场，"
            f"成交项目 {loaded.deals} 项，登记名单中的合同 {loaded.contracts} 份，"
            f"工作机制 {loaded.mechanism} 条，密码 {loaded.passwords} 个。"
        )
        if logins_file is None and loaded.passwords == 0:
            self.stdout.write("没有设置密码，演示用户还不能登录。需要登录请加 --logins-file 文件。")
