"""What the city records of organisations from public registers: shares, addresses, legal representatives."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.models import Organisation, User
from core.plain_text import PlainText
from core.scope import scope_of
from deals.models.confirmation import ConfirmableQuerySet, hash_of_facts


class OwnershipQuerySet(ConfirmableQuerySet["Ownership"]):
    party_paths = {"one": "owner", "other": "owned"}

    def in_effect(self, day: date | OuterRef) -> Self:
        """Shares held on that day (a date, or a column of an outer query) to whose record no objection was upheld.

        Like a declaration of related parties, a record only ever takes something away, so it binds before the two
        confirm it.
        """
        upheld = self._answers(decision="upheld")
        held = self.filter(Q(held_from=None) | Q(held_from__lte=day), Q(ended_on=None) | Q(ended_on__gt=day))
        return held.exclude(Exists(upheld))

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self if scope_of(user).sees_all else self.none()


class Ownership(PlainText, models.Model):
    """One organisation holds shares of another. Both are asked to confirm it and may object."""

    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="持股单位")
    owned = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="被持股单位")
    share = models.DecimalField(
        "持股比例（%）",
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(Decimal(100))],
    )
    source = models.CharField("依据", max_length=200, help_text="如国家企业信用信息公示系统，2026年11月3日查询")
    held_from = models.DateField("持股开始日期", null=True, blank=True)
    ended_on = models.DateField("终止日期", null=True, blank=True)
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)
    facts_hash = hash_of_facts("owner", "owned", "share", "source", "held_from", days=("held_from",))

    objects = OwnershipQuerySet.as_manager()

    class Meta:
        verbose_name = "持股关系"
        verbose_name_plural = "持股关系"
        ordering = ["owner__name", "owned__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "owned"],
                condition=Q(ended_on=None),
                name="ownership_once",
                violation_error_message="这两个单位的持股关系已经登记，比例有变化请先终止原来的。",
            ),
            models.CheckConstraint(
                condition=~Q(owner=F("owned")),
                name="ownership_of_another",
                violation_error_message="请选择两个不同的单位。",
            ),
            models.CheckConstraint(
                condition=Q(share__gt=Decimal(0), share__lte=Decimal(100)),
                name="ownership_share_within_whole",
                violation_error_message="持股比例大于 0，不超过 100%。",
            ),
            models.CheckConstraint(
                condition=Q(held_from=None) | Q(ended_on=None) | Q(ended_on__gte=F("held_from")),
                name="ownership_days_in_order",
                violation_error_message="终止日期不能早于持股开始日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner} → {self.owned}（{self.share}%）"


class RegisteredDetailsQuerySet(models.QuerySet["RegisteredDetails"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self if scope_of(user).sees_all else self.none()


class RegisteredDetails(PlainText, models.Model):
    """Address, legal representative and phone as in the public register of companies. Only the staff reads them."""

    organisation = models.OneToOneField(
        Organisation,
        models.PROTECT,
        related_name="registered_details",
        verbose_name="单位",
        error_messages={"unique": "这个单位的登记信息已经录入，请修改原来的。"},
    )
    address = models.CharField("住所", max_length=200, blank=True)
    legal_representative = models.CharField("法定代表人", max_length=30, blank=True)
    phone = models.CharField("联系电话", max_length=30, blank=True)
    source = models.CharField("依据", max_length=200, help_text="如国家企业信用信息公示系统，2026年11月3日查询")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="录入人"
    )
    recorded_at = models.DateTimeField("录入时间", auto_now=True)

    objects = RegisteredDetailsQuerySet.as_manager()

    class Meta:
        verbose_name = "单位登记信息"
        verbose_name_plural = "单位登记信息"
        ordering = ["organisation__name"]

    def __str__(self) -> str:
        return f"单位登记信息 {self.pk}"
