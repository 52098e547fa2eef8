"""Conversion of achievements and demands to the engine's `Item`: which text fields it reads, in which order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import batched
from typing import Any

from django.db.models import QuerySet

from demands.masking import public_text
from matching.engine import Item

ACHIEVEMENT_TEXTS = ("title", "summary", "innovation", "scenario", "keywords")
DEMAND_TEXTS = ("title", "problem", "goal", "keywords")
"""Names of the model fields that the engine reads. The first is the item's title, the others form its text."""


ACHIEVEMENT_PROSE = ("title", "summary", "innovation", "scenario")
DEMAND_PROSE = ("title", "problem", "goal")
"""The same without keywords, for what reads sentences."""
ROWS_AT_A_TIME = 2000


def as_item(pk: int | str, title: str, *parts: str | Iterable[str]) -> Item:
    """Build an item from a primary key and the values of its text fields. A list value is a list of keywords."""
    return Item(pk, title, "\n".join(" ".join(part) if isinstance(part, list) else part for part in parts if part))


def achievement_items(rows: QuerySet) -> Iterator[Item]:
    """Yield an item for each achievement of a queryset. One query."""
    return (as_item(*row) for row in rows.values_list("pk", *ACHIEVEMENT_TEXTS))


def demand_items(rows: QuerySet) -> Iterator[Item]:
    """Yield an item with the full texts for each demand of a queryset. One query."""
    return (as_item(*row) for row in rows.values_list("pk", *DEMAND_TEXTS))


def sorted_items(
    items: Callable[[QuerySet], Iterable[Item]], rows: QuerySet, ids: Iterable[int] | None = None
) -> Iterator[Item]:
    """Yield the items of rows, by default all, sorted by their numbers. Only a few texts are in memory at a time.

    Neither a server-side cursor, which a pooler of transactions does not permit, nor a query of all numbers.
    """
    numbers = rows.order_by("pk").values_list("pk", flat=True) if ids is None else sorted(ids)
    for some in batched(numbers, ROWS_AT_A_TIME):
        yield from items(rows.filter(pk__in=some).order_by("pk"))


def row_item(row: Any, fields: Sequence[str]) -> Item:
    """Build the item of one achievement or demand with the given text fields; the first is its title."""
    title, *parts = (getattr(row, field) for field in fields)
    return as_item(row.pk, title, *parts)


def public_demand_items(rows: QuerySet) -> Iterator[Item]:
    """Yield an item with the public texts for each demand of a queryset. One query.

    The name of an anonymous firm is masked, so that it cannot make two demands similar.
    """
    masking_fields = (
        *("is_anonymous", "disclosure", "teaser"),
        *(f"firm__{name}" for name in ("name", "short_name", "credit_code", "former_names")),
    )
    for demand in rows.select_related("firm").only(*DEMAND_TEXTS, *masking_fields):
        yield as_item(demand.pk, *(public_text(demand, field) for field in DEMAND_TEXTS))
