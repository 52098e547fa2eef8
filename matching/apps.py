from django.apps import AppConfig


class MatchingConfig(AppConfig):
    name = "matching"
    verbose_name = "供需匹配"

    def ready(self) -> None:
        from calendars.sources import register_source
        from matching.calendar_events import answer_deadlines  # models are ready now

        register_source("matching", answer_deadlines)
