"""委托书 that another one has replaced: kept with the mandate, so that it can be read what was signed when."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone

from accounts.models import User
from core.public_id import new_public_id
from mandates.models.mandate import Mandate


class ReplacedDocumentQuerySet(models.QuerySet["ReplacedDocument"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """To those who see the mandate."""
        return self.filter(mandate__in=Mandate.objects.visible_to(user).values("pk"))


class ReplacedDocument(models.Model):
    """`filed_by`: who had uploaded it; `replaced_by`: who uploaded the next one, at `replaced_at`. Never changed."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="replaced_documents", verbose_name="委托")
    file = models.FileField("委托书", upload_to="mandates/%Y/%m/", max_length=200)
    file_name = models.CharField("委托书文件名", max_length=200)
    file_type = models.CharField(max_length=100)
    file_sha256 = models.CharField(max_length=64)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="上传人"
    )
    replaced_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="更换人")
    replaced_at = models.DateTimeField("更换时间", default=timezone.now)

    objects = ReplacedDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "更换过的委托书"
        verbose_name_plural = "更换过的委托书"
        ordering = ["-replaced_at", "-pk"]

    def __str__(self) -> str:
        return self.file_name
