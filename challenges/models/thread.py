"""What is said about a published call: questions with their answers, addenda, objections to the result."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from challenges.models.challenge import Challenge
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.public_text import PublicText
from core.scope import scope_of


class ChallengeQuestionQuerySet(models.QuerySet["ChallengeQuestion"]):
    def answered(self) -> Self:
        """Everybody reads them, without who asked."""
        return self.filter(answered_at__isnull=False)

    def waiting(self) -> Self:
        return self.filter(answered_at=None)


class ChallengeQuestion(PublicText, models.Model):
    public_text_fields = ("text", "answer")
    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    challenge = models.ForeignKey(Challenge, models.PROTECT, related_name="questions", verbose_name="榜单")
    text = models.TextField("问题", max_length=500)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提问人")
    asked_at = models.DateTimeField("提问时间", default=timezone.now)
    answer = models.TextField("答复", max_length=1000, blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="答复人"
    )
    answered_at = models.DateTimeField("答复时间", null=True, editable=False)

    objects = ChallengeQuestionQuerySet.as_manager()

    class Meta:
        verbose_name = "榜单问答"
        verbose_name_plural = "榜单问答"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None, answer="") | Q(answered_at__isnull=False) & ~Q(answer=""),
                name="challenge_question_answered_with_words",
            )
        ]

    def __str__(self) -> str:
        return self.text[:40]


class Addendum(PublicText, models.Model):
    """补充公告: the only way to change a published call. `closes_at`: the deadline from then on, if it was put off."""

    public_text_fields = ("text",)
    challenge = models.ForeignKey(Challenge, models.PROTECT, related_name="addenda", verbose_name="榜单")
    text = models.TextField("补充公告", max_length=1000)
    closes_at = models.DateTimeField("新的截止时间", null=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="发布人")
    made_at = models.DateTimeField("发布时间", default=timezone.now)

    class Meta:
        verbose_name = "补充公告"
        verbose_name_plural = "补充公告"
        ordering = ["made_at", "pk"]

    def __str__(self) -> str:
        return self.text[:40]


class ChallengeObjectionQuerySet(models.QuerySet["ChallengeObjection"]):
    def waiting(self) -> Self:
        return self.filter(status=ChallengeObjection.Status.OPEN)

    def of(self, user: User | AnonymousUser) -> Self:
        return self.filter(made_by=scope_of(user).user_id)


class ChallengeObjection(PlainText, models.Model):
    """异议 of a signed-in user against a publicised result. Only the city and its author read it."""

    class Status(models.TextChoices):
        OPEN = "open", "待处理"
        UPHELD = "upheld", "成立"
        DISMISSED = "dismissed", "不成立"
        MOOT = "moot", "结果已撤销"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    challenge = models.ForeignKey(Challenge, models.PROTECT, related_name="objections", verbose_name="榜单")
    text = models.TextField("异议内容", max_length=1000)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提出人")
    made_at = models.DateTimeField("提出时间", default=timezone.now)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.OPEN, editable=False)
    answer = models.TextField("处理意见", max_length=1000, blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="处理人"
    )
    answered_at = models.DateTimeField("处理时间", null=True, editable=False)

    objects = ChallengeObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = "揭榜结果异议"
        verbose_name_plural = "揭榜结果异议"
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="open", answered_at=None, answer="")
                | ~Q(status="open") & Q(answered_at__isnull=False) & ~Q(answer=""),
                name="challenge_objection_answered_with_words",
                violation_error_message="处理异议请写明意见。",
            ),
            models.UniqueConstraint(
                fields=["challenge", "made_by"],
                condition=Q(status="open"),
                name="challenge_objection_one_open_per_person",
                violation_error_message="您对这个结果的异议还在处理中。",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]
