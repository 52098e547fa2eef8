from django.conf import settings
from django.db import models

from achievements.models.achievement import Achievement
from core.public_id import new_public_id
from core.removal import RemovableQuerySet


class Attachment(models.Model):
    """A file of an achievement. Stored outside the web root; `attachment_download` checks who may read it."""

    class Kind(models.TextChoices):
        DOCUMENT = "document", "资料"
        DRAWING = "drawing", "图纸"
        POSTER = "poster", "海报"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    achievement = models.ForeignKey(Achievement, models.PROTECT, related_name="attachments")
    kind = models.CharField("类别", max_length=10, choices=Kind, default=Kind.DOCUMENT, db_default=Kind.DOCUMENT.value)
    file = models.FileField("文件", upload_to="attachments/%Y/%m/", max_length=200)
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField(max_length=64)
    is_public = models.BooleanField("公开", default=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)
    removed_at = models.DateTimeField("移除时间", null=True, blank=True, editable=False)

    objects = RemovableQuerySet["Attachment"].as_manager()

    class Meta:
        verbose_name = "附件"
        verbose_name_plural = "附件"
        ordering = ["uploaded_at"]

    def __str__(self) -> str:
        return self.name
