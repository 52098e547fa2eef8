from django.apps import AppConfig


class AchievementsConfig(AppConfig):
    name = "achievements"
    verbose_name = "科技成果"

    def ready(self) -> None:
        from achievements.sent_texts import TEXTS
        from notices.texts.declared import register_texts

        register_texts(TEXTS)
