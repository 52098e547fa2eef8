from django.apps import AppConfig


class DealsConfig(AppConfig):
    name = "deals"
    verbose_name = "成交"

    def ready(self) -> None:
        from deals.confirmation_subjects import register_deal_subjects
        from deals.models import active_deals_prefetch
        from rounds.day.meeting_deals import add_prefetch

        add_prefetch(active_deals_prefetch)
        register_deal_subjects()
