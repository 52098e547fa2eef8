from django.apps import AppConfig


class AnnualReportsConfig(AppConfig):
    name = "annual_reports"
    verbose_name = "院校年度报告"

    def ready(self) -> None:
        from annual_reports import checks  # noqa: F401  # registers itself
        from annual_reports.item_links import report_links
        from annual_reports.open_work import report_work
        from open_work.sources import register_source
        from portfolio.item_slots import register_links

        register_source("annual_reports", report_work, order=45)
        register_links("annual_reports", report_links)
