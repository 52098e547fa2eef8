"""A renewal campaign: completers or colleges say on their phones whether their achievements are still true."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Organisation, User
from achievements.models import Achievement
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of


class RenewalCampaignQuerySet(models.QuerySet["RenewalCampaign"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Its own for an institution."""
        return self.filter(institution__in=scope_of(user).institution_ids)


class RenewalCampaign(PlainText, models.Model):
    """Asks about achievements of one institution until `closes_on`, the last day on which its links open."""

    class Audience(models.TextChoices):
        LEADS = "leads", "各成果负责人"
        COLLEGES = "colleges", "各学院办公室"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    institution = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="单位")
    audience = models.CharField("发给谁", max_length=10, choices=Audience, default=Audience.LEADS)
    note = models.CharField("给对方的话", max_length=300, blank=True)
    closes_on = models.DateField("截止日期")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="发起人")
    made_at = models.DateTimeField("发起时间", default=timezone.now, editable=False)

    objects = RenewalCampaignQuerySet.as_manager()

    class Meta:
        verbose_name = "续期核对"
        verbose_name_plural = "续期核对"
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.institution} {timezone.localdate(self.made_at)} 续期核对"

    @property
    def is_over(self) -> bool:
        return self.closes_on < timezone.localdate()


class RenewalRequestQuerySet(models.QuerySet["RenewalRequest"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(campaign__institution__in=scope_of(user).institution_ids)


class RenewalRequest(models.Model):
    """One link of a campaign: for a person with all their achievements in it, or for a college.

    The person is not stored: it is the lead of the achievements, so that a name is deleted in one place.
    issue: number of the present link; a higher number makes the earlier link void.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    campaign = models.ForeignKey(RenewalCampaign, models.CASCADE, related_name="requests", verbose_name="续期核对")
    college = models.CharField("学院", max_length=60, blank=True)
    issue = models.PositiveSmallIntegerField("第几个链接", default=1)
    reminded_at = models.DateTimeField("提醒时间", null=True, editable=False)
    revoked_at = models.DateTimeField("作废时间", null=True, editable=False)

    objects = RenewalRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "续期核对的链接"
        verbose_name_plural = "续期核对的链接"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"续期核对的链接 {self.public_id}"


class RenewalAnswerQuerySet(models.QuerySet["RenewalAnswer"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(request__campaign__institution__in=scope_of(user).institution_ids)

    def undecided(self) -> Self:
        return self.filter(decided_at=None)

    def to_decide(self) -> Self:
        """Answered, and the office has not decided yet."""
        return self.undecided().exclude(status=RenewalAnswer.Status.WAITING)


class RenewalAnswer(PlainText, models.Model):
    """What is said about one achievement.

    after: {field: value as JSON} that the person proposes instead of the present values; empty unless CORRECTED.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "还没有答复"
        VALID = "valid", "仍有效"
        CORRECTED = "corrected", "有更正"
        ENDED = "ended", "不再转化"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    request = models.ForeignKey(RenewalRequest, models.CASCADE, related_name="answers", verbose_name="链接")
    achievement = models.ForeignKey(Achievement, models.CASCADE, related_name="renewal_answers", verbose_name="成果")
    status = models.CharField("答复", max_length=10, choices=Status, default=Status.WAITING, editable=False)
    after = models.JSONField("更正", default=dict, editable=False)
    note = models.CharField("说明", max_length=300, blank=True)
    answered_at = models.DateTimeField("答复时间", null=True, editable=False)
    decided_at = models.DateTimeField("处理时间", null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="处理人"
    )
    decision = models.CharField("处理结果", max_length=100, blank=True, editable=False)

    objects = RenewalAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = "续期核对的答复"
        verbose_name_plural = "续期核对的答复"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["achievement"],
                condition=Q(decided_at=None),
                name="renewal_answer_open_once",
                violation_error_message="这项成果已在另一次续期核对里，请先处理或结束那一次。",
            ),
            models.CheckConstraint(
                condition=Q(status="waiting", answered_at=None) | ~Q(status="waiting") & Q(answered_at__isnull=False),
                name="renewal_answered_iff_status",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None) | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="renewal_answer_decided_iff_by",
            ),
            models.CheckConstraint(
                condition=Q(status="corrected") & ~Q(after={}) | ~Q(status="corrected") & Q(after={}),
                name="renewal_answer_corrected_iff_values",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None) | Q(answered_at=None) | Q(decided_at__gte=F("answered_at")),
                name="renewal_answer_decided_after",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.achievement}：{self.get_status_display()}"
