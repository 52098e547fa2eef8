"""Parts of the page of a deal registered by apps above this one when the apps are ready."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from deals.models import Deal


@dataclass(frozen=True)
class PagePart:
    """`template` is rendered with `data`."""

    template: str
    data: dict[str, Any]


_builders: list[Callable[[Deal, User], PagePart | None]] = []


def register_part(make: Callable[[Deal, User], PagePart | None]) -> None:
    """Register `make`, which returns the part of a deal for a reader, or None if there is nothing to show."""
    if make not in _builders:
        _builders.append(make)


def parts_of(deal: Deal, user: User) -> list[PagePart]:
    return [part for make in _builders if (part := make(deal, user))]
