"""One value set for many achievements at once, with what stood there before, so that it can be undone."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from core.public_id import new_public_id
from core.scope import scope_of


class BulkEditQuerySet(models.QuerySet["BulkEdit"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The user's own. No role sees or undoes those of others."""
        return self.filter(made_by=scope_of(user).user_id)


class BulkEdit(models.Model):
    """`fields`: names of the achievement's fields that were set together."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    fields = models.JSONField("栏目", default=list, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="修改人")
    made_at = models.DateTimeField("修改时间", default=timezone.now, editable=False)
    undone_at = models.DateTimeField("撤销时间", null=True, editable=False)

    objects = BulkEditQuerySet.as_manager()

    class Meta:
        verbose_name = "批量修改"
        verbose_name_plural = "批量修改"
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"批量修改 {self.public_id}"


class BulkEditRow(models.Model):
    """`before`, `after`: {field: value as JSON} of one achievement."""

    bulk_edit = models.ForeignKey(BulkEdit, models.CASCADE, related_name="rows", verbose_name="批量修改")
    achievement = models.ForeignKey(Achievement, models.CASCADE, related_name="+", verbose_name="成果")
    before = models.JSONField("原来的内容", default=dict, editable=False)
    after = models.JSONField("修改后的内容", default=dict, editable=False)

    class Meta:
        verbose_name = "批量修改的成果"
        verbose_name_plural = "批量修改的成果"
        constraints = [
            models.UniqueConstraint(fields=["bulk_edit", "achievement"], name="bulk_edit_row_once"),
            models.CheckConstraint(condition=~Q(before=F("after")), name="bulk_edit_row_changes"),
        ]

    def __str__(self) -> str:
        return str(self.achievement)
