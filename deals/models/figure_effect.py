"""What decisions of the city about suspicious records do in the figures.

`Contract.objects.turnover()` and `Payment.objects.received()` leave out what is excluded here, so every figure, list
and honour follows. `integrity` writes the rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import models
from django.db.models import Q
from django.utils import timezone


class FigureEffectQuerySet(models.QuerySet["FigureEffect"]):
    def excluding(self) -> "FigureEffectQuerySet":
        return self.filter(effect=FigureEffect.Effect.EXCLUDED)

    def relating(self) -> "FigureEffectQuerySet":
        return self.filter(effect=FigureEffect.Effect.RELATED)


class FigureEffect(models.Model):
    """Of one decision on one contract or payment. A later decision changes `effect`; the row stays."""

    class Effect(models.TextChoices):
        NONE = "", "照常计入"
        RELATED = "related", "计入其中关联"
        EXCLUDED = "excluded", "不计入"

    contract = models.ForeignKey(
        "deals.Contract", models.PROTECT, null=True, editable=False, related_name="+", verbose_name="合同"
    )
    payment = models.ForeignKey(
        "deals.Payment", models.PROTECT, null=True, editable=False, related_name="+", verbose_name="到账"
    )
    effect = models.CharField("统计", max_length=10, choices=Effect, blank=True, default="", editable=False)
    decided_at = models.DateTimeField("决定时间", default=timezone.now, editable=False)

    objects = FigureEffectQuerySet.as_manager()

    class Meta:
        verbose_name = "决定对统计的影响"
        verbose_name_plural = "决定对统计的影响"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(contract__isnull=False, payment=None)
                | Q(contract=None, payment__isnull=False) & ~Q(effect="related"),
                name="figure_effect_on_one_record",
            ),
        ]
        indexes = [
            models.Index(
                fields=["effect"],
                include=["contract", "payment"],
                condition=~Q(effect=""),
                name="figure_effect_in_force",
            )
        ]

    def __str__(self) -> str:
        return f"{self.contract_id or self.payment_id} {self.effect}"


@dataclass(frozen=True)
class AssumedEffects:
    """As if a decision were taken: primary keys of contracts and payments; `replaced`: effects that it replaces."""

    excluded_contracts: frozenset[int] = frozenset()
    related_contracts: frozenset[int] = frozenset()
    excluded_payments: frozenset[int] = frozenset()
    replaced: frozenset[int] = frozenset()


_assumed: ContextVar[AssumedEffects | None] = ContextVar("assumed_effects", default=None)


@contextmanager
def assuming(effects: AssumedEffects) -> Iterator[None]:
    """Querysets that are made within the block answer as if these effects were decided."""
    token = _assumed.set(effects)
    try:
        yield
    finally:
        _assumed.reset(token)


def is_assuming() -> bool:
    """Whether querysets answer as if something were decided that is not."""
    return _assumed.get() is not None


def excluded_contracts() -> Q:
    """Contracts that do not count because of a decision."""
    return _records("contract", FigureEffect.Effect.EXCLUDED, "excluded_contracts")


def related_contracts() -> Q:
    """Contracts that a decision counts as between related parties."""
    return _records("contract", FigureEffect.Effect.RELATED, "related_contracts")


def excluded_payments() -> Q:
    """Payments that do not count because of a decision."""
    return _records("payment", FigureEffect.Effect.EXCLUDED, "excluded_payments")


def _records(column: str, effect: str, assumed_name: str) -> Q:
    rows = FigureEffect.objects.filter(effect=effect, **{f"{column}__isnull": False}).order_by()
    assumption = _assumed.get()
    if assumption is None:
        return Q(pk__in=rows.values(column))
    others = rows.exclude(pk__in=assumption.replaced)
    return Q(pk__in=others.values(column)) | Q(pk__in=sorted(getattr(assumption, assumed_name)))
