from django.apps import AppConfig


class RoundsConfig(AppConfig):
    name = "rounds"
    verbose_name = "对接活动"

    def ready(self) -> None:
        from calendars.sources import register_source
        from rounds.calendar_events import meeting_events  # models are ready now

        register_source("rounds", meeting_events)
