"""Surveys sent to the firm 30, 60 and 90 days after a meeting; the firm answers through a link."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of
from matching.models.follow_up import FollowUp, answer_deadline_passed


class FollowUpCheckQuerySet(models.QuerySet["FollowUpCheck"]):
    def current(self) -> Self:
        """Not superseded by the checks of a later meeting, and of a follow-up still in progress."""
        return self.filter(dropped_at=None, follow_up__status__in=FollowUp.FOLLOWED)

    def awaiting_answer(self) -> Self:
        """Due and not answered."""
        return self.current().filter(answered_at=None, due_on__lte=timezone.localdate())

    def to_be_sent(self) -> Self:
        return self.awaiting_answer().filter(sent_at=None)

    def to_be_reminded(self) -> Self:
        before = timezone.now() - timedelta(days=settings.CHECK_REMIND_DAYS)
        return self.awaiting_answer().filter(sent_at__lte=before, reminded_at=None)

    def late(self) -> Self:
        """Unanswered for more than CHECK_REMIND_DAYS days after the due date."""
        return self.current().filter(answer_deadline_passed())

    def managed_by(self, user: User | AnonymousUser) -> Self:
        scope = scope_of(user)
        region = Q(follow_up__match__demand__firm__stat_region__in=scope.region_ids)
        return self if scope.sees_all else self.filter(region)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(follow_up__in=FollowUp.objects.visible_to(user).values("pk"))


class FollowUpCheck(PlainText, models.Model):
    """One survey of the firm about the outcome of a meeting. `code` in a link opens it without an account."""

    class Kind(models.TextChoices):
        D30 = "30", "30 天"
        D60 = "60", "60 天"
        D90 = "90", "90 天"

    class Answer(models.TextChoices):
        PROGRESS = "progress", "有进展"
        GOING_ON = "going_on", "继续谈"
        SIGNED = "signed", "已签约"
        NO_PROGRESS = "none", "没有进展"

    class Reason(models.TextChoices):
        TERMS = "terms", "价格或合作方式没有谈拢"
        NOT_FIT = "not_fit", "样品或指标达不到要求"
        MEANS = "means", "目前没有资金或时间"
        TAKEN = "taken", "已选用其他方案"
        SILENT = "silent", "对方没有回应"
        OTHER = "other", "其他原因"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    code = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    follow_up = models.ForeignKey(FollowUp, models.PROTECT, related_name="checks", verbose_name="对接")
    kind = models.CharField("时点", max_length=2, choices=Kind)
    met_on = models.DateField("洽谈日期")
    due_on = models.DateField("回访日期")
    sent_at = models.DateTimeField("发出时间", null=True, editable=False)
    reminded_at = models.DateTimeField("提醒时间", null=True, editable=False)
    answer = models.CharField("答复", max_length=10, choices=Answer, blank=True)
    reason = models.CharField("没有进展的原因", max_length=10, choices=Reason, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    next_on = models.DateField("下次联系日期", null=True, blank=True)
    answered_at = models.DateTimeField("答复时间", null=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="记录人"
    )
    dropped_at = models.DateTimeField("作废时间", null=True, editable=False)

    objects = FollowUpCheckQuerySet.as_manager()

    class Meta:
        verbose_name = "会后回访"
        verbose_name_plural = "会后回访"
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["follow_up", "met_on", "kind"], name="check_once_per_talk"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | ~Q(answer="") & Q(answered_at__isnull=False),
                name="check_answered_iff_time",
            ),
            models.CheckConstraint(
                condition=Q(answer="none") & ~Q(reason="") | ~Q(answer="none") & Q(reason=""),
                name="check_without_progress_has_reason",
                violation_error_message="没有进展时请选择原因。",
            ),
            models.CheckConstraint(condition=Q(due_on__gt=F("met_on")), name="check_comes_after_the_talk"),
        ]
        indexes = [
            models.Index(fields=["due_on"], name="check_open_by_day", condition=Q(answered_at=None, dropped_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.follow_up} · {self.get_kind_display()}"

    @property
    def is_open(self) -> bool:
        return self.answered_at is None and self.dropped_at is None

    @property
    def is_late(self) -> bool:
        days = timedelta(days=settings.CHECK_REMIND_DAYS)
        return self.is_open and self.due_on < timezone.localdate() - days

    @property
    def about(self) -> str:
        return f"check {self.public_id}"
