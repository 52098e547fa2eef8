from django.apps import AppConfig


class MechanismConfig(AppConfig):
    name = "mechanism"
    verbose_name = "工作机制"

    def ready(self) -> None:
        from challenges.review_page import register_review_page
        from deals.landed_companies import register_landed_companies
        from integrity.effects import register_counter
        from integrity.relations import register_relations
        from mechanism import checks  # noqa: F401  # registers itself
        from mechanism.booklet_section import policies_section
        from mechanism.confirmation_subjects import register_mechanism_subjects
        from mechanism.kpi.case_figures import count_case_figures
        from mechanism.kpi.round_report_figures import KINDS, REPORT_FIGURES
        from mechanism.open_work import mechanism_work
        from mechanism.related_parties import declared_pairs
        from mechanism.sent_texts import TEXTS
        from mechanism.services.landed_companies import later_numbers, link_landed_company
        from notices.texts.declared import register_texts
        from open_work.sources import register_source
        from rounds.papers.booklet_sections import register_section
        from rounds.report.figures import add_figures

        register_review_page("admin:mechanism_challenge_review")
        add_figures(KINDS, REPORT_FIGURES)
        register_source("mechanism", mechanism_work, order=40)
        register_texts(TEXTS)
        register_section(policies_section)
        register_mechanism_subjects()
        register_relations(declared_pairs)
        register_counter(count_case_figures)
        register_landed_companies(accepted=link_landed_company, lines=later_numbers)
