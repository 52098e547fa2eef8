"""Drafts that are made from documents, and the documents, as long as nobody has confirmed what was read of them."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation, User
from achievements.models import Achievement
from core.public_id import new_public_id
from core.scope import scope_of


class DocumentDraftQuerySet(models.QuerySet["DocumentDraft"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the user's institutions; nothing for others, the city's staff included."""
        return self.filter(institution__in=scope_of(user).institution_ids)

    def open(self) -> Self:
        return self.filter(status=DocumentDraft.Status.OPEN)

    def to_confirm(self) -> Self:
        """Open, and none of their documents is being read."""
        reading = DraftDocument.objects.filter(status=DraftDocument.Status.READING).values("draft")
        return self.open().exclude(pk__in=reading)


class DocumentDraft(models.Model):
    """What documents say about one achievement.

    fields: {field key: {"text", "status", "message", "quotation", "place", "document" (public id), "others"}}; others:
    what further documents say, in the same form. typed: {field key: text} that the office has put instead. confirmed:
    keys that it has compared with the document. kept_apart: public ids of drafts that are about something else.
    """

    class Status(models.TextChoices):
        OPEN = "open", "待核对"
        DRAFTED = "drafted", "已建成草稿"
        ADDED = "added", "已加到已有成果"
        JOINED = "joined", "已并入另一份"
        DROPPED = "dropped", "不用了"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    institution = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="单位")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.OPEN, editable=False)
    fields = models.JSONField("读出的内容", default=dict, editable=False)
    typed = models.JSONField("填写的内容", default=dict, editable=False)
    confirmed = models.JSONField("已核对的栏目", default=list, editable=False)
    kept_apart = models.JSONField("不是同一项的", default=list, editable=False)
    achievement = models.ForeignKey(
        Achievement, models.PROTECT, null=True, editable=False, related_name="document_drafts", verbose_name="成果"
    )
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    started_at = models.DateTimeField("上传时间", default=timezone.now, editable=False)
    moved_at = models.DateTimeField("最近改动", auto_now=True)

    objects = DocumentDraftQuerySet.as_manager()

    class Meta:
        verbose_name = "从文件起草的成果"
        verbose_name_plural = "从文件起草的成果"
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["drafted", "added"], achievement__isnull=False)
                | Q(status__in=["open", "joined", "dropped"], achievement=None),
                name="document_draft_has_achievement_iff_used",
                violation_error_message="建成草稿或加到已有成果时，要写明是哪一项。",
            ),
        ]
        indexes = [models.Index(fields=["institution", "status", "-started_at"], name="document_draft_by_status")]

    def __str__(self) -> str:
        return self.title or f"起草 {self.public_id}"

    @property
    def title(self) -> str:
        """The title as typed or read, else the name of a document."""
        if title := self.text_of("title"):
            return title
        document = self.documents.first() if self.pk else None
        return document.name if document else ""

    @property
    def documents_text(self) -> str:
        """The names of the documents, each with what it was read as."""
        names = ((document.name, document.sort_label) for document in self.documents.all())
        return "、".join(f"{name}（{label}）" if label else name for name, label in names)

    def text_of(self, key: str) -> str:
        if key in self.typed:
            return str(self.typed[key])
        field: dict[str, Any] = self.fields.get(key, {})
        return str(field.get("text", ""))

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN

    @property
    def is_reading(self) -> bool:
        return any(document.status == DraftDocument.Status.READING for document in self.documents.all())


class DraftDocumentQuerySet(models.QuerySet["DraftDocument"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the user's institutions; nothing for others, the city's staff included."""
        return self.filter(draft__institution__in=scope_of(user).institution_ids)

    def lost(self, before: datetime) -> Self:
        """Their reading began before this moment and has not ended."""
        return self.filter(status=DraftDocument.Status.READING, reading_since__lt=before)

    def with_file(self) -> Self:
        return self.exclude(file="")


class DraftDocument(models.Model):
    """A document of a draft. The file is deleted if it cannot be used, and with a draft that nobody wants.

    sort: patent, certificate, form or prose. rights: [[number, title of the patent]]. personal: [[kind, shortened,
    place]] of the personal data in it, none of which was taken.
    """

    class Kind(models.TextChoices):
        PDF = "pdf", "PDF"
        WORD = "docx", "Word"
        TEXT = "text", "粘贴的文字"

    class Status(models.TextChoices):
        READING = "reading", "正在读取"
        READ = "read", "已读"
        SCAN = "scan", "扫描件，没有文字"
        LOST = "lost", "读取中断，请重新读"
        FAILED = "failed", "没有读成"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    draft = models.ForeignKey(DocumentDraft, models.CASCADE, related_name="documents", verbose_name="起草")
    file = models.FileField("文件", upload_to="documents/%Y/%m/", max_length=200, blank=True)
    name = models.CharField("文件名", max_length=200)
    kind = models.CharField("类型", max_length=10, choices=Kind)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField(max_length=64)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.READING, editable=False)
    by_ocr = models.BooleanField("用文字识别", default=False, editable=False)
    message = models.CharField("说明", max_length=500, blank=True, editable=False)
    sort = models.CharField("读作", max_length=20, blank=True, editable=False)
    rights = models.JSONField("专利", default=list, editable=False)
    personal = models.JSONField("个人信息", default=list, editable=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间", default=timezone.now, editable=False)
    reading_since = models.DateTimeField("开始读取", default=timezone.now, editable=False)

    objects = DraftDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "起草用的文件"
        verbose_name_plural = "起草用的文件"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def sort_label(self) -> str:
        return SORTS.get(self.sort, "")


def documents_of(achievement: Achievement, *, user: User) -> DraftDocumentQuerySet:
    """The documents from which an achievement was drafted or that were added to it, if the user may see them."""
    documents = DraftDocument.objects.visible_to(user).with_file()
    return documents.filter(draft__achievement=achievement).select_related("draft")


SORTS = {"patent": "专利首页", "certificate": "专利证书", "form": "登记表", "prose": "介绍材料"}
