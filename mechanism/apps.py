from django.apps import AppConfig


class MechanismConfig(AppConfig):
    name = "mechanism"
    verbose_name = "工作机制"

    def ready(self) -> None:
        from mechanism.booklet_section import policies_section
        from mechanism.confirmation_subjects import register_mechanism_subjects
        from mechanism.open_work import mechanism_work
        from open_work.sources import register_source
        from rounds.papers.booklet_sections import register_section

        register_source("mechanism", mechanism_work, order=40)
        register_section(policies_section)
        register_mechanism_subjects()
