from django.apps import AppConfig


class IntegrityConfig(AppConfig):
    name = "integrity"
    verbose_name = "诚信核查"

    def ready(self) -> None:
        from integrity.confirmation_subject import register_ownership

        register_ownership()
