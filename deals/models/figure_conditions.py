"""Conditions of higher apps on what counts as a figure. An app registers its own in `AppConfig.ready()`.

`Contract.objects.turnover()` and `Payment.objects.received()` leave out what an `excluded` condition names, and
`related()` selects what a `related` condition names. So each figure follows from these querysets alone.
"""

from collections.abc import Callable

from django.db.models import Model, Q

type Condition = Callable[[], Q]

_EXCLUDED: dict[str, list[Condition]] = {}
_RELATED: dict[str, list[Condition]] = {}


def register_excluded(label: str, condition: Condition) -> None:
    """`label`: the model, as "deals.contract". The condition is asked for at each query."""
    _EXCLUDED.setdefault(label, []).append(condition)


def register_related(label: str, condition: Condition) -> None:
    """As `register_excluded`, for the rows between related parties, which count and are shown apart."""
    _RELATED.setdefault(label, []).append(condition)


def excluded_rows(model: type[Model]) -> Q:
    """Which rows do not count because of a decision about them."""
    return _any(_EXCLUDED.get(model._meta.label_lower, []))


def related_rows(model: type[Model]) -> Q:
    """Which rows are between related parties."""
    return _any(_RELATED.get(model._meta.label_lower, []))


def _any(conditions: list[Condition]) -> Q:
    combined = Q(pk__in=[])
    for condition in conditions:
        combined |= condition()
    return combined
