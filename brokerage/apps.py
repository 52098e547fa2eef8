from django.apps import AppConfig


class BrokerageConfig(AppConfig):
    name = "brokerage"
    verbose_name = "技术经纪"

    def ready(self) -> None:
        from brokerage.deal_part import commission_part
        from brokerage.open_work import brokerage_work
        from brokerage.sent_texts import TEXTS
        from deals.page_parts import register_part
        from notices.texts.declared import register_texts
        from open_work.sources import register_source

        register_texts(TEXTS)
        register_source("brokerage", brokerage_work, order=46)
        register_part(commission_part)
