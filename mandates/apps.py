from django.apps import AppConfig


class MandatesConfig(AppConfig):
    name = "mandates"
    verbose_name = "委托授权"

    def ready(self) -> None:
        from mandates.open_work import mandate_work
        from open_work.sources import register_source

        register_source("mandates", mandate_work, order=45)
