"""每月一封信: what happened around a completer's achievements, by mail, unless the office or the person stops it."""

from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Contact, Organisation, User
from core.public_id import new_public_id
from core.scope import scope_of


class LetterSettings(models.Model):
    """Of one institution; without a row no letters are sent. `includes_feedback`: what firms said stands in them."""

    institution = models.OneToOneField(
        Organisation, models.CASCADE, primary_key=True, related_name="+", verbose_name="单位"
    )
    is_on = models.BooleanField("每月发信", default=False)
    includes_feedback = models.BooleanField("写进企业的反馈", default=False)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="设置人")
    changed_at = models.DateTimeField("设置时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "每月来信设置"
        verbose_name_plural = "每月来信设置"

    def __str__(self) -> str:
        return f"{self.institution} 每月来信"


class LetterPreference(models.Model):
    """A completer who has stopped the letters, by link or through the office; `stopped_at` is empty after a resume."""

    contact = models.OneToOneField(
        Contact, models.CASCADE, primary_key=True, related_name="letter_preference", verbose_name="联系人"
    )
    stopped_at = models.DateTimeField("停发时间", null=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="操作人"
    )
    """None: the person, by link. What the person has stopped the office cannot resume."""

    class Meta:
        verbose_name = "不再收信的完成人"
        verbose_name_plural = "不再收信的完成人"
        constraints = [
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=False) | Q(stopped_by=None), name="letter_stopped_by_only_when_stopped"
            )
        ]

    def __str__(self) -> str:
        return str(self.contact)


class CompleterLetterQuerySet(models.QuerySet["CompleterLetter"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of its own completers for an institution."""
        return self.filter(contact__organisation__in=scope_of(user).institution_ids)


class CompleterLetter(models.Model):
    """One letter that was sent. `month`: the first day of the month it tells about."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="letters", verbose_name="联系人")
    month = models.DateField("月份")
    item_count = models.PositiveSmallIntegerField("成果数")
    made_at = models.DateTimeField("发出时间", default=timezone.now, editable=False)

    objects = CompleterLetterQuerySet.as_manager()

    class Meta:
        verbose_name = "每月来信"
        verbose_name_plural = "每月来信"
        ordering = ["-month", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["contact", "month"], name="completer_letter_once_a_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="completer_letter_month_is_first_day"),
        ]

    def __str__(self) -> str:
        return f"{month_text(self.month)}的信"


def month_text(month: date) -> str:
    return f"{month.year} 年 {month.month} 月"
