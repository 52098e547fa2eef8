"""Answers that come after the timetable is published, and wait for the planner."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from core.plain_text import PlainText
from core.public_id import new_public_id
from rounds.models.party import Party


class LateAnswerQuerySet(models.QuerySet["LateAnswer"]):
    def open(self) -> Self:
        return self.filter(status=LateAnswer.Status.OPEN)

    def managed_by(self, user: User | AnonymousUser) -> Self:
        return self.filter(party__in=Party.objects.managed_by(user).values("pk"))

    visible_to = managed_by


class LateAnswer(PlainText, models.Model):
    """A yes, or other times of a party that comes, after the timetable was published: a proposal to the planner.

    `reply` is the whole answer as the guest gave it; it is emptied when the proposal is decided, because an accepted
    one is then the party's own answer and a declined one is no longer needed.
    """

    class Kind(models.TextChoices):
        YES = "yes", "要来参加"
        TIMES = "times", "到场时间有变"
        PROMOTION = "promotion", "候补有了名额"

    class Status(models.TextChoices):
        OPEN = "open", "等排期人员决定"
        ACCEPTED = "accepted", "已接受"
        DECLINED = "declined", "未接受"
        WITHDRAWN = "withdrawn", "单位撤回"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    party = models.ForeignKey(Party, models.PROTECT, related_name="late_answers", verbose_name="参会单位")
    kind = models.CharField("内容", max_length=10, choices=Kind, editable=False)
    reply = models.JSONField("答复", default=dict, editable=False)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.OPEN, editable=False)
    made_at = models.DateTimeField("提出时间", default=timezone.now, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="提出人"
    )
    reason = models.CharField("未接受的原因", max_length=200, blank=True)
    decided_at = models.DateTimeField("决定时间", null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="决定人"
    )

    objects = LateAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = "迟到的答复"
        verbose_name_plural = "迟到的答复"
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["party"], condition=Q(status="open"), name="late_answer_open_once"),
            models.CheckConstraint(
                condition=Q(status="open", decided_at=None) | ~Q(status="open") & Q(decided_at__isnull=False),
                name="late_answer_decided_iff_not_open",
            ),
            models.CheckConstraint(
                condition=Q(status="declined") & ~Q(reason="") | ~Q(status="declined") & Q(reason=""),
                name="late_answer_declined_with_reason",
                violation_error_message="不接受请说明原因，单位会看到。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party}：{self.get_kind_display()}"
