"""专项资金: money that was paid out and taken back (收回)."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core.plain_text import PlainText
from core.public_id import new_public_id
from mechanism.models.subsidy_application import SubsidyPayout


class SubsidyRecoveryQuerySet(models.QuerySet["SubsidyRecovery"]):
    def valid(self) -> Self:
        """Not struck."""
        return self.filter(struck_at=None)


class SubsidyRecovery(PlainText, models.Model):
    """收回 of a payout, or of a part of it, by another officer than the one who recorded the payout.

    Database triggers keep the recoveries of a payout within it, and `paid_by` the person who recorded the payout. A
    wrong one is struck.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    payout = models.ForeignKey(SubsidyPayout, models.PROTECT, related_name="recoveries", verbose_name="哪一笔拨付")
    amount_wan = models.DecimalField("收回金额（万元）", max_digits=12, decimal_places=2)
    received_on = models.DateField("到账日期", help_text="钱退回财政账户的日期")
    voucher = models.CharField("缴款凭证号", max_length=60)
    reason = models.CharField("收回原因", max_length=300, help_text="申报单位会看到")
    paid_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+", verbose_name="拨付录入人"
    )
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="录入人")
    recorded_at = models.DateTimeField("录入时间", default=timezone.now)
    struck_at = models.DateTimeField("划去时间", null=True, editable=False)
    struck_reason = models.CharField("划去原因", max_length=200, blank=True, editable=False)

    objects: Any = SubsidyRecoveryQuerySet.as_manager()

    class Meta:
        verbose_name = "专项资金收回"
        verbose_name_plural = "专项资金收回"
        ordering = ["received_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_wan__gt=0),
                name="subsidy_recovery_is_money",
                violation_error_message="收回金额要大于零。",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(voucher=""),
                name="subsidy_recovery_with_reason_and_voucher",
                violation_error_message="收回要写明原因和缴款凭证号。",
            ),
            models.CheckConstraint(
                condition=~Q(recorded_by=F("paid_by")),
                name="subsidy_recovery_by_second_officer",
                violation_error_message="这笔拨付由您录入，收回请交给同事录入。",
            ),
            models.CheckConstraint(
                condition=Q(struck_at=None, struck_reason="") | Q(struck_at__isnull=False) & ~Q(struck_reason=""),
                name="subsidy_recovery_struck_with_reason",
                violation_error_message="划去收回请写明原因。",
            ),
            models.UniqueConstraint(
                fields=["voucher"],
                condition=Q(struck_at=None),
                name="subsidy_recovery_voucher_once",
                violation_error_message="这个缴款凭证号已经录入过，请核对。",
            ),
        ]

    def __str__(self) -> str:
        return f"收回 {self.amount_wan} 万元"
