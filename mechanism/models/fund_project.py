"""What a fund looks at: an achievement, a company founded from one, or a pair in talks.

Its way is 看过 → 尽调 → 投决 → 投资, or it is given up with a reason.
"""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of
from matching.models import Match
from mechanism.models.fund import Fund, Investment
from mechanism.models.venture import Venture


class FundProjectQuerySet(models.QuerySet["FundProject"]):
    def running(self) -> Self:
        return self.exclude(stage__in=[FundProject.Stage.INVESTED, FundProject.Stage.DROPPED])

    def worked_on_by(self, user: User | AnonymousUser) -> Self:
        """Projects of the funds whose managing organisation the user belongs to."""
        return self.filter(fund__in=Fund.objects.worked_on_by(user))

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """All for city staff and auditor; for others those of their own funds. The owner of an achievement learns of an
        investment only, which it confirms."""
        return self if scope_of(user).sees_all else self.worked_on_by(user)


class FundProject(PlainText, models.Model):
    class Stage(models.TextChoices):
        SEEN = "seen", "看过"
        DILIGENCE = "diligence", "尽调"
        COMMITTEE = "committee", "投决"
        INVESTED = "invested", "已投资"
        DROPPED = "dropped", "放弃"

    NEXT = {Stage.SEEN: Stage.DILIGENCE, Stage.DILIGENCE: Stage.COMMITTEE, Stage.COMMITTEE: Stage.INVESTED}

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="projects", verbose_name="基金")
    achievement = models.ForeignKey(
        Achievement, models.PROTECT, null=True, related_name="fund_projects", verbose_name="成果"
    )
    venture = models.ForeignKey(
        Venture, models.PROTECT, null=True, editable=False, related_name="fund_projects", verbose_name="孵化企业"
    )
    match = models.ForeignKey(
        Match, models.PROTECT, null=True, editable=False, related_name="fund_projects", verbose_name="配对"
    )
    stage = models.CharField("到哪一步", max_length=10, choices=Stage, default=Stage.SEEN, editable=False)
    stage_on = models.DateField("进入这一步的日期", default=timezone.localdate, editable=False)
    dropped_reason = models.CharField("放弃的原因", max_length=300, blank=True, editable=False)
    investment = models.OneToOneField(
        Investment, models.PROTECT, null=True, editable=False, related_name="project", verbose_name="投资"
    )
    created_at = models.DateTimeField("开始时间", default=timezone.now, editable=False)

    objects = FundProjectQuerySet.as_manager()

    class Meta:
        verbose_name = "基金项目"
        verbose_name_plural = "基金项目"
        ordering = ["-stage_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "achievement"],
                condition=~Q(stage__in=["invested", "dropped"]),
                name="fund_project_one_running",
                violation_error_message="这支基金已经在看这项成果。",
            ),
            models.UniqueConstraint(
                fields=["fund", "venture"],
                condition=~Q(stage__in=["invested", "dropped"]),
                name="fund_project_one_running_of_venture",
                violation_error_message="这支基金已经在看这家企业。",
            ),
            models.UniqueConstraint(
                fields=["fund", "match"],
                condition=~Q(stage__in=["invested", "dropped"]),
                name="fund_project_one_running_of_match",
                violation_error_message="这支基金已经在看这个配对。",
            ),
            models.CheckConstraint(
                condition=Q(achievement__isnull=False, venture=None, match=None)
                | Q(achievement=None, venture__isnull=False, match=None)
                | Q(achievement=None, venture=None, match__isnull=False),
                name="fund_project_about_one",
                violation_error_message="一个项目只看一项成果、一家企业或一个配对。",
            ),
            models.CheckConstraint(
                condition=Q(stage="dropped") & ~Q(dropped_reason="") | ~Q(stage="dropped") & Q(dropped_reason=""),
                name="fund_project_dropped_with_reason",
                violation_error_message="放弃请写明原因。",
            ),
            models.CheckConstraint(
                condition=Q(stage="invested", investment__isnull=False) | ~Q(stage="invested") & Q(investment=None),
                name="fund_project_invested_with_investment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fund}：{self.title}"

    @property
    def source_achievement(self) -> Achievement:
        """Its achievement, that of the company, or that of the pair."""
        if self.venture is not None:
            return self.venture.achievement
        achievement = self.match.achievement if self.match is not None else self.achievement
        assert achievement is not None
        return achievement

    @property
    def title(self) -> str:
        """Without the firm of a pair: its name depends on the reader."""
        return str(self.venture.name if self.venture is not None else self.source_achievement.title)

    @property
    def kind_label(self) -> str:
        return "孵化企业" if self.venture_id else "对接中的配对" if self.match_id else "成果"


class FundProjectStep(models.Model):
    """When a project entered a stage, and what the fund wrote about it. Read by the fund and the city only."""

    project = models.ForeignKey(FundProject, models.PROTECT, related_name="steps", verbose_name="基金项目")
    stage = models.CharField("到哪一步", max_length=10, choices=FundProject.Stage)
    on = models.DateField("日期", default=timezone.localdate)
    note = models.CharField("说明", max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="记录人")
    made_at = models.DateTimeField("记录时间", default=timezone.now)

    class Meta:
        verbose_name = "基金项目进展"
        verbose_name_plural = "基金项目进展"
        ordering = ["made_at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.on}"
