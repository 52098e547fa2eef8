"""交给完成人: the office hands a question over to a completer, who answers through a link without an account."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Organisation, User
from achievements.models import Achievement
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of
from enquiries.models import Approach
from matching.models import FollowUp, Question

MAX_ANSWER = 900
"""Characters, so that a reason with a reply fits into one message."""


class HandoverQuerySet(models.QuerySet["Handover"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Its own for an institution, all for city staff and auditors."""
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(institution__in=scope.institution_ids)

    def open(self) -> Self:
        """Neither decided by the office nor called back."""
        return self.filter(decided_at=None, revoked_at=None)

    def with_completer(self) -> Self:
        """Open, and the completer has not answered."""
        return self.open().filter(answered_at=None)

    def to_approve(self) -> Self:
        """Answered, and the office has not decided."""
        return self.open().filter(answered_at__isnull=False)


class Handover(PlainText, models.Model):
    """One question handed over: an approach, a reviewer's question, or whether to meet (a follow-up that asks).

    The person is not stored: `fingerprint` is a keyed hash of the name among the completers of the achievement, so that
    a name is deleted in one place. issue: number of the present link. sends_at_once: the office lets the answer go
    without reading it first.
    """

    class Kind(models.TextChoices):
        """What the completer says."""

        TEXT = "text", "答复"
        TIMES = "times", "可以谈的时间"
        UNFIT = "unfit", "不合适"

    class Reason(models.TextChoices):
        """Why it does not fit: the values are those of `Approach.EndReason` and `SideResponse.Reason`."""

        NOT_FIT = "not_fit", "技术上不合适"
        TERMS = "terms", "价格或合作方式不合"
        TAKEN = "taken", "已有合作对象"
        TIMING = "timing", "目前没有时间"
        OTHER = "other", "其他原因"

    class Decision(models.TextChoices):
        SENT = "sent", "已发送"
        EDITED = "edited", "修改后发送"
        ASIDE = "aside", "没有采用"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    institution = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="单位")
    achievement = models.ForeignKey(Achievement, models.PROTECT, related_name="handovers", verbose_name="成果")
    approach = models.ForeignKey(Approach, models.PROTECT, null=True, related_name="handovers", verbose_name="主动对接")
    question = models.ForeignKey(Question, models.PROTECT, null=True, related_name="handovers", verbose_name="提问")
    follow_up = models.ForeignKey(FollowUp, models.PROTECT, null=True, related_name="handovers", verbose_name="对接")
    fingerprint = models.CharField(max_length=64, editable=False)
    note = models.CharField("给完成人的话", max_length=300, blank=True)
    closes_on = models.DateField("链接有效到")
    sends_at_once = models.BooleanField("答复不经核对直接发出", default=False)
    issue = models.PositiveSmallIntegerField("第几个链接", default=1, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="交办人")
    made_at = models.DateTimeField("交办时间", default=timezone.now, editable=False)
    reminded_at = models.DateTimeField("提醒时间", null=True, editable=False)
    revoked_at = models.DateTimeField("收回时间", null=True, editable=False)

    kind = models.CharField("完成人的答复", max_length=10, choices=Kind, blank=True, editable=False)
    text = models.TextField("内容", max_length=MAX_ANSWER, blank=True, editable=False)
    reason = models.CharField("不合适的原因", max_length=10, choices=Reason, blank=True, editable=False)
    times = models.JSONField("可以谈的时间", default=list, editable=False)
    """Moments as ISO texts with their offset."""
    minutes = models.PositiveSmallIntegerField("时长（分钟）", default=60, editable=False)
    place = models.CharField("地点或方式", max_length=100, blank=True, editable=False)
    answered_at = models.DateTimeField("答复时间", null=True, editable=False)
    decided_at = models.DateTimeField("处理时间", null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="处理人"
    )
    decision = models.CharField("处理结果", max_length=10, choices=Decision, blank=True, editable=False)
    decision_note = models.CharField("处理说明", max_length=300, blank=True, editable=False)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = "交给完成人的问题"
        verbose_name_plural = "交给完成人的问题"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(approach__isnull=False, question=None, follow_up=None)
                | Q(approach=None, question__isnull=False, follow_up=None)
                | Q(approach=None, question=None, follow_up__isnull=False),
                name="handover_is_about_one",
            ),
            models.UniqueConstraint(
                fields=["approach", "question", "follow_up"],
                condition=Q(decided_at=None, revoked_at=None),
                nulls_distinct=False,
                name="handover_open_once",
                violation_error_message="这一条已经交给完成人了。要换人，请先收回。",
            ),
            models.CheckConstraint(
                condition=Q(kind="", answered_at=None) | ~Q(kind="") & Q(answered_at__isnull=False),
                name="handover_answered_iff_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="unfit") & ~Q(reason="") | ~Q(kind="unfit") & Q(reason=""),
                name="handover_unfit_with_reason",
                violation_error_message="请选择不合适的原因。",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, decision="")
                | Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(decision=""),
                name="handover_decided_iff_by",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None) | Q(answered_at__isnull=False, decided_at__gte=F("answered_at")),
                name="handover_decided_after_answer",
            ),
        ]
        indexes = [models.Index(fields=["institution", "-made_at"], name="handover_of_institution")]

    def __str__(self) -> str:
        return f"交给完成人：{self.achievement}"

    @property
    def target(self) -> Approach | Question | FollowUp:
        for row in (self.approach, self.question, self.follow_up):
            if row is not None:
                return row
        raise AssertionError("handover_is_about_one")

    @property
    def is_open(self) -> bool:
        return self.decided_at is None and self.revoked_at is None

    @property
    def is_over(self) -> bool:
        """The link's last day has passed."""
        return self.closes_on < timezone.localdate()

    @property
    def starts(self) -> list[datetime]:
        """The moments of `times`, aware."""
        return [moment for text in self.times if (moment := parse_datetime(text))]

    @property
    def about(self) -> str:
        """Key by which notices are grouped."""
        return f"handover {self.public_id}"
