from django.apps import AppConfig


class CorrespondenceConfig(AppConfig):
    name = "correspondence"
    verbose_name = "院校收件箱"

    def ready(self) -> None:
        from correspondence.open_work import correspondence_work
        from open_work.sources import register_source

        register_source("correspondence", correspondence_work, order=22)
