"""What an agent did in the name of its client. Rows are never changed: the client reads them on the mandate's page."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone

from accounts.models import User
from mandates.models.mandate import Mandate


class MandatedActQuerySet(models.QuerySet["MandatedAct"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the mandates that the user sees."""
        return self.filter(mandate__in=Mandate.objects.visible_to(user))


class MandatedAct(models.Model):
    """One act under a mandate. `subject`: the row that it changed, as label and key."""

    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="acts", verbose_name="委托")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("时间", default=timezone.now)
    action = models.CharField("做了什么", max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    subject_title = models.CharField("有关记录", max_length=200)

    objects = MandatedActQuerySet.as_manager()

    class Meta:
        verbose_name = "受托办理"
        verbose_name_plural = "受托办理"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="mandated_act_by_subject")]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_title}"
