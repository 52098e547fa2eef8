"""What was found in an uploaded sheet that is not negotiated, shown page by page, and how far its import is."""

from django.conf import settings
from django.db import models

from accounts.models import SourceFile


class SheetCheck(models.Model):
    """The check of one uploaded sheet, `only_own`: of the rows of the user's own organisations."""

    class Status(models.TextChoices):
        CHECKING = "checking", "正在检查"
        CHECKED = "checked", "检查完成"
        WRITING = "writing", "正在导入"
        CANCELLED = "cancelled", "已停止"
        FAILED = "failed", "没有查成"

    RUNNING = (Status.CHECKING, Status.WRITING)

    source_file = models.ForeignKey(SourceFile, models.CASCADE, related_name="checks", verbose_name="来源文件")
    only_own = models.BooleanField("只查本单位的行", default=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.CHECKING)
    message = models.TextField("说明", blank=True)
    sheet_title = models.CharField("工作表", max_length=100, blank=True, db_default="")
    row_count = models.PositiveIntegerField("行数", default=0)
    done_count = models.PositiveIntegerField("已检查的行数", default=0, db_default=0)
    turn = models.PositiveIntegerField("第几次处理", default=0, db_default=0)
    """Who takes up the check or the import increases it; whoever worked at it before stops."""
    written_to = models.PositiveIntegerField("已导入到第几行", default=0, db_default=0)
    written_counts = models.JSONField("已导入的行数", default=dict, db_default={})
    """An `ImportResult` of the rows that are written."""
    marked = models.FileField(
        "标注的表格", upload_to="imports/%Y/%m/", max_length=200, blank=True, default="", db_default=""
    )
    error_count = models.PositiveIntegerField("要修改的处数", default=0)
    warning_count = models.PositiveIntegerField("提醒的处数", default=0)
    notices = models.JSONField("提示", default=list)
    moved_at = models.DateTimeField("最近进展", auto_now=True)

    class Meta:
        verbose_name = "表格检查"
        verbose_name_plural = "表格检查"
        constraints = [
            models.UniqueConstraint(fields=["source_file", "only_own"], name="sheet_check_once"),
        ]

    def __str__(self) -> str:
        return str(self.source_file)

    @property
    def is_running(self) -> bool:
        return self.status in self.RUNNING

    @property
    def is_checked(self) -> bool:
        return self.status == self.Status.CHECKED

    @property
    def ok(self) -> bool:
        return self.is_checked and not self.error_count

    @property
    def written(self) -> int:
        """Number of the rows that an import has written or left as they were."""
        return sum(self.written_counts.values())


class SheetCheckProblem(models.Model):
    """An error or a warning of the sheet; `place`: its number among them, errors first."""

    sheet_check = models.ForeignKey(SheetCheck, models.CASCADE, related_name="problems")
    place = models.PositiveIntegerField("序号")
    row = models.PositiveIntegerField("行")
    column = models.CharField("列号", max_length=5, blank=True)
    label = models.CharField("列名", max_length=100, blank=True)
    value = models.TextField("填写的内容", blank=True)
    message = models.TextField("怎么改")
    is_warning = models.BooleanField("可以不改", default=False, db_default=False)

    class Meta:
        verbose_name = "表格中的问题"
        verbose_name_plural = "表格中的问题"
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["sheet_check", "place"], name="sheet_check_problem_once"),
        ]

    def __str__(self) -> str:
        return f"{self.row} {self.label}: {self.message}"
