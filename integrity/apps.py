from django.apps import AppConfig


class IntegrityConfig(AppConfig):
    name = "integrity"
    verbose_name = "诚信核查"

    def ready(self) -> None:
        from deals.models.figure_conditions import register_excluded, register_related
        from integrity import effects
        from integrity.confirmation_subject import register_ownership

        register_excluded("deals.contract", effects.excluded_contracts)
        register_excluded("deals.payment", effects.excluded_payments)
        register_related("deals.contract", effects.related_contracts)
        register_ownership()
