from django.apps import AppConfig


class DemandsConfig(AppConfig):
    name = "demands"
    verbose_name = "技术需求"

    def ready(self) -> None:
        from demands.sent_texts import TEXTS
        from notices.texts.declared import register_texts

        register_texts(TEXTS)
