"""What each side of a pair said, as an append-only log, and the questions that wait for a side's own word."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from core.scope import scope_of
from matching.models.match import Match
from matching.models.review import Question

Side = Question.Side


class SideStatementQuerySet(models.QuerySet["SideStatement"]):
    def own(self) -> Self:
        """Said by the side itself: by its own user, or with its own code or link."""
        return self.filter(capacity__in=SideStatement.OWN)


class SideStatement(models.Model):
    """One statement about the wish of one side of a pair. A database trigger refuses UPDATE, DELETE and TRUNCATE.

    `capacity` says who speaks. Only OWN capacities bind the side; a word of staff never stands for a side.
    """

    class Stance(models.TextChoices):
        NO = "no", "不合适"
        WILLING = "willing", "愿意继续谈"
        INTENT = "intent", "有意向"

    POSITIVE = (Stance.WILLING, Stance.INTENT)

    class Capacity(models.TextChoices):
        ACCOUNT = "account", "本单位账号"
        CODE = "code", "本单位邀请码"
        LINK = "link", "本单位确认链接"
        PHONE = "phone", "电话答复，工作人员记录"
        HOST = "host", "现场记录"
        OWNER = "owner", "跟进人记录"

    OWN = (Capacity.ACCOUNT, Capacity.CODE, Capacity.LINK)

    match = models.ForeignKey(Match, models.PROTECT, related_name="statements", verbose_name="匹配")
    side = models.CharField("哪一方", max_length=10, choices=Side)
    stance = models.CharField("表示", max_length=10, choices=Stance)
    capacity = models.CharField("身份", max_length=10, choices=Capacity)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="账号")
    spoken_with = models.CharField("电话答复人", max_length=30, blank=True)
    relayed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="转交链接的工作人员"
    )
    source = models.CharField("出处", max_length=40)
    """Where it was said: "meeting <public id>", "follow-up <public id>" or "check <public id>"."""
    said_at = models.DateTimeField("表示时间")
    recorded_at = models.DateTimeField("收到时间", default=timezone.now)

    objects = SideStatementQuerySet.as_manager()

    class Meta:
        verbose_name = "各方表示"
        verbose_name_plural = "各方表示"
        ordering = ["-said_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(capacity__in=["code", "link"], by=None)
                | ~Q(capacity__in=["code", "link"]) & Q(by__isnull=False),
                name="side_statement_has_user_iff_signed_in",
            ),
            models.CheckConstraint(
                condition=Q(said_at__lte=models.F("recorded_at")), name="side_statement_said_before_received"
            ),
        ]
        indexes = [models.Index(fields=["match", "side", "-said_at"], name="side_statement_latest")]

    def __str__(self) -> str:
        return f"{self.get_side_display()} · {self.get_stance_display()}"

    @property
    def is_own(self) -> bool:
        return self.capacity in self.OWN

    @property
    def is_binding(self) -> bool:
        """A side's own word, or a refusal that staff recorded from a call: a "no" harms nobody."""
        return self.is_own or (self.capacity == self.Capacity.PHONE and self.stance == self.Stance.NO)

    @property
    def is_positive(self) -> bool:
        return self.stance in self.POSITIVE

    @property
    def speaker(self) -> str:
        """Who said it, for the side itself and for staff."""
        capacity = str(self.get_capacity_display())
        if self.capacity == self.Capacity.PHONE:
            return f"{self.spoken_with}电话答复，由{self.by}记录"
        if self.relayed_by:
            return f"{capacity}，链接由{self.relayed_by}转交"
        return f"{capacity}，{self.by}" if self.by else capacity


class ConfirmationRequestQuerySet(models.QuerySet["ConfirmationRequest"]):
    def open(self) -> Self:
        """Waiting for the side. The question stays open when its link has expired; then a new link is sent."""
        return self.filter(ended_at=None)

    def represented_by(self, user: User | AnonymousUser) -> Self:
        """Questions that this user may answer: as an officer of the firm or of the institution."""
        scope = scope_of(user)
        return self.filter(
            Q(side=Side.FIRM, follow_up__match__demand__firm__in=scope.firm_ids)
            | Q(side=Side.INSTITUTION, follow_up__match__achievement__institution__in=scope.institution_ids)
        )


class ConfirmationRequest(models.Model):
    """A word about a side that waits for this side's own confirmation, by one tap.

    `token_digest`: SHA-256 of the token in the link that opens the question without an account. The link is for one
    side, expires, and ends with the answer.
    """

    class Kind(models.TextChoices):
        OTHER_SIDE = "other", "对方的表示"
        HOST = "host", "现场记录"
        PHONE = "phone", "电话答复"
        INTENT = "intent", "跟进人记录的意向"

    follow_up = models.ForeignKey("FollowUp", models.PROTECT, related_name="requests", verbose_name="对接")
    side = models.CharField("哪一方", max_length=10, choices=Side)
    kind = models.CharField("谁的话", max_length=10, choices=Kind)
    stance = models.CharField("说了什么", max_length=10, choices=SideStatement.Stance)
    meeting_key = models.CharField("洽谈", max_length=10, blank=True)
    met_on = models.DateField("洽谈日期", null=True)
    token_digest = models.CharField(max_length=64, unique=True)
    asked_at = models.DateTimeField("询问时间", default=timezone.now)
    expires_at = models.DateTimeField("链接有效期")
    relayed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="转交链接的工作人员"
    )
    ended_at = models.DateTimeField("答复或作废时间", null=True)
    statement = models.ForeignKey(SideStatement, models.PROTECT, null=True, related_name="+", verbose_name="答复")

    objects = ConfirmationRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "待确认的表示"
        verbose_name_plural = "待确认的表示"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["follow_up", "side"], condition=Q(ended_at=None), name="confirmation_request_one_open_per_side"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.follow_up} · {self.get_side_display()}"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    def is_valid_at(self, now: datetime) -> bool:
        """Whether the link still opens the question."""
        return self.is_open and now < self.expires_at
