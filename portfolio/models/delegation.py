"""What college offices and completers read, and the changes that they propose to the institution's office."""

from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from audit.revisions import Revision, RevisionQuerySet
from core.plain_text import PlainText
from core.scope import scope_of
from members.models import Delegation


class DelegatedItem(models.Model):
    """An achievement that a completer reads and proposes changes of. A college office needs no rows here."""

    delegation = models.ForeignKey(Delegation, models.CASCADE, related_name="items", verbose_name="成果授权")
    achievement = models.ForeignKey(Achievement, models.CASCADE, related_name="delegated_items", verbose_name="成果")
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="授权人")
    given_at = models.DateTimeField("授权时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "授权的成果"
        verbose_name_plural = "授权的成果"
        constraints = [models.UniqueConstraint(fields=["delegation", "achievement"], name="delegated_item_once")]

    def __str__(self) -> str:
        return f"{self.delegation}：{self.achievement}"


class ItemProposalQuerySet(RevisionQuerySet):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """For the office of the institution."""
        return self.filter(achievement__institution__in=scope_of(user).institution_ids)

    def of(self, user: User | AnonymousUser) -> Self:
        """One's own."""
        return self.filter(proposed_by=scope_of(user).user_id)


class ItemProposal(PlainText, Revision):
    """Changed values of one achievement, which its office accepts field by field.

    accepted: the names of the fields that were taken over; a part of `after` if the status is ACCEPTED, else empty.
    """

    achievement = models.ForeignKey(Achievement, models.CASCADE, related_name="proposals", verbose_name="成果")
    delegation = models.ForeignKey(Delegation, models.PROTECT, related_name="proposals", verbose_name="成果授权")
    note = models.CharField("说明", max_length=300, blank=True)
    accepted = models.JSONField("采纳的栏目", default=list, editable=False)

    objects = ItemProposalQuerySet.as_manager()

    class Meta(Revision.Meta):
        abstract = False
        verbose_name = "修改建议"
        verbose_name_plural = "修改建议"
        constraints = [
            models.UniqueConstraint(
                fields=["achievement", "proposed_by"],
                condition=Q(status="pending"),
                name="item_proposal_pending_once",
                violation_error_message="您刚刚已经提交过一份修改建议，请刷新页面。",
            ),
            models.CheckConstraint(
                condition=Q(status="pending", decided_by=None, decided_at=None)
                | ~Q(status="pending") & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="item_proposal_decided_iff_by_and_at",
            ),
            models.CheckConstraint(
                condition=~Q(status="returned") | ~Q(reason=""),
                name="item_proposal_returned_with_reason",
                violation_error_message="不采纳须写明原因。",
            ),
            models.CheckConstraint(
                condition=Q(accepted=[]) & ~Q(status="accepted") | Q(status="accepted") & ~Q(accepted=[]),
                name="item_proposal_accepted_iff_fields",
            ),
            models.CheckConstraint(condition=~Q(after={}), name="item_proposal_changes"),
        ]

    @property
    def subject(self) -> Achievement:
        return self.achievement
