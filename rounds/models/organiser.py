"""Organisers of a round besides its host, and the round's documents."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation, User
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.removal import RemovableQuerySet
from core.scope import scope_of
from rounds.models.docking_round import DockingRound, not_announced


class Organiser(PlainText, models.Model):
    """An organiser of a round, as printed on its papers."""

    class Role(models.TextChoices):
        HOST = "host", "主办"
        UNDERTAKER = "undertaker", "承办"
        CO = "co", "协办"
        SUPPORT = "support", "支持"

    docking_round = models.ForeignKey(DockingRound, models.CASCADE, related_name="organisers", verbose_name="对接活动")
    role = models.CharField("身份", max_length=10, choices=Role, default=Role.UNDERTAKER)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="平台上的单位"
    )
    name = models.CharField("单位名称", max_length=200, blank=True, help_text="不在平台上的单位写在这里")
    order = models.PositiveSmallIntegerField("排序", default=0)

    class Meta:
        verbose_name = "主办和承办单位"
        verbose_name_plural = "主办和承办单位"
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, name="") | Q(organisation=None) & ~Q(name=""),
                name="organiser_is_an_organisation_or_a_name",
                violation_error_message="请选择平台上的单位，或者写单位名称，二者填一个。",
            ),
            models.UniqueConstraint(
                fields=["docking_round", "role", "organisation", "name"],
                name="organiser_once_per_role",
                nulls_distinct=False,
                violation_error_message="这个单位已经在名单里。",
            ),
        ]

    def __str__(self) -> str:
        return self.organisation.name if self.organisation else self.name


class RoundDocumentQuerySet(RemovableQuerySet["RoundDocument"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """All for staff; the public ones of announced rounds for others."""
        scope = scope_of(user)
        if scope.sees_all or scope.is_district:
            return self
        return self.filter(is_public=True).exclude(not_announced("docking_round__"))


class RoundDocument(models.Model):
    """A file of a round, stored outside the web root and sent only to permitted users."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    docking_round = models.ForeignKey(DockingRound, models.PROTECT, related_name="documents", verbose_name="对接活动")
    file = models.FileField("文件", upload_to="rounds/%Y/%m/", max_length=200)
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField(max_length=64)
    is_public = models.BooleanField("公开", default=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间", default=timezone.now)
    removed_at = models.DateTimeField("移除时间", null=True, editable=False)

    objects = RoundDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "活动文件"
        verbose_name_plural = "活动文件"
        ordering = ["uploaded_at", "pk"]

    def __str__(self) -> str:
        return self.name
