from django.apps import AppConfig


class AuthenticationConfig(AppConfig):
    name = "authentication"
    verbose_name = "登录与账号安全"

    def ready(self) -> None:
        from authentication import checks, signals  # noqa: F401 registers the check and the receivers
