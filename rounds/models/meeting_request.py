"""Meeting requests of parties, and order constraints between meetings."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from core.plain_text import PlainText
from core.public_id import new_public_id
from demands.models import Demand
from rounds.models import DockingRound
from rounds.models.meeting import Meeting, managed_meetings
from rounds.models.party import Party


class MeetingRequestQuerySet(models.QuerySet["MeetingRequest"]):
    def active(self) -> Self:
        """Neither withdrawn nor refused."""
        return self.filter(status=MeetingRequest.Status.REQUESTED)

    def most_wanted(self) -> Self:
        return self.active().filter(is_most=True)

    def managed_by(self, user: User | AnonymousUser) -> Self:
        """Those whose meeting the user manages."""
        return self.filter(meeting__in=Meeting.objects.managed_by(user))


class MeetingRequest(PlainText, models.Model):
    """A firm asks to meet about an achievement, an institution about a demand.

    Visible to the own side and to staff. The other side reads that somebody wants to talk and about what, and
    accepts or refuses the meeting. Several requests may share one meeting.
    """

    class Status(models.TextChoices):
        REQUESTED = "wished", "已提出"
        WITHDRAWN = "withdrawn", "已撤回"
        REFUSED = "refused", "未采纳"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    party = models.ForeignKey(Party, models.PROTECT, related_name="meeting_requests", verbose_name="提出单位")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="meeting_requests", verbose_name="洽谈")
    achievement = models.ForeignKey(Achievement, models.PROTECT, null=True, related_name="+", verbose_name="成果")
    demand = models.ForeignKey(Demand, models.PROTECT, null=True, related_name="+", verbose_name="需求")
    is_most = models.BooleanField("最想谈", default=False)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.REQUESTED, editable=False)
    refused_reason = models.CharField("未采纳的原因", max_length=200, blank=True, editable=False)
    made_at = models.DateTimeField("提出时间", default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="提出人"
    )

    objects = MeetingRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "洽谈意愿"
        verbose_name_plural = "洽谈意愿"
        ordering = ["party", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["party", "achievement", "demand"], name="meeting_request_once",
                                    nulls_distinct=False, violation_error_message="这一项已经提出过了。"),
            models.CheckConstraint(
                condition=Q(achievement__isnull=False, demand=None) | Q(achievement=None, demand__isnull=False),
                name="meeting_request_is_about_one",
            ),
            models.CheckConstraint(
                condition=Q(is_most=False) | Q(status="wished"), name="meeting_request_most_only_while_wished"
            ),
            models.CheckConstraint(
                condition=Q(refused_reason="") | Q(status="refused"), name="meeting_request_reason_only_of_refused"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.party}：{self.about}"

    @property
    def about(self) -> str:
        """Title that the party may read: without the name of an anonymous firm."""
        if self.achievement:
            return self.achievement.title
        return self.demand.public_text("title") if self.demand else ""


class MeetingOrderQuerySet(models.QuerySet["MeetingOrder"]):
    def active(self) -> Self:
        """Not lifted, and neither meeting is dropped."""
        gone = Meeting.Status.DROPPED
        return self.filter(lifted_at=None).exclude(Q(before__status=gone) | Q(after__status=gone))

    def of_round(self, docking_round: DockingRound) -> Self:
        return self.filter(before__docking_round=docking_round)

    def managed_by(self, user: User | AnonymousUser) -> Self:
        """Those whose two meetings the user manages, as `MeetingQuerySet` has it.

        By joins that the display needs anyway: with a subquery for each meeting the planner has 19 tables to order, and
        its genetic search now and then picks a plan that runs for minutes.
        """
        return self.filter(managed_meetings(user, "before__"), managed_meetings(user, "after__"))


class MeetingOrder(PlainText, models.Model):
    """`before` is held in an earlier slot than `after`, if `after` is held."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    before = models.ForeignKey(Meeting, models.PROTECT, related_name="orders_from_here", verbose_name="在前的洽谈")
    after = models.ForeignKey(Meeting, models.PROTECT, related_name="orders_to_here", verbose_name="在后的洽谈")
    made_at = models.DateTimeField("提出时间", default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="提出人"
    )
    lifted_at = models.DateTimeField("取消时间", null=True, editable=False)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="取消人"
    )

    objects = MeetingOrderQuerySet.as_manager()

    class Meta:
        verbose_name = "先后要求"
        verbose_name_plural = "先后要求"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["before", "after"],
                condition=Q(lifted_at=None),
                name="meeting_order_once",
                violation_error_message="已有这条先后要求。",
            ),
            models.CheckConstraint(
                condition=~Q(before=F("after")),
                name="meeting_order_of_two",
                violation_error_message="一场洽谈不能先于自己，请选两场不同的洽谈。",
            ),
        ]

    def __str__(self) -> str:
        return "“%(before)s”先于“%(after)s”" % {"before": self.before, "after": self.after}
