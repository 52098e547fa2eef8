"""manage.py reset_second_factor USER --reason TEXT, for the system administrator who has lost the second factor."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from authentication.services.second_factors import reset_second_factor


class Command(BaseCommand):
    help = (
        "删除一位用户的二次验证（手机验证器、通行密钥、恢复码）。只在没有另一位系统管理员能办理时使用；本人会收到通知。"
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("username", metavar="USER", help="用户名")
        parser.add_argument("--reason", required=True, help="理由，写入操作记录")

    def handle(self, *args, username: str, reason: str, **options) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"没有用户名为“{username}”的用户。")
        try:
            reset_second_factor(user, by=None, reason=reason)
        except ValidationError as error:
            raise CommandError(error.messages[0]) from error
        self.stdout.write(f"已重置“{user}”的二次验证。")
