from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "notices"
    verbose_name = "消息"

    def ready(self) -> None:
        from notices.sent_texts import TEXTS
        from notices.texts.declared import register_texts

        register_texts(TEXTS)
