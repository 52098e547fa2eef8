"""科技成果转化年度报告 of an institution (促进科技成果转化法, article 21), and what was handed in."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Organisation, User
from core.public_id import new_public_id
from core.scope import scope_of


class AnnualReportQuerySet(models.QuerySet["AnnualReport"]):
    def visible_to(self, user: User | AnonymousUser) -> "AnnualReportQuerySet":
        """The own institution's; for city staff and auditors those that were handed in at least once."""
        scope = scope_of(user)
        own = Q(institution__in=scope.institution_ids)
        if scope.sees_all:
            return self.filter(own | Q(Exists(ReportVersion.objects.filter(report=OuterRef("pk")))))
        return self.filter(own)

    def managed_by(self, user: User | AnonymousUser) -> "AnnualReportQuerySet":
        return self.filter(institution__in=scope_of(user).institution_ids)

    def to_review(self) -> "AnnualReportQuerySet":
        return self.filter(status=AnnualReport.Status.CHECKING)


class AnnualReport(models.Model):
    """The working copy of one year. Numbers are counted when it is read; only answers are stored, and, from the review
    on, the numbers that the reviewer saw.

    answers: {key of a question: text as it was filled in}. reviewed: {key: number as text}.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "填报中"
        CHECKING = "checking", "待审核"
        REVIEWED = "reviewed", "已审核"
        HANDED_IN = "handed_in", "已报送"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    institution = models.ForeignKey(
        Organisation, models.PROTECT, related_name="annual_reports", verbose_name="填报单位", editable=False
    )
    year = models.PositiveSmallIntegerField(
        "报告年度", validators=[MinValueValidator(2000), MaxValueValidator(2100)], editable=False
    )
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    answers = models.JSONField("填写的内容", default=dict, blank=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    """Increased by each saved form, so that two people do not overwrite each other."""
    reviewed = models.JSONField("审核时的数", default=dict, blank=True, editable=False)
    made_at = models.DateTimeField("建立时间", default=timezone.now, editable=False)
    filled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="填报人"
    )
    submitted_at = models.DateTimeField("提交审核时间", null=True, editable=False)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="审核人"
    )
    reviewed_at = models.DateTimeField("审核时间", null=True, editable=False)
    is_self_reviewed = models.BooleanField("自填自审", default=False, editable=False)

    objects = AnnualReportQuerySet.as_manager()

    class Meta:
        verbose_name = "转化年度报告"
        verbose_name_plural = "转化年度报告"
        ordering = ["-year", "institution__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "year"],
                name="annual_report_once_a_year",
                violation_error_message="这个年度的报告已经建立了。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["reviewed", "handed_in"], reviewed_at__isnull=False)
                | Q(status__in=["draft", "checking"], reviewed_at=None, reviewed_by=None, is_self_reviewed=False),
                name="annual_report_reviewed_iff_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution.name}{self.year}年度科技成果转化年度报告"

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT


class ReportVersion(models.Model):
    """What was handed in: the numbers, the answers and the files. Never changed.

    content: {"figures": {key: text}, "answers": {key: text}}.
    """

    report = models.ForeignKey(AnnualReport, models.PROTECT, related_name="versions", verbose_name="年度报告")
    number = models.PositiveSmallIntegerField("第几版")
    content: Any = models.JSONField("报送的内容")
    handed_in_at = models.DateTimeField("报送时间", default=timezone.now)
    handed_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="报送人"
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="审核人"
    )
    is_self_reviewed = models.BooleanField("自填自审", default=False)

    class Meta:
        verbose_name = "报送的版本"
        verbose_name_plural = "报送的版本"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="report_version_number_once"),
        ]

    def __str__(self) -> str:
        return f"第 {self.number} 版"


class ReportFileQuerySet(models.QuerySet["ReportFile"]):
    def visible_to(self, user: User | AnonymousUser) -> "ReportFileQuerySet":
        return self.filter(version__report__in=AnnualReport.objects.visible_to(user).order_by().values("pk"))


class ReportFile(models.Model):
    """A file of a version, as it was handed in. `layout` names the form: national or provincial."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    version = models.ForeignKey(ReportVersion, models.PROTECT, related_name="files", verbose_name="版本")
    layout = models.CharField("表式", max_length=20)
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    file = models.FileField("文件", upload_to="annual_reports/%Y/", max_length=200)
    sha256 = models.CharField(max_length=64)

    objects = ReportFileQuerySet.as_manager()

    class Meta:
        verbose_name = "报送的文件"
        verbose_name_plural = "报送的文件"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
