"""Figures as if a case were decided, and which contracts are between an owner and its company."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from deals.models import FigureEffect
from deals.models.figure_effect import AssumedEffects, assuming
from integrity.models import CaseRow, Ownership

Effect = FigureEffect.Effect


def between_owner_and_owned(seller: str, buyer: str, day: str) -> Q:
    """Rows of which one party holds shares of the other on the day of the row; lookups of the parties and the day."""
    pairs = Q(owner=OuterRef(seller), owned=OuterRef(buyer)) | Q(owner=OuterRef(buyer), owned=OuterRef(seller))
    return Q(Exists(Ownership.objects.in_effect(OuterRef(day)).filter(pairs).order_by()))


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


def figure_changes(effects: Iterable[tuple[CaseRow, str]], day: date) -> list[FigureChange]:
    """The figures of the year of `day`, now and as if the rows of a case had these effects in place of theirs."""
    before = [value for counter in _counters for value in counter(day)]
    with assuming(_assumed(effects)):
        after = [value for counter in _counters for value in counter(day)]
    return [FigureChange(label, old, new) for (label, old), (_label, new) in zip(before, after, strict=True)]


def _assumed(effects: Iterable[tuple[CaseRow, str]]) -> AssumedEffects:
    rows = list(effects)

    def having(effect: str, column: str) -> frozenset[int]:
        pks = (getattr(row, column) for row, value in rows if value == effect)
        return frozenset(pk for pk in pks if pk is not None)

    return AssumedEffects(
        excluded_contracts=having(Effect.EXCLUDED, "contract_id"),
        related_contracts=having(Effect.RELATED, "contract_id"),
        excluded_payments=having(Effect.EXCLUDED, "payment_id"),
        replaced=frozenset(row.figure_effect_id for row, _value in rows if row.figure_effect_id),
    )
