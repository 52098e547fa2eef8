"""佣金: what a client and its agent have agreed for one deal, and what they say was paid. Never public."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from core.plain_text import REASON_LENGTH, PlainText
from core.public_id import new_public_id
from core.scope import scope_of
from deals.models import Deal
from mandates.models import Mandate


class CommissionQuerySet(models.QuerySet["Commission"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The client and the agent; city staff and auditors, who check contracts, read them. Nobody else."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        own = Mandate.objects.given_by(user).values("pk"), Mandate.objects.held_by(user).values("pk")
        return self.filter(Q(mandate__in=own[0]) | Q(mandate__in=own[1]))

    def open(self) -> Self:
        return self.filter(status__in=Commission.OPEN)

    def past_their_day(self) -> Self:
        """Agreed to be paid by a day that has passed, whether or not they were."""
        agreed = self.filter(status=Commission.Status.AGREED, due=Commission.Due.DAY)
        return agreed.filter(due_on__lt=timezone.localdate())


class Commission(PlainText, models.Model):
    """Proposed by one side of the mandate, agreed by the other: a percentage of `base` or a fixed sum, up to a cap.

    CHANGE: other terms in place of the agreed ones (`previous`), which hold until the other side agrees. Payments
    belong to the terms that hold.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", "待对方同意"
        AGREED = "agreed", "双方同意"
        REFUSED = "refused", "未同意"
        WITHDRAWN = "withdrawn", "已撤回"
        CHANGE = "change", "改约定，待对方同意"
        SUPERSEDED = "superseded", "已改约定"

    OPEN = (Status.PROPOSED, Status.AGREED)
    WAITING = (Status.PROPOSED, Status.CHANGE)

    class Base(models.TextChoices):
        RECEIVED = "received", "已核实的到账金额"
        CONTRACT = "contract", "登记合同的成交额"
        TECHNOLOGY = "technology", "登记合同的技术交易额"

    class Due(models.TextChoices):
        PAYMENT = "payment", "每笔到账后 30 天内"
        REGISTERED = "registered", "合同登记后 30 天内"
        DAY = "day", "约定日期以前"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    deal = models.ForeignKey(Deal, models.PROTECT, related_name="commissions", verbose_name="成交项目")
    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="commissions", verbose_name="委托")
    percent = models.DecimalField("比例（%）", max_digits=5, decimal_places=2, null=True, blank=True)
    fixed_wan = models.DecimalField("固定金额（万元）", max_digits=12, decimal_places=2, null=True, blank=True)
    base = models.CharField("按什么计算", max_length=10, choices=Base, blank=True)
    cap_wan = models.DecimalField("最高金额（万元）", max_digits=12, decimal_places=2, null=True, blank=True)
    due = models.CharField("何时支付", max_length=10, choices=Due)
    due_on = models.DateField("约定日期", null=True, blank=True)
    note = models.CharField("其他约定", max_length=300, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.PROPOSED, editable=False)
    proposed_side = models.CharField("由谁提出", max_length=6, choices=Mandate.Side, editable=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name="提出人"
    )
    proposed_at = models.DateTimeField("提出时间", default=timezone.now, editable=False)
    answered_at = models.DateTimeField("答复时间", null=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="答复人"
    )
    reason = models.CharField("原因", max_length=REASON_LENGTH, blank=True, editable=False)
    previous = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="changes", editable=False, verbose_name="原来的约定"
    )

    objects = CommissionQuerySet.as_manager()

    class Meta:
        verbose_name = "佣金约定"
        verbose_name_plural = "佣金约定"
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__isnull=False, fixed_wan=None) & ~Q(base="")
                | Q(percent=None, fixed_wan__isnull=False, base=""),
                name="commission_percent_or_fixed",
                violation_error_message="请填写比例和计算基数，或者填写固定金额，只填一种。",
            ),
            models.CheckConstraint(
                condition=(Q(percent=None) | Q(percent__gt=Decimal(0), percent__lte=Decimal(100)))
                & (Q(fixed_wan=None) | Q(fixed_wan__gt=Decimal(0)))
                & (Q(cap_wan=None) | Q(cap_wan__gt=Decimal(0))),
                name="commission_sums_positive",
                violation_error_message="比例应大于 0、不超过 100；金额应大于 0。",
            ),
            models.CheckConstraint(
                condition=Q(due="day", due_on__isnull=False) | ~Q(due="day") & Q(due_on=None),
                name="commission_due_on_a_day",
                violation_error_message="选“约定日期以前”时请填写日期，其他情况不填。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["proposed", "change"], answered_at=None)
                | ~Q(status__in=["proposed", "change"]) & Q(answered_at__isnull=False),
                name="commission_answered_iff_decided",
            ),
            models.UniqueConstraint(
                fields=["deal", "mandate"],
                condition=Q(status__in=["proposed", "agreed"]),
                name="commission_open_once",
                violation_error_message="这项成交已有一份佣金约定，请先撤回或由对方答复。",
            ),
            models.CheckConstraint(
                condition=~Q(status="change") | Q(previous__isnull=False), name="commission_change_of_another"
            ),
            models.UniqueConstraint(
                fields=["previous"],
                condition=Q(status="change"),
                name="commission_change_waits_once",
                violation_error_message="已有一份改动在等答复，请先撤回或由对方答复。",
            ),
        ]

    def __str__(self) -> str:
        return f"佣金约定 {self.public_id}"  # the trail keeps no terms

    @property
    def about(self) -> str:
        return f"commission {self.public_id}"

    @property
    def terms_text(self) -> str:
        """登记合同的成交额的 3%，最高 20 万元."""
        if self.percent is None:
            text = f"固定 {_plain(self.fixed_wan)} 万元"
        else:
            text = f"{self.get_base_display()}的 {_plain(self.percent)}%"
        return f"{text}，最高 {_plain(self.cap_wan)} 万元" if self.cap_wan is not None else text

    @property
    def due_text(self) -> str:
        """合同登记后 30 天内, or the day."""
        return f"{_day(self.due_on)}以前" if self.due_on else str(self.get_due_display())

    @property
    def course_text(self) -> str:
        """受托方 2026年12月2日提出；2026年12月5日答复：比例太高."""
        text = f"{self.get_proposed_side_display()} {_day(timezone.localdate(self.proposed_at))}提出"
        if self.answered_at:
            text += f"；{_day(timezone.localdate(self.answered_at))}答复"
        return f"{text}：{self.reason}" if self.reason else text


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _plain(number: Decimal | None) -> str:
    """Without trailing zeros, never with an exponent."""
    return f"{Decimal(number or 0).normalize():f}"


