"""Changes that an institution proposes to its registered achievement."""

from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models

from accounts.models import User
from achievements.models.achievement import Achievement
from audit.revisions import Revision, RevisionQuerySet, revision_constraints
from core.scope import scope_of


class AchievementRevisionQuerySet(RevisionQuerySet):
    def awaiting_decision(self) -> Self:
        """Pending, while the achievement is on offer or paused."""
        return self.pending().filter(achievement__status__in=Achievement.REVISABLE)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of its own achievements for an institution, all for city staff and auditors, none for others."""
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(achievement__institution__in=scope.institution_ids)


class AchievementRevision(Revision):
    """Without names of persons: these are changed at once, so that a request to delete one finds it in one place."""

    achievement = models.ForeignKey(Achievement, models.CASCADE, related_name="revisions", verbose_name="成果")

    objects = AchievementRevisionQuerySet.as_manager()

    class Meta(Revision.Meta):
        abstract = False
        verbose_name = "成果修改"
        verbose_name_plural = "成果修改"
        constraints = revision_constraints("achievement", message="这项成果已有一份修改在等审核，请刷新页面。")

    @property
    def subject(self) -> Achievement:
        return self.achievement
