from django.apps import AppConfig


class DealsConfig(AppConfig):
    name = "deals"
    verbose_name = "成交"

    def ready(self) -> None:
        from core.downloads import DOCX
        from deals.confirmation_subjects import register_deal_subjects
        from deals.letters import KEY, sample_letter_as_word
        from deals.models import active_deals_prefetch
        from deals.open_work import deal_work
        from deals.sent_texts import TEXTS
        from notices.texts.declared import SamplePrinter, register_printer, register_texts
        from open_work.sources import register_source
        from rounds.day.meeting_deals import add_prefetch

        add_prefetch(active_deals_prefetch)
        register_deal_subjects()
        register_source("deals", deal_work, order=30)
        register_texts(TEXTS)
        register_printer(KEY, SamplePrinter(sample_letter_as_word, "Word", "docx", DOCX))
