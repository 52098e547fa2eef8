from django.apps import AppConfig


class RoundsConfig(AppConfig):
    name = "rounds"
    verbose_name = "对接活动"

    def ready(self) -> None:
        from calendars import sources as calendar_sources
        from notices.texts.declared import SamplePrinter, register_printer, register_texts
        from open_work.sources import register_source
        from rounds.calendar_events import meeting_events  # models are ready now
        from rounds.open_work import round_work
        from rounds.papers.sample_letter import print_sample_letter
        from rounds.sent_texts import TEXTS

        calendar_sources.register_source("rounds", meeting_events)
        register_source("rounds", round_work)
        register_texts(TEXTS)
        register_printer("rounds.letter", SamplePrinter(print_sample_letter))
