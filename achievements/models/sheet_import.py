"""Sheets that are being negotiated: their rows, what must be decided, and the spellings that an institution taught."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from accounts.models import Organisation, SourceFile, User
from achievements.models.achievement import Achievement
from core.scope import scope_of


class SheetImport(models.Model):
    """One uploaded sheet. mapping: {column number: column key or ""}; constants: {column key: stored value}."""

    class Status(models.TextChoices):
        READING = "reading", "正在读取"
        OPEN = "open", "可以商量、导入"
        WRITING = "writing", "正在导入"
        CANCELLED = "cancelled", "已停止"
        FAILED = "failed", "没有读成"

    RUNNING = (Status.READING, Status.WRITING)

    source_file = models.OneToOneField(SourceFile, models.CASCADE, related_name="sheet_import", verbose_name="来源文件")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="导入人"
    )
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.READING)
    only_own = models.BooleanField("只导入本单位的行", default=False)
    sheet_title = models.CharField("工作表", max_length=100, blank=True)
    mapping = models.JSONField("手工对照", default=dict, blank=True)
    constants = models.JSONField("全表相同的内容", default=dict, blank=True)
    layout = models.JSONField("表的结构", default=dict, blank=True)
    message = models.CharField("说明", max_length=300, blank=True)
    row_count = models.PositiveIntegerField("行数", default=0)
    read_count = models.PositiveIntegerField("已读行数", default=0)
    started_at = models.DateTimeField("开始时间", auto_now_add=True)
    moved_at = models.DateTimeField("最近进展", auto_now=True)

    class Meta:
        verbose_name = "导入中的表格"
        verbose_name_plural = "导入中的表格"

    def __str__(self) -> str:
        return str(self.source_file)

    @property
    def is_running(self) -> bool:
        return self.status in self.RUNNING


class SheetImportRow(models.Model):
    """A data row. values: {column key: stored value} of what is certain or decided; cells: {column key: as written}."""

    class State(models.TextChoices):
        READY = "ready", "可以导入"
        OPEN = "open", "待商量"
        KEPT = "kept", "库里已有，保持原样"
        LEFT = "left", "不导入"
        WRITTEN = "written", "已导入"

    sheet_import = models.ForeignKey(SheetImport, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField("行")
    title = models.CharField("成果名称", max_length=200, blank=True)
    state = models.CharField("状态", max_length=10, choices=State)
    values = models.JSONField(default=dict)
    cells = models.JSONField(default=dict)
    kept_fields = models.JSONField("保持库里的字段", default=list, blank=True)
    achievement = models.ForeignKey(
        Achievement, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="成果"
    )

    class Meta:
        verbose_name = "导入中的一行"
        verbose_name_plural = "导入中的行"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["sheet_import", "number"], name="sheet_import_row_once"),
        ]
        indexes = [models.Index(fields=["sheet_import", "state", "number"], name="sheet_import_row_by_state")]

    def __str__(self) -> str:
        return f"{self.number}: {self.title}"


class SheetFinding(models.Model):
    """A cell that somebody must decide. group: findings that are decided together; value, options: stored values."""

    class Kind(models.TextChoices):
        PROPOSED = "proposed", "有建议"
        ASKED = "asked", "要问"
        REFUSED = "refused", "要改"
        MISSING = "missing", "没有填"
        CHANGED = "changed", "和库里不同"

    row = models.ForeignKey(SheetImportRow, models.CASCADE, related_name="findings")
    sheet_import = models.ForeignKey(SheetImport, models.CASCADE, related_name="findings")
    key = models.CharField("列", max_length=40)
    kind = models.CharField("类别", max_length=10, choices=Kind)
    group = models.CharField("同类", max_length=200)
    written = models.CharField("原文", max_length=500, blank=True)
    shown = models.CharField("建议", max_length=500, blank=True)
    message = models.CharField("说明", max_length=500)
    value = models.JSONField(null=True)
    options = models.JSONField(default=list)
    extra = models.JSONField(default=dict)
    is_open = models.BooleanField("待定", default=True)

    class Meta:
        verbose_name = "要商量的一格"
        verbose_name_plural = "要商量的格"
        ordering = ["row__number", "pk"]
        indexes = [models.Index(fields=["sheet_import", "is_open", "group"], name="sheet_finding_by_group")]

    def __str__(self) -> str:
        return f"{self.key}: {self.message}"


class LearnedSpellingQuerySet(models.QuerySet["LearnedSpelling"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the user's organisations; all for city staff and auditors."""
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(organisation__in=scope.organisation_ids)


class LearnedSpelling(models.Model):
    """A header or a cell that an organisation has said the meaning of; its next sheets are read so.

    key: the column key of a cell; "" for a header, whose `value` is the column key ("" if it is not imported).
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="learned_spellings")
    key = models.CharField("列", max_length=40, blank=True)
    spelling = models.CharField("写法（规整后）", max_length=200)
    written = models.CharField("写法", max_length=200)
    shown = models.CharField("认作", max_length=200)
    value = models.JSONField(null=True)
    learned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="认可人")
    learned_at = models.DateTimeField("认可时间", auto_now=True)

    objects = LearnedSpellingQuerySet.as_manager()

    class Meta:
        verbose_name = "记住的写法"
        verbose_name_plural = "记住的写法"
        ordering = ["key", "written"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "key", "spelling"], name="learned_spelling_once"),
            models.CheckConstraint(condition=~Q(spelling=""), name="learned_spelling_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.written} → {self.shown}"
