"""Whether a completer agrees that an achievement is offered with this person's name."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from core.scope import scope_of


class CompleterConsentQuerySet(models.QuerySet["CompleterConsent"]):
    def given(self) -> Self:
        return self.filter(revoked_at=None)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of its own achievements for an institution, all for city staff and auditors."""
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(achievement__institution__in=scope.institution_ids)


class CompleterConsent(models.Model):
    """One consent of one person for one achievement. A later consent of the same person is a new row.

    fingerprint: keyed hash of the name, so that deleting a person's name from the achievement leaves no copy here.
    recorded_by: the officer who keeps the signed paper; None when the person gave it through a link.
    """

    achievement = models.ForeignKey(Achievement, models.CASCADE, related_name="consents", verbose_name="成果")
    fingerprint = models.CharField(max_length=64, editable=False)
    given_at = models.DateTimeField("同意时间", default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="登记人"
    )
    revoked_at = models.DateTimeField("撤回时间", null=True, editable=False)

    objects = CompleterConsentQuerySet.as_manager()

    class Meta:
        verbose_name = "完成人同意"
        verbose_name_plural = "完成人同意"
        ordering = ["-given_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["achievement", "fingerprint"],
                condition=Q(revoked_at=None),
                name="completer_consent_in_force_once",
                violation_error_message="这位完成人已经同意，不需要再登记。",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None) | Q(revoked_at__gte=models.F("given_at")),
                name="completer_consent_revoked_after_given",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.achievement} 完成人同意"
