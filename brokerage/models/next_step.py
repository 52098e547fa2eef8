"""The next step of a case, with its day: what an agency's brokers plan, read by nobody else."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation, User
from core.plain_text import PlainText
from core.scope import scope_of


class NextStepQuerySet(models.QuerySet["NextStep"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Of the user's own agencies. Staff and auditors see none, as with notes."""
        return self.filter(agency__in=scope_of(user).agency_ids)

    def open(self) -> Self:
        return self.filter(done_at=None)


class NextStep(PlainText, models.Model):
    """subject_type, subject_id: the record by which the case is known: request, mandate, approach, follow-up, deal."""

    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="服务机构")
    subject_type = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    text = models.CharField("下一步", max_length=200)
    due_on = models.DateField("日期")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name="记录人"
    )
    made_at = models.DateTimeField("记录时间", default=timezone.now, editable=False)
    done_at = models.DateTimeField("完成时间", null=True, editable=False)

    objects = NextStepQuerySet.as_manager()

    class Meta:
        verbose_name = "下一步"
        verbose_name_plural = "下一步"
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "subject_type", "subject_id"],
                condition=Q(done_at=None),
                name="next_step_open_once",
                violation_error_message="这件事已有下一步，请先完成或改写它。",
            ),
        ]

    def __str__(self) -> str:
        return f"下一步 {self.pk}"  # the trail is read by staff, who must not read the plan

    @property
    def is_late(self) -> bool:
        return self.done_at is None and self.due_on < timezone.localdate()
