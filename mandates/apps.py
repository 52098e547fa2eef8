from django.apps import AppConfig


class MandatesConfig(AppConfig):
    name = "mandates"
    verbose_name = "委托授权"

    def ready(self) -> None:
        from mandates.open_work import mandate_work
        from mandates.sent_texts import TEXTS
        from notices.texts.declared import register_texts
        from open_work.sources import register_source

        register_texts(TEXTS)
        register_source("mandates", mandate_work, order=45)
