from django.apps import AppConfig


class DraftingConfig(AppConfig):
    name = "drafting"
    verbose_name = "从文件起草成果"

    def ready(self) -> None:
        from drafting.open_work import drafting_work
        from open_work.sources import register_source

        register_source("drafting", drafting_work, order=24)
