from django.apps import AppConfig


class FavouritesConfig(AppConfig):
    name = "favourites"
    verbose_name = "收藏"

    def ready(self) -> None:
        from favourites import signals  # noqa: F401 connects the receiver of the sign-in signal
