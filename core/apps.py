from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"

    def ready(self):
        from core import (
            converters,  # noqa: F401  (registers the path converter that every urls.py uses)
            task_ids,  # noqa: F401  (connects to signals of Celery)
        )
