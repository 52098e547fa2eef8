"""Lines below a notice in the daily mail. A higher app registers them for a kind of its own in `AppConfig.ready()`."""

from collections.abc import Callable

from notices.models import Notice

type DetailProvider = Callable[[Notice], list[str]]
_PROVIDERS: dict[str, DetailProvider] = {}


def register_details(kind: str, provider: DetailProvider) -> None:
    """`provider` is called when the mail is made, so that it can leave out what the recipient may no longer read."""
    _PROVIDERS[kind] = provider


def details_of(notice: Notice) -> list[str]:
    provider = _PROVIDERS.get(notice.kind)
    return provider(notice) if provider else []
