from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "单位成员"

    def ready(self) -> None:
        from members.sent_texts import TEXTS
        from notices.texts.declared import register_texts

        register_texts(TEXTS)
