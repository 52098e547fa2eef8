"""What an answer to a demand (应答) offers beside its text: how, how long, for how much, and why this institution."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core.public_text import PublicText
from enquiries.models.approach import Approach
from matching.models.match import reject_reasons
from taxonomy.money import wan_range_text

MAX_OFFER_TEXT = 1000
MAX_DURATION = 60


class Offer(PublicText, models.Model):
    """One for each answer. Read by the two sides and the staff of the approach only: never by other institutions."""

    public_text_fields = ("method", "duration", "strength")

    approach = models.OneToOneField(Approach, models.PROTECT, related_name="offer", verbose_name="应答")
    method = models.TextField("准备怎么做", max_length=MAX_OFFER_TEXT, blank=True)
    duration = models.CharField("大约要多久", max_length=MAX_DURATION, blank=True)
    price_min_wan = models.DecimalField("大致价格下限（万元）", max_digits=12, decimal_places=2, null=True, blank=True)
    price_max_wan = models.DecimalField("大致价格上限（万元）", max_digits=12, decimal_places=2, null=True, blank=True)
    strength = models.TextField("为什么选我们", max_length=MAX_OFFER_TEXT, blank=True)
    decline_reason = models.CharField(
        "谢绝原因", max_length=20, choices=reject_reasons, blank=True, default="", editable=False
    )
    """Why the firm declined, in the words of the review, from which the engine learns."""

    class Meta:
        verbose_name = "应答方案"
        verbose_name_plural = "应答方案"
        constraints = [
            models.CheckConstraint(
                condition=Q(price_min_wan__isnull=True) | Q(price_min_wan__gte=0),
                name="offer_price_not_negative",
                violation_error_message="大致价格不能为负数。",
            ),
            models.CheckConstraint(
                condition=Q(price_min_wan__isnull=True)
                | Q(price_max_wan__isnull=True)
                | Q(price_max_wan__gte=F("price_min_wan")),
                name="offer_price_in_order",
                violation_error_message="大致价格的上限不能低于下限。",
            ),
        ]

    def __str__(self) -> str:
        return str(self.approach)

    def published_contacts(self) -> list[str]:
        return self.approach.institution.public_contacts

    @property
    def states_price(self) -> bool:
        return self.price_min_wan is not None or self.price_max_wan is not None

    @property
    def price_text(self) -> str:
        return wan_range_text(self.price_min_wan, self.price_max_wan)

    @property
    def price_wan(self) -> Decimal | None:
        """What the engine compares with the budget: the lower end."""
        return self.price_min_wan if self.price_min_wan is not None else self.price_max_wan


class StaffNote(models.Model):
    """What an officer noted about an approach, for colleagues: the two sides do not see it."""

    approach = models.ForeignKey(Approach, models.PROTECT, related_name="staff_notes", verbose_name="主动对接")
    text = models.TextField("备注", max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="记录人")
    made_at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = "专员备注"
        verbose_name_plural = "专员备注"
        ordering = ["made_at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="staff_note_has_text")]

    def __str__(self) -> str:
        return self.text[:40]
