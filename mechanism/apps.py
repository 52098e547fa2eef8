from django.apps import AppConfig


class MechanismConfig(AppConfig):
    name = "mechanism"
    verbose_name = "工作机制"

    def ready(self) -> None:
        from integrity.effects import register_counter
        from integrity.relations import register_relations
        from mechanism import related_parties
        from mechanism.booklet_section import policies_section
        from mechanism.confirmation_subjects import register_mechanism_subjects
        from mechanism.kpi.case_figures import count_case_figures
        from rounds.papers.booklet_sections import register_section

        register_section(policies_section)
        register_mechanism_subjects()
        register_relations(related_parties.declared_pairs)
        register_counter(count_case_figures)
