"""Which signals are on, and their thresholds. A signal without a row has the defaults of the register."""

from decimal import Decimal
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models

from accounts.models import User
from core.scope import scope_of
from integrity.signals.facts import Limits
from integrity.signals.registry import SIGNALS

SIGNAL_CHOICES = [(signal.key, signal.label) for signal in SIGNALS.values()]


class SignalRuleQuerySet(models.QuerySet["SignalRule"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self if scope_of(user).sees_all else self.none()

    def limits_by_signal(self) -> dict[str, Limits]:
        """{signal: {threshold: value}} of the signals that are on. One query."""
        rules = {rule.signal: rule for rule in self}
        return {
            key: rules[key].limits if key in rules else default_limits(key)
            for key in SIGNALS
            if key not in rules or rules[key].is_active
        }


def default_limits(signal: str) -> dict[str, Decimal]:
    return {threshold.key: threshold.default for threshold in SIGNALS[signal].thresholds}


class SignalRule(models.Model):
    """`thresholds`: {key: number as text}; a missing one has its default."""

    signal = models.CharField("线索种类", max_length=20, choices=SIGNAL_CHOICES, unique=True)
    is_active = models.BooleanField("启用", default=True)
    thresholds = models.JSONField("阈值", default=dict, blank=True)

    objects = SignalRuleQuerySet.as_manager()

    class Meta:
        verbose_name = "核查规则"
        verbose_name_plural = "核查规则"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.get_signal_display()

    @property
    def limits(self) -> dict[str, Decimal]:
        return default_limits(self.signal) | {key: Decimal(value) for key, value in self.thresholds.items()}
