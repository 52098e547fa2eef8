import json
from dataclasses import asdict

from django.core.management.base import BaseCommand, CommandError

from audit.origin import origin
from rounds.self_check import ChainCheckError, check_chain


class Command(BaseCommand):
    help = "关闭一场自检活动，等后台任务完成匹配，输出一行 JSON，然后清除自检留下的一切。没有完成时退出码为 1。"

    def add_arguments(self, parser):
        parser.add_argument("--timeout", type=float, default=60, metavar="SECONDS", help="最多等待的秒数（默认 60）")

    def handle(self, *, timeout, **options):
        try:
            with origin("命令"):
                report = check_chain(timeout=timeout)
        except ChainCheckError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(asdict(report), ensure_ascii=False))
