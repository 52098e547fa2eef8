"""Meeting minutes; their decisions become measures that reference them."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models

from accounts.models import User
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of


class MinutesQuerySet(models.QuerySet["Minutes"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """All for city staff and auditor; districts see their measures, not the minutes."""
        return self if scope_of(user).sees_all else self.none()


class Minutes(PlainText, models.Model):
    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    title = models.CharField("会议名称", max_length=200)
    held_on = models.DateField("会议日期")
    place = models.CharField("地点", max_length=100, blank=True)
    chair = models.CharField("主持", max_length=60, blank=True)
    attendees = models.TextField("参加单位和人员", max_length=2000, blank=True)
    text = models.TextField(
        "纪要正文",
        max_length=20000,
        help_text="议定事项每条一行，如“1. 开展会前对接（责任单位：某区科技局；10月31日前）”，保存后可拆成举措",
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="录入人"
    )
    created_at = models.DateTimeField("录入时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = MinutesQuerySet.as_manager()

    class Meta:
        verbose_name = "会议纪要"
        verbose_name_plural = "会议纪要"
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["title", "held_on"],
                name="minutes_once",
                violation_error_message="这一天已有同名会议的纪要。",
            ),
        ]

    def __str__(self) -> str:
        return self.title
