from django.apps import AppConfig


class RoundsConfig(AppConfig):
    name = "rounds"
    verbose_name = "对接活动"

    def ready(self) -> None:
        from calendars import sources as calendar_sources
        from open_work.sources import register_source
        from rounds.calendar_events import meeting_events  # models are ready now
        from rounds.open_work import round_work

        calendar_sources.register_source("rounds", meeting_events)
        register_source("rounds", round_work)
