from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = "个人信息权利"

    def ready(self) -> None:
        from notices.texts.declared import register_texts
        from privacy.sent_texts import TEXTS

        register_texts(TEXTS)
