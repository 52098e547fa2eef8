"""Reports of rounds: the counted figures, the text generated from them and edited by staff, the released files."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from core.public_id import new_public_id
from core.scope import scope_of
from rounds.models.docking_round import DockingRound


class RoundReportQuerySet(models.QuerySet["RoundReport"]):
    def drafts(self) -> Self:
        return self.filter(status=RoundReport.Status.DRAFT)

    def released(self) -> Self:
        return self.filter(status=RoundReport.Status.RELEASED)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """For city staff and auditors only: it names every district's firms."""
        return self if scope_of(user).sees_all else self.none()


class RoundReport(models.Model):
    """One version. `figures` is the result of `count_figures`; `text` is a list of {"key", "written", "text"}: the
    generated and the current text of each section. Constraints keep a released version unchanged."""

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        RELEASED = "released", "已发布"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    docking_round = models.ForeignKey(DockingRound, models.PROTECT, related_name="reports", verbose_name="对接活动")
    number = models.PositiveSmallIntegerField("版本")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    figures = models.JSONField("数字", default=dict)
    text = models.JSONField("文字", default=list)
    revision = models.PositiveIntegerField(default=0, editable=False)
    counted_at = models.DateTimeField("统计时间", default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="起草人"
    )
    made_at = models.DateTimeField("起草时间", default=timezone.now)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="修改人"
    )
    edited_at = models.DateTimeField("修改时间", null=True, editable=False)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="发布人"
    )
    released_at = models.DateTimeField("发布时间", null=True, editable=False)
    word_file = models.FileField("Word 文件", upload_to="reports/%Y/%m/", max_length=200, blank=True)
    pdf_file = models.FileField("PDF 文件", upload_to="reports/%Y/%m/", max_length=200, blank=True)
    checksums = models.JSONField("文件校验值", default=dict)

    objects = RoundReportQuerySet.as_manager()

    class Meta:
        verbose_name = "活动总结"
        verbose_name_plural = "活动总结"
        ordering = ["docking_round", "-number"]
        permissions = [("write_roundreport", "Can write and release reports of rounds")]
        constraints = [
            models.UniqueConstraint(fields=["docking_round", "number"], name="report_numbers_are_unique"),
            models.UniqueConstraint(
                fields=["docking_round"],
                condition=Q(status="draft"),
                name="report_one_draft_per_round",
                violation_error_message="这场活动已有一份草稿，请继续修改那一份。",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", released_at=None, word_file="", pdf_file="")
                | Q(status="released", released_at__isnull=False) & ~Q(word_file="") & ~Q(pdf_file=""),
                name="report_released_iff_files",
            ),
        ]

    def __str__(self) -> str:
        return "%(round)s总结（第 %(number)d 版）" % {"round": self.docking_round, "number": self.number}