class CommissionPaymentQuerySet(models.QuerySet["CommissionPayment"]):
    def waiting(self) -> Self:
        """Said by one side, not yet by the other."""
        return self.filter(confirmed_at=None, withdrawn_at=None)


class CommissionPayment(models.Model):
    """What one side says was paid; counts as paid once the other side says so too. Who recorded it by mistake withdraws
    it before that."""

    commission = models.ForeignKey(Commission, models.PROTECT, related_name="payments", verbose_name="佣金约定")
    amount_wan = models.DecimalField("金额（万元）", max_digits=12, decimal_places=2)
    paid_on = models.DateField("支付日期")
    told_side = models.CharField("由谁记录", max_length=6, choices=Mandate.Side, editable=False)
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name="记录人"
    )
    told_at = models.DateTimeField("记录时间", default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField("确认时间", null=True, editable=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="确认人"
    )
    withdrawn_at = models.DateTimeField("撤回时间", null=True, editable=False)

    objects = CommissionPaymentQuerySet.as_manager()

    class Meta:
        verbose_name = "佣金支付"
        verbose_name_plural = "佣金支付"
        ordering = ["paid_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_wan__gt=Decimal(0)),
                name="commission_payment_positive",
                violation_error_message="金额应大于 0。",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="commission_payment_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(withdrawn_at=None), name="commission_payment_confirmed_or_withdrawn"
            ),
        ]

    def __str__(self) -> str:
        return f"佣金支付 {self.pk}"
