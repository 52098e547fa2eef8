"""What higher apps do with a landed company, and what they show beside it. They register it in `AppConfig.ready()`."""

from collections.abc import Callable, Iterable

from accounts.models import User
from deals.models import Landing

type Accepted = Callable[[Landing, User], None]
type Lines = Callable[[Iterable[Landing]], dict[int, list[str]]]

ACCEPTED: list[Accepted] = []
"""Called in the transaction in which the registration office accepts a company."""
LINES: list[Lines] = []
"""{pk of a landing: lines of text for the page of its deal}."""


def register_landed_companies(*, accepted: Accepted, lines: Lines) -> None:
    ACCEPTED.append(accepted)
    LINES.append(lines)


def lines_of(landings: Iterable[Landing]) -> dict[int, list[str]]:
    landings = list(landings)
    shown: dict[int, list[str]] = {}
    for lines in LINES:
        for pk, texts in lines(landings).items():
            shown.setdefault(pk, []).extend(texts)
    return shown
