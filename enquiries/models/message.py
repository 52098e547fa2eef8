"""The thread of an approach: messages of both sides with their files."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from core.public_id import new_public_id
from enquiries.models.approach import MAX_TEXT, Approach, Side


class ApproachMessage(models.Model):
    """One message of a side, or an entry about what happened (`is_event`). Written once."""

    class Origin(models.TextChoices):
        """Who provided the content that a side sent: an office from a completer, or the agent of the side."""

        OFFICE = "", "本单位"
        COMPLETER = "completer", "由完成人提供，科技处发送"
        EDITED = "edited", "由完成人提供，科技处修改后发送"
        AGENT = "agent", "受托代办"

    approach = models.ForeignKey(Approach, models.PROTECT, related_name="messages", verbose_name="主动对接")
    side = models.CharField("哪一方", max_length=11, choices=Side, blank=True)
    """Empty for entries of staff and of the platform."""
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="发送人"
    )
    text = models.TextField("内容", max_length=MAX_TEXT)
    is_event = models.BooleanField("系统记录", default=False)
    origin = models.CharField("由谁提供", max_length=10, choices=Origin, blank=True, default="", db_default="")
    sent_at = models.DateTimeField("时间", default=timezone.now)
    read_at = models.DateTimeField("对方首次阅读", null=True, editable=False)

    class Meta:
        verbose_name = "往来消息"
        verbose_name_plural = "往来消息"
        ordering = ["sent_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_event=True) | ~Q(side="") & Q(author__isnull=False), name="approach_message_has_author"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]


class ApproachFileQuerySet(models.QuerySet["ApproachFile"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Files of the approaches that the user sees."""
        return self.filter(message__approach__in=Approach.objects.visible_to(user))


class ApproachFile(models.Model):
    """A file of a message, stored outside the web root; a view sends it after checking who asks."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    message = models.ForeignKey(ApproachMessage, models.PROTECT, related_name="files")
    file = models.FileField("文件", upload_to="approach_files/%Y/%m/", max_length=200)
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField(max_length=64)

    objects = ApproachFileQuerySet.as_manager()

    class Meta:
        verbose_name = "往来附件"
        verbose_name_plural = "往来附件"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
