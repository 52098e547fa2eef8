from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    name = "portfolio"
    verbose_name = "院校成果台账"

    def ready(self) -> None:
        from notices.texts.declared import register_texts
        from open_work.sources import register_source
        from portfolio.open_work import portfolio_work
        from portfolio.sent_texts import TEXTS

        register_source("portfolio", portfolio_work, order=25)
        register_texts(TEXTS)
