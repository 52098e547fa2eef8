from django.apps import AppConfig


class IntegrityConfig(AppConfig):
    name = "integrity"
    verbose_name = "诚信核查"

    def ready(self) -> None:
        from integrity.confirmation_subject import register_ownership
        from integrity.open_work import integrity_work
        from open_work.sources import register_source

        register_ownership()
        register_source("integrity", integrity_work, order=35)
