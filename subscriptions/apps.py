from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    name = "subscriptions"
    verbose_name = "订阅"

    def ready(self) -> None:
        from notices.details import register_details
        from notices.models import NoticeKind
        from notices.texts.declared import register_texts
        from subscriptions.digest import digest_details
        from subscriptions.sent_texts import TEXTS

        register_details(NoticeKind.SUBSCRIBED, digest_details)
        register_texts(TEXTS)
