"""What the guests of a round are told beside time and place: whom to call, until when to answer, how many may come."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone

from accounts.models import User
from core.plain_text import PlainText
from core.scope import scope_of
from rounds.models.docking_round import DockingRound


class GuestTermsQuerySet(models.QuerySet["GuestTerms"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """For staff; guests read them in their letters."""
        scope = scope_of(user)
        return self if scope.sees_all or scope.is_district else self.none()


class GuestTerms(PlainText, models.Model):
    """At most one row for each round; a round without one uses the defaults of `rounds.guest_letters`."""

    docking_round = models.OneToOneField(
        DockingRound, models.CASCADE, related_name="guest_terms", verbose_name="对接活动"
    )
    contact_name = models.CharField("联系人", max_length=30, blank=True)
    contact_phone = models.CharField("联系电话", max_length=30, blank=True)
    reply_by = models.DateField("请在哪天前答复", null=True, blank=True)
    most_firms = models.PositiveSmallIntegerField("企业名额", null=True, blank=True, help_text="不填为不限")
    most_teams = models.PositiveSmallIntegerField("院校团队名额", null=True, blank=True, help_text="不填为不限")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="更改人"
    )
    changed_at = models.DateTimeField("更改时间", default=timezone.now, editable=False)

    objects = GuestTermsQuerySet.as_manager()

    class Meta:
        verbose_name = "邀请须知"
        verbose_name_plural = "邀请须知"

    def __str__(self) -> str:
        return str(self.docking_round)


class LetterTextQuerySet(models.QuerySet["LetterText"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        scope = scope_of(user)
        return self if scope.sees_all or scope.is_district else self.none()

    def current(self, docking_round: DockingRound, kind: str) -> "LetterText | None":
        """The latest version of a text of this round; None while the built-in text is in use."""
        latest = self.filter(docking_round=docking_round, kind=kind).order_by("-number").first()
        return latest if latest and not latest.is_reset else None


class LetterText(PlainText, models.Model):
    """A version of a text that the city has written for the guests of a round. Rows are added, never changed."""

    class Kind(models.TextChoices):
        INVITATION = "invitation", "邀请邮件"
        REMINDER = "reminder", "提醒答复的邮件"
        LETTER = "letter", "打印的邀请函"
        CALL = "call", "电话用语"
        CHAT = "chat", "微信文字"

    docking_round = models.ForeignKey(
        DockingRound, models.CASCADE, related_name="letter_texts", verbose_name="对接活动"
    )
    kind = models.CharField("用在哪里", max_length=12, choices=Kind)
    number = models.PositiveSmallIntegerField("版本")
    subject = models.CharField("标题", max_length=100, blank=True)
    body = models.TextField("正文", max_length=3000, blank=True)
    is_reset = models.BooleanField("恢复平台自带的文字", default=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="更改人"
    )
    made_at = models.DateTimeField("更改时间", default=timezone.now, editable=False)

    objects = LetterTextQuerySet.as_manager()

    class Meta:
        verbose_name = "信函文字"
        verbose_name_plural = "信函文字"
        ordering = ["docking_round", "kind", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["docking_round", "kind", "number"],
                name="letter_text_version_once",
                violation_error_message="这段文字刚由别人改过，请刷新后再改。",
            ),
            models.CheckConstraint(
                condition=models.Q(is_reset=True, body="") | models.Q(is_reset=False) & ~models.Q(body=""),
                name="letter_text_has_body_or_resets",
                violation_error_message="正文不能为空。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} 第 {self.number} 版"
