from django.apps import AppConfig


class MechanismConfig(AppConfig):
    name = "mechanism"
    verbose_name = "工作机制"

    def ready(self) -> None:
        from mechanism.booklet_section import policies_section
        from mechanism.confirmation_subjects import register_mechanism_subjects
        from mechanism.kpi.round_report_figures import KINDS, REPORT_FIGURES
        from rounds.papers.booklet_sections import register_section
        from rounds.report.figures import add_figures

        add_figures(KINDS, REPORT_FIGURES)
        register_section(policies_section)
        register_mechanism_subjects()
