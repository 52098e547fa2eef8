"""Pictures and videos of an achievement. The files are stored outside the web root; views check who may read them."""

from typing import Self
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from core.public_id import new_public_id
from core.public_text import PublicText
from core.removal import RemovableQuerySet
from core.scope import scope_of


class MediaQuerySet[M: models.Model](RemovableQuerySet[M]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Of achievements that the user may read."""
        return self.kept().filter(achievement__in=Achievement.objects.visible_to(user))

    def managed_by(self, user: User | AnonymousUser) -> Self:
        """For the office of the institution."""
        return self.kept().filter(achievement__institution__in=scope_of(user).institution_ids)


class Picture(PublicText, models.Model):
    """A picture in the gallery of an achievement; that with the lowest `position` is the cover.

    source: the upload, until a task has made the three sizes without its metadata; then it is deleted. width, height:
    pixels of `large`.
    """

    public_text_fields = ("caption", "alt")

    class Status(models.TextChoices):
        WAITING = "waiting", "正在处理"
        READY = "ready", "可以显示"
        FAILED = "failed", "处理不了"

    SIZES = ("small", "medium", "large")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    achievement = models.ForeignKey(Achievement, models.PROTECT, related_name="pictures", verbose_name="成果")
    position = models.PositiveSmallIntegerField("顺序", default=0, editable=False)
    caption = models.CharField("说明", max_length=100, blank=True)
    alt = models.CharField("替代文字", max_length=120, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.WAITING, editable=False)
    name = models.CharField("文件名", max_length=200, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    source = models.FileField(upload_to="pictures/%Y/%m/", max_length=200, blank=True, editable=False)
    small = models.FileField(upload_to="pictures/%Y/%m/", max_length=200, blank=True, editable=False)
    medium = models.FileField(upload_to="pictures/%Y/%m/", max_length=200, blank=True, editable=False)
    large = models.FileField(upload_to="pictures/%Y/%m/", max_length=200, blank=True, editable=False)
    width = models.PositiveIntegerField(null=True, editable=False)
    height = models.PositiveIntegerField(null=True, editable=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间", default=timezone.now, editable=False)
    removed_at = models.DateTimeField("移除时间", null=True, editable=False)

    objects = MediaQuerySet["Picture"].as_manager()

    class Meta:
        verbose_name = "成果图片"
        verbose_name_plural = "成果图片"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["achievement", "sha256"],
                condition=Q(removed_at=None),
                name="picture_once",
                violation_error_message="这张图片已经上传过了。",
            ),
            models.CheckConstraint(
                condition=~Q(status="ready") | Q(width__gt=0, height__gt=0), name="picture_ready_with_size"
            ),
        ]

    def __str__(self) -> str:
        return self.caption or self.name

    @property
    def alternative(self) -> str:
        """Text for those who do not see it."""
        return self.alt or self.caption or "成果图片"


class Video(PublicText, models.Model):
    """A film of an achievement: an uploaded MP4, or an address on one of `VIDEO_HOSTS`, which is opened there."""

    public_text_fields = ("title",)

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    achievement = models.ForeignKey(Achievement, models.PROTECT, related_name="videos", verbose_name="成果")
    title = models.CharField("标题", max_length=60)
    file = models.FileField(upload_to="videos/%Y/%m/", max_length=200, blank=True, editable=False)
    size = models.PositiveBigIntegerField("大小（字节）", default=0, editable=False)
    link = models.URLField("链接", max_length=300, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间", default=timezone.now, editable=False)
    removed_at = models.DateTimeField("移除时间", null=True, editable=False)

    objects = MediaQuerySet["Video"].as_manager()

    class Meta:
        verbose_name = "成果视频"
        verbose_name_plural = "成果视频"
        ordering = ["uploaded_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(link="") & ~Q(file="") | ~Q(link="") & Q(file=""),
                name="video_file_or_link",
                violation_error_message="请上传 MP4 文件，或填写视频链接，二选一。",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def host(self) -> str:
        """The site of a link."""
        return urlsplit(self.link).hostname or ""
