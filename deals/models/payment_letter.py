"""催付函: that somebody asked the buyer to pay an instalment, when and of how much. Never changed."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Organisation, User
from core.plain_text import PlainText
from core.public_id import new_public_id
from deals.models.contract import Contract
from deals.models.payment import Instalment

MAX_NOTE = 200


class PaymentLetterQuerySet(models.QuerySet["PaymentLetter"]):
    def visible_to(self, user: User) -> Self:
        """Of contracts that the user may see: both sides, their broker, the staff."""
        contracts = Contract.objects.visible_to(user).order_by().values("pk")
        return self.filter(instalment__contract__in=contracts)

    def recent(self) -> Self:
        """So recent that no other letter about the same instalment may be sent."""
        return self.filter(sent_at__gt=timezone.now() - settings.PAYMENT_LETTER_EVERY)


class PaymentLetter(PlainText, models.Model):
    """One letter about one instalment. `due_on` and `open_wan` are as they were when it was sent.

    sender: the organisation in whose name it was written, the seller or an office. notified_count: how many users of
    the buyer were notified on the platform; with none of them, the letter has to be sent by post.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    instalment = models.ForeignKey(Instalment, models.PROTECT, related_name="letters", verbose_name="付款计划")
    due_on = models.DateField("应付日期")
    open_wan = models.DecimalField("未付金额（万元）", max_digits=12, decimal_places=2)
    pay_until = models.DateField("请在此日前支付")
    note = models.CharField("补充说明", max_length=MAX_NOTE, blank=True, default="")
    sender = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="发函单位")
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="发函人")
    sent_at = models.DateTimeField("发函时间", default=timezone.now)
    sent_on = models.DateField("发函日期", default=timezone.localdate)
    notified_count = models.PositiveIntegerField("平台通知人数", default=0)

    objects = PaymentLetterQuerySet.as_manager()

    class Meta:
        verbose_name = "催付函"
        verbose_name_plural = "催付函"
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["instalment", "sent_on"],
                name="payment_letter_once_a_day",
                violation_error_message="今天已经就这一期发过催付函。",
            ),
            models.CheckConstraint(
                condition=Q(open_wan__gt=0),
                name="payment_letter_asks_for_money",
                violation_error_message="这一期已经付清，不用催付。",
            ),
            models.CheckConstraint(
                condition=Q(due_on__lt=F("sent_on")) & Q(pay_until__gte=F("sent_on")),
                name="payment_letter_dates_in_order",
                violation_error_message="只催付已过应付日期的款项，请对方支付的日期不能早于今天。",
            ),
        ]

    def __str__(self) -> str:
        return f"催付函 {self.sent_on}"

    @property
    def next_on(self) -> date:
        """The day on which another letter may be sent."""
        return timezone.localdate(self.sent_at + settings.PAYMENT_LETTER_EVERY)
