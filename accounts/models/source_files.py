"""Uploaded sheets, the sources of imported rows."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models.organisations import Organisation
from core.public_id import new_public_id
from core.scope import scope_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models.organisations import User


class SourceFileQuerySet(models.QuerySet["SourceFile"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Own uploads and those of own organisations; all for city and auditor.

        Who no longer works for an organisation does not see what they uploaded for it, nor, without any role, any file.
        """
        scope = scope_of(user)
        if scope.sees_all:
            return self
        if not scope.roles:
            return self.none()
        seen = Organisation.objects.visible_to(user)
        own = Q(uploaded_by=scope.user_id) & (Q(organisation=None) | Q(organisation__in=seen))
        return self.filter(own | Q(organisation__in=scope.organisation_ids))


class SourceFile(models.Model):
    """An uploaded sheet, the source of imported rows. `written_at` is set when its rows have been imported."""

    class Kind(models.TextChoices):
        ACHIEVEMENTS = "achievements", "科技成果"
        DEMANDS = "demands", "技术需求"
        AGENCIES = "agencies", "服务机构"
        BROKERS = "brokers", "技术经纪人"
        CONTRACTS = "contracts", "技术合同登记名单"
        FUNDS = "funds", "基金"
        GUESTS = "guests", "参会名单"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    kind = models.CharField("内容", max_length=20, choices=Kind)
    file = models.FileField("文件", upload_to="imports/%Y/%m/", max_length=200)
    name = models.CharField("文件名", max_length=200)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField(max_length=64)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="source_files", verbose_name="单位"
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="source_files", verbose_name="上传人"
    )
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)
    written_at = models.DateTimeField("导入时间", null=True, blank=True, editable=False)
    created_rows = models.PositiveIntegerField("新增行数", default=0, editable=False)
    unchanged_rows = models.PositiveIntegerField("未变行数", default=0, editable=False)

    objects = SourceFileQuerySet.as_manager()

    class Meta:
        verbose_name = "导入文件"
        verbose_name_plural = "导入文件"
        ordering = ["-uploaded_at"]
        indexes = [models.Index(fields=["kind", "sha256"], name="source_file_by_hash")]

    def __str__(self) -> str:
        return self.name
