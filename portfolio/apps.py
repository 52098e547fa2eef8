from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    name = "portfolio"
    verbose_name = "院校成果台账"

    def ready(self) -> None:
        from open_work.sources import register_source
        from portfolio.open_work import portfolio_work

        register_source("portfolio", portfolio_work, order=25)
