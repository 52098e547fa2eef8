from django.apps import AppConfig


class MatchingConfig(AppConfig):
    name = "matching"
    verbose_name = "供需匹配"

    def ready(self) -> None:
        from django.conf import settings

        from calendars.sources import register_source
        from matching.calendar_events import answer_deadlines  # models are ready now
        from matching.engine.noun_phrases import GENERIC_WORDS
        from matching.open_work import failed_run_work
        from matching.sent_texts import TEXTS
        from notices.texts.declared import register_texts
        from open_work.sources import register_source as register_work

        register_source("matching", answer_deadlines)
        register_work("matching", failed_run_work, order=20)
        GENERIC_WORDS.update(settings.CITY.stop_words)
        register_texts(TEXTS)
