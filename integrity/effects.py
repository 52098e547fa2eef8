"""What decisions do in the figures: the conditions that `deals` asks for, and figures as if a decision were taken."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from integrity.models import Case, CaseRow, Ownership


@dataclass(frozen=True)
class Assumption:
    """As if these effects, {pk of a `CaseRow`: effect}, were those of a case, in place of its present ones."""

    case_id: int
    effects: tuple[tuple[int, str], ...]

    def rows_with(self, effect: str) -> Q:
        chosen = [pk for pk, value in self.effects if value == effect]
        return Q(effect=effect) & ~Q(case=self.case_id) | Q(pk__in=chosen)


_assumed: ContextVar[Assumption | None] = ContextVar("assumed_effects", default=None)


@contextmanager
def assuming(case: Case, effects: Iterable[tuple[int, str]]) -> Iterator[None]:
    """Within the block all querysets of figures answer as if the case were decided with these effects."""
    token = _assumed.set(Assumption(case.pk, tuple(effects)))
    try:
        yield
    finally:
        _assumed.reset(token)


def excluded_contracts() -> Q:
    return _in_rows("contract", CaseRow.Effect.EXCLUDED)


def excluded_payments() -> Q:
    return _in_rows("payment", CaseRow.Effect.EXCLUDED)


def related_contracts() -> Q:
    """Decided as related, or between an owner and the company that it owns on the day of the registration."""
    held = Ownership.objects.in_effect(OuterRef("registered_on"))
    pairs = Q(owner=OuterRef("seller"), owned=OuterRef("buyer")) | Q(owner=OuterRef("buyer"), owned=OuterRef("seller"))
    owned = Q(seller__isnull=False, buyer__isnull=False) & Q(Exists(held.filter(pairs)))
    return _in_rows("contract", CaseRow.Effect.RELATED) | owned


def _in_rows(column: str, effect: str) -> Q:
    assumption = _assumed.get()
    condition = assumption.rows_with(effect) if assumption else Q(effect=effect)
    rows = CaseRow.objects.filter(condition, **{f"{column}__isnull": False}).order_by()
    return Q(pk__in=rows.values(column))


@dataclass(frozen=True)
class FigureChange:
    """A figure before and after a decision, as shown: with its unit."""

    label: str
    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        return self.before != self.after


type FigureCounter = Callable[[date], list[tuple[str, str]]]
"""The figures, [(label, value as shown)], of the year of a day. `mechanism`, which counts figures, registers it."""

_counters: list[FigureCounter] = []


def register_counter(counter: FigureCounter) -> None:
    _counters.append(counter)


def figure_changes(case: Case, effects: Iterable[tuple[int, str]], day: date) -> list[FigureChange]:
    """The figures of the year of `day` now and as if the case were decided with these effects."""
    before = [value for counter in _counters for value in counter(day)]
    with assuming(case, effects):
        after = [value for counter in _counters for value in counter(day)]
    return [FigureChange(label, old, new) for (label, old), (_label, new) in zip(before, after, strict=True)]
