from django.apps import AppConfig


class EnquiriesConfig(AppConfig):
    name = "enquiries"
    verbose_name = "主动对接"

    def ready(self) -> None:
        from calendars.sources import register_source
        from enquiries.calendar_events import approach_events
        from enquiries.ready_pairs import desk_tab
        from enquiries.sent_texts import TEXTS
        from matching.desk_tabs import register_tab
        from notices.texts.declared import register_texts

        register_tab(desk_tab)
        register_source("enquiries", approach_events)
        register_texts(TEXTS)
