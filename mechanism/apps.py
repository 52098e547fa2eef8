from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MechanismConfig(AppConfig):
    name = "mechanism"
    verbose_name = _("工作机制")

    def ready(self) -> None:
        from mechanism.booklet_section import policies_section
        from rounds.papers.booklet_sections import register_section

        register_section(policies_section)
