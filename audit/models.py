"""The audit trail: who did what to which object, when and from where."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models

from core.scope import ScopedUser, scope_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class AuditQuerySet(models.QuerySet["AuditRecord"]):
    def visible_to(self, user: "ScopedUser | AnonymousUser") -> Self:
        """All records for auditors and city staff; those about accounts for system administrators."""
        scope = scope_of(user)
        if scope.is_auditor or scope.is_city or user.is_superuser:
            return self
        return self.filter(object_type__startswith="accounts.") if scope.is_sysadmin else self.none()


class AuditRecord(models.Model):
    """One action of a user on an object. A database trigger refuses UPDATE, DELETE and TRUNCATE."""

    at = models.DateTimeField("时间", auto_now_add=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="操作人"
    )
    actor_name = models.CharField("操作人姓名", max_length=60, blank=True)
    action = models.CharField("动作", max_length=60)
    object_type = models.CharField("对象类型", max_length=60)
    object_id = models.CharField("对象编号", max_length=40)
    object_label = models.CharField("对象", max_length=200)
    changes = models.JSONField("变更", default=dict, help_text="字段：[旧值, 新值]")
    ip = models.GenericIPAddressField("来源地址", null=True)
    origin = models.CharField("来源", max_length=20, blank=True, help_text="网页、接口、命令或后台任务")

    lines: list[str]
    """The changes in words, for the reader of a page that has set them."""

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = "操作记录"
        verbose_name_plural = "操作记录"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["object_type", "object_id"], name="audit_by_object")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action} {self.object_label}"
