"""Who may read the part of a demand that is not public, who has read it, and the files attached to it."""

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Organisation, User
from core.plain_text import REASON_LENGTH
from core.public_id import new_public_id
from core.removal import RemovableQuerySet
from core.scope import scope_of
from demands.models.agreement import Agreement
from demands.models.demand import Demand

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

UNDERTAKING_VERSION = "2026-1"
"""Version of the text in `templates/demands/_undertaking_text.html`. A new version has to be signed again."""
UNDERTAKING_DURATION = timedelta(days=365)


class UndertakingQuerySet(models.QuerySet["Undertaking"]):
    def in_force(self) -> Self:
        """Signed in the current version, neither expired nor ended."""
        return self.filter(version=UNDERTAKING_VERSION, ended_at=None, valid_until__gte=timezone.localdate())

    def of_user(self, user: "User | AnonymousUser") -> Self:
        """Undertakings of the institutions and agencies for which the user acts."""
        scope = scope_of(user)
        return self.filter(organisation__in=scope.institution_ids | scope.agency_ids)


class Undertaking(models.Model):
    """保密承诺: an institution or agency undertakes to use the details of demands for docking only."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="undertakings", verbose_name="单位")
    version = models.CharField("文本版本", max_length=10)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="签署人")
    signed_at = models.DateTimeField("签署时间", default=timezone.now)
    valid_until = models.DateField("有效期至")
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="终止人"
    )
    ended_at = models.DateTimeField("终止时间", null=True, editable=False)
    end_reason = models.CharField("终止原因", max_length=REASON_LENGTH, blank=True, editable=False)
    is_barred = models.BooleanField("不能自行重新签署", default=False, editable=False)

    objects = UndertakingQuerySet.as_manager()

    class Meta:
        verbose_name = "保密承诺"
        verbose_name_plural = "保密承诺"
        ordering = ["-signed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(ended_at=None),
                name="undertaking_one_open_per_organisation",
                violation_error_message="本单位已签署保密承诺。",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, end_reason="")
                | Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(end_reason=""),
                name="undertaking_ended_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(is_barred=False) | Q(ended_at__isnull=False), name="undertaking_barred_when_ended"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.version}"

    @property
    def is_in_force(self) -> bool:
        is_current = self.version == UNDERTAKING_VERSION and self.valid_until >= timezone.localdate()
        return self.ended_at is None and is_current


class Step(models.TextChoices):
    """The steps of disclosure, in their order."""

    TEASER = "teaser", "公开摘要"
    DETAILS = "details", "需求全文"
    FILE = "file", "附件"
    IDENTITY = "identity", "企业名称"


class DemandFileQuerySet(RemovableQuerySet["DemandFile"]):
    def readable_by(self, user: "User | AnonymousUser") -> Self:
        """Files of demands that the user manages, and of published demands as their `audience` says."""
        scope, published = scope_of(user), Q(demand__in=Demand.objects.published())
        readable = Q(demand__in=Demand.objects.managed_by(user))
        if Undertaking.objects.of_user(user).in_force().exists():
            readable |= published & Q(audience=DemandFile.Audience.UNDERTAKING)
            # An agreement of the same demand, concluded with an institution of the user.
            agreed = Agreement.objects.in_force().filter(institution__in=scope.institution_ids)
            readable |= published & Q(demand__in=agreed.values("demand"))
        return self.kept().filter(readable)


class DemandFile(models.Model):
    """A file of a demand, stored as PDF outside the web root. Each reader gets a copy with the own name on it."""

    class Audience(models.TextChoices):
        UNDERTAKING = "undertaking", "签署保密承诺的院所和机构"
        AGREEMENT = "agreement", "与本企业签署保密协议的院所"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    demand = models.ForeignKey(Demand, models.PROTECT, related_name="files")
    file = models.FileField("文件", upload_to="demand_files/%Y/%m/", max_length=200)
    name = models.CharField("文件名", max_length=200)
    size = models.PositiveBigIntegerField("大小（字节）")
    pages = models.PositiveSmallIntegerField("页数")
    sha256 = models.CharField(max_length=64)
    audience = models.CharField("谁能看", max_length=12, choices=Audience, default=Audience.UNDERTAKING)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)
    removed_at = models.DateTimeField("移除时间", null=True, blank=True, editable=False)

    objects = DemandFileQuerySet.as_manager()

    class Meta:
        verbose_name = "需求附件"
        verbose_name_plural = "需求附件"
        ordering = ["uploaded_at"]

    def __str__(self) -> str:
        return self.name


class DemandReadingQuerySet(models.QuerySet["DemandReading"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Readings of the demands that the user manages: the firm sees who read its demands."""
        return self.filter(demand__in=Demand.objects.managed_by(user))


class DemandReading(models.Model):
    """谁看过: one user read one step of a demand on one day, `times` times. Members of the firm are not recorded."""

    Step = Step

    demand = models.ForeignKey(Demand, models.PROTECT, related_name="reading_records", verbose_name="需求")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="查看人")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name="查看人所在单位"
    )
    step = models.CharField("看了什么", max_length=10, choices=Step)
    file = models.ForeignKey(DemandFile, models.PROTECT, null=True, related_name="reading_records", verbose_name="附件")
    day = models.DateField("日期")
    first_at = models.DateTimeField("首次时间", default=timezone.now)
    last_at = models.DateTimeField("最近时间", default=timezone.now)
    times = models.PositiveIntegerField("次数", default=1)

    objects = DemandReadingQuerySet.as_manager()

    class Meta:
        verbose_name = "需求查看记录"
        verbose_name_plural = "需求查看记录"
        ordering = ["-last_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["demand", "reader", "step", "file", "day"],
                name="demand_reading_once_a_day",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(step="file", file__isnull=False) | ~Q(step="file") & Q(file=None),
                name="demand_reading_names_its_file",
            ),
            models.CheckConstraint(condition=Q(last_at__gte=F("first_at")), name="demand_reading_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.reader} · {self.get_step_display()}"
