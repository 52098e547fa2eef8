"""不适合，因为…: what a firm or an institution says about a pair, from which the matching learns."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from core.public_id import new_public_id
from core.scope import scope_of
from demands.models import Demand
from matching.models.match import reject_reasons
from matching.models.review import Question


class SideFeedbackQuerySet(models.QuerySet["SideFeedback"]):
    def in_force(self) -> Self:
        """Neither taken back by the side nor lifted by an officer."""
        return self.filter(ended_at=None)

    def said_by(self, user: User | AnonymousUser) -> Self:
        """What the user's own organisations say."""
        scope = scope_of(user)
        return self.filter(
            Q(side=Question.Side.FIRM, demand__firm__in=scope.firm_ids)
            | Q(side=Question.Side.INSTITUTION, achievement__institution__in=scope.institution_ids)
        )

    def managed_by(self, user: User | AnonymousUser) -> Self:
        """District staff read what is said about the demands of their firms, city staff and the auditor all."""
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(demand__firm__stat_region__in=scope.region_ids)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The side itself and the staff in charge; not the other side."""
        own, managed = self.said_by(user), self.managed_by(user)
        return self.filter(Q(pk__in=own.values("pk")) | Q(pk__in=managed.values("pk")))


class SideFeedback(models.Model):
    """One side finds that a pair does not fit, with a reason of the officers' list.

    It is no review: the match keeps its status, and no figure of the officers counts it. It lowers later proposals
    only among what is the side's own (`matching.learning.side_effects`), until it is ended: taken back by the side, or
    lifted by an officer with a reason.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    achievement = models.ForeignKey(Achievement, models.PROTECT, related_name="side_feedback", verbose_name="成果")
    demand = models.ForeignKey(Demand, models.PROTECT, related_name="side_feedback", verbose_name="需求")
    side = models.CharField("哪一方", max_length=10, choices=Question.Side)
    reason = models.CharField("原因", max_length=20, choices=reject_reasons)
    note = models.CharField("说明", max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="反馈人")
    made_at = models.DateTimeField("时间", default=timezone.now)
    ended_at = models.DateTimeField("失效时间", null=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="撤回或解除人",
    )
    end_reason = models.CharField("解除理由", max_length=200, blank=True, editable=False)

    objects = SideFeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = "不适合的反馈"
        verbose_name_plural = "不适合的反馈"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["achievement", "demand", "side"],
                condition=Q(ended_at=None),
                name="side_feedback_one_in_force",
                violation_error_message="已经反馈过不适合；如需更改，请先撤回。",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="side_feedback_ended_iff_by",
            ),
            models.CheckConstraint(
                condition=~Q(reason="other") | ~Q(note=""),
                name="side_feedback_other_is_explained",
                violation_error_message="选“其他原因”时，请用一句话说明。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()}：{self.get_reason_display()}"
