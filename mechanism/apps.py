from django.apps import AppConfig


class MechanismConfig(AppConfig):
    name = "mechanism"
    verbose_name = "工作机制"

    def ready(self) -> None:
        from deals.landed_companies import register_landed_companies
        from mechanism.booklet_section import policies_section
        from mechanism.confirmation_subjects import register_mechanism_subjects
        from mechanism.kpi.round_report_figures import KINDS, REPORT_FIGURES
        from mechanism.services.landed_companies import later_numbers, link_landed_company
        from rounds.papers.booklet_sections import register_section
        from rounds.report.figures import add_figures

        add_figures(KINDS, REPORT_FIGURES)
        register_section(policies_section)
        register_mechanism_subjects()
        register_landed_companies(accepted=link_landed_company, lines=later_numbers)
