"""不再接收: an organisation takes no approaches of another one any more. The city sees the reason."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Organisation, User
from core.plain_text import REASON_LENGTH
from core.scope import scope_of
from enquiries.models.approach import Approach


class ApproachBlockQuerySet(models.QuerySet["ApproachBlock"]):
    def in_force(self) -> Self:
        return self.filter(ended_at=None)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Their own for the organisation that blocks; all for city staff and auditors."""
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(by_organisation__in=scope.institution_ids | scope.firm_ids)


class ApproachBlock(models.Model):
    """`approach`: the one that gave cause; a list names the blocked firm as this approach does."""

    by_organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="谁不再接收")
    blocked = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="不接收谁的")
    approach = models.ForeignKey(Approach, models.PROTECT, related_name="blocks", verbose_name="起因")
    reason = models.CharField("原因", max_length=REASON_LENGTH)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="操作人")
    made_at = models.DateTimeField("时间", default=timezone.now)
    ended_at = models.DateTimeField("恢复时间", null=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="恢复人"
    )

    objects = ApproachBlockQuerySet.as_manager()

    class Meta:
        verbose_name = "不再接收"
        verbose_name_plural = "不再接收"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["by_organisation", "blocked"],
                condition=Q(ended_at=None),
                name="approach_block_once",
                violation_error_message="已经不再接收这个单位的询问了。",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="approach_block_with_reason"),
            models.CheckConstraint(condition=~Q(by_organisation=F("blocked")), name="approach_block_of_another"),
        ]

    def __str__(self) -> str:
        return f"{self.by_organisation} · {self.approach}"
