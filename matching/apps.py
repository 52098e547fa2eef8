from django.apps import AppConfig


class MatchingConfig(AppConfig):
    name = "matching"
    verbose_name = "供需匹配"

    def ready(self) -> None:
        from django.conf import settings

        from calendars.sources import register_source
        from matching.calendar_events import answer_deadlines  # models are ready now
        from matching.engine.noun_phrases import GENERIC_WORDS

        register_source("matching", answer_deadlines)
        GENERIC_WORDS.update(settings.CITY.stop_words)
