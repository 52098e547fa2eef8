from django.apps import AppConfig


class CorrespondenceConfig(AppConfig):
    name = "correspondence"
    verbose_name = "院校收件箱"

    def ready(self) -> None:
        from correspondence.item_panel import feedback_panel
        from correspondence.open_work import correspondence_work
        from correspondence.sent_texts import TEXTS
        from notices.texts.declared import register_texts
        from open_work.sources import register_source
        from portfolio.item_slots import register_panel

        register_source("correspondence", correspondence_work, order=22)
        register_panel("correspondence", feedback_panel)
        register_texts(TEXTS)
