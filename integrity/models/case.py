"""A case: what a signal has seen, the rows it has seen it in, and what people decided about it."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation, User
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import Scope, scope_of
from deals.models import Contract, Deal, FigureEffect, Payment
from integrity.models.signal_rule import SIGNAL_CHOICES


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """City staff and auditors. The parties see only what they are asked (`Explanation`)."""
        return self if scope_of(user).sees_all else self.none()

    def awaiting_decision(self) -> Self:
        """What a city officer has to decide."""
        return self.filter(status__in=Case.UNDECIDED)


class Case(models.Model):
    """One finding of a signal, recognised at the next scan by (signal, key).

    facts_hash: of the rows and the sentence. revision: counts what scans and people changed; a form names the one that
    its reader saw. A decision is about one version of it: when the facts change, the case is
    open again. What the last decision took out of the figures stays out until a person decides anew; else a party could
    get it counted by a trivial change.
    """

    class Status(models.TextChoices):
        OPEN = "open", "待核查"
        ASKED = "asked", "等说明"
        ANSWERED = "answered", "已说明"
        DECIDED = "decided", "已决定"
        GONE = "gone", "线索消失"

    class Outcome(models.TextChoices):
        UNFOUNDED = "unfounded", "不成立"
        RELATED = "related", "成立，计入其中关联"
        EXCLUDED = "excluded", "成立，不计入"
        CORRECTED = "corrected", "已改正"

    UNDECIDED = (Status.OPEN, Status.ASKED, Status.ANSWERED)

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    signal = models.CharField("线索种类", max_length=20, choices=SIGNAL_CHOICES, editable=False)
    key = models.CharField(max_length=64, editable=False)
    sentence = models.TextField("看到了什么", editable=False)
    parties = models.TextField("当事方名称", blank=True, default="", editable=False)
    organisations = models.ManyToManyField(Organisation, related_name="+", editable=False, verbose_name="当事方")
    amount_wan = models.DecimalField("涉及金额（万元）", max_digits=16, decimal_places=2, default=0, editable=False)
    facts_hash = models.CharField(max_length=32, editable=False)
    revision = models.PositiveIntegerField("版本", default=1, editable=False)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.OPEN, editable=False)
    outcome = models.CharField("决定", max_length=10, choices=Outcome, blank=True, default="", editable=False)
    decided_hash = models.CharField(max_length=32, blank=True, default="", editable=False)
    seen_at = models.DateTimeField("首次发现", default=timezone.now, editable=False)
    changed_at = models.DateTimeField("最近变化", default=timezone.now, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = "诚信线索"
        verbose_name_plural = "诚信线索"
        ordering = ["-amount_wan", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["signal", "key"], name="integrity_case_once"),
            models.CheckConstraint(
                condition=~Q(status="decided") | ~Q(outcome="") & ~Q(decided_hash=""),
                name="integrity_case_decided_with_outcome",
                violation_error_message="已决定的线索要有决定。",
            ),
        ]
        indexes = [models.Index(fields=["status", "-amount_wan"], name="integrity_case_queue")]

    def __str__(self) -> str:
        return f"{self.get_signal_display()} {self.public_id}"

    def alias_of(self, organisation: Organisation) -> str:
        """`accounts.names.Matter`: only city staff and auditors open a case, and they know its parties."""
        return ""

    def admits(self, scope: Scope) -> bool:
        return scope.sees_all

    @property
    def amount_text(self) -> str:
        return f"{self.amount_wan:,.2f}"

    @property
    def is_reopened(self) -> bool:
        """Decided once, and the facts have changed since."""
        return self.status in self.UNDECIDED and bool(self.outcome)

    @property
    def is_decided(self) -> bool:
        return self.status == self.Status.DECIDED


class CaseRow(models.Model):
    """A contract, payment or deal of a case. `figure_effect`: what the last decision does with it in the figures.

    A row that is no longer part of the finding stays as long as it has an effect (`is_current` False).
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="rows", verbose_name="线索")
    contract = models.ForeignKey(
        Contract, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="合同"
    )
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="到账"
    )
    deal = models.ForeignKey(Deal, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="成交项目")
    is_proposed = models.BooleanField("建议处理", default=True, editable=False)
    is_current = models.BooleanField("仍在线索中", default=True, editable=False)
    figure_effect = models.OneToOneField(
        FigureEffect, models.PROTECT, null=True, editable=False, related_name="case_row", verbose_name="统计"
    )
    order = models.PositiveSmallIntegerField("顺序", default=0, editable=False)

    class Meta:
        verbose_name = "线索中的记录"
        verbose_name_plural = "线索中的记录"
        ordering = ["case", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "contract", "payment", "deal"], nulls_distinct=False, name="integrity_row_once"
            ),
            models.CheckConstraint(
                condition=Q(contract__isnull=False, payment=None, deal=None)
                | Q(contract=None, payment__isnull=False, deal=None)
                | Q(contract=None, payment=None, deal__isnull=False, figure_effect=None),
                name="integrity_row_is_one_record",
            ),
        ]

    def __str__(self) -> str:
        return str(self.contract or self.payment or self.deal)

    @property
    def effect(self) -> str:
        """A value of `FigureEffect.Effect`."""
        return self.figure_effect.effect if self.figure_effect else ""

    @property
    def record_key(self) -> tuple[str, int]:
        """(kind of the record as in `integrity.signals.facts`, its primary key)."""
        keys = (("contract", self.contract_id), ("payment", self.payment_id), ("deal", self.deal_id))
        return next((kind, pk) for kind, pk in keys if pk is not None)


class CaseDecision(PlainText, models.Model):
    """What a person decided about one version of the facts. Never changed; a later one replaces it.

    effects: [[row, effect], …] as texts, as they were decided. figures: [[label, before, after], …].
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="decisions", verbose_name="线索")
    outcome = models.CharField("决定", max_length=10, choices=Case.Outcome)
    reason = models.CharField("理由", max_length=500)
    correction = models.CharField("改正情况", max_length=200, blank=True, default="")
    facts_hash = models.CharField(max_length=32)
    effects = models.JSONField(default=list, blank=True)
    figures = models.JSONField(default=list, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="决定人")
    at = models.DateTimeField("决定时间", default=timezone.now)

    class Meta:
        verbose_name = "线索决定"
        verbose_name_plural = "线索决定"
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="integrity_decision_with_reason",
                violation_error_message="作出决定请写明理由。",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="corrected") | ~Q(correction=""),
                name="integrity_decision_names_correction",
                violation_error_message="已改正的请写明改正情况，如更正后的登记编号。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.at:%Y-%m-%d}"
