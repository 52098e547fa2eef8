"""帮我找: a firm, or an institution for its achievement, asks one broker, one agency, or any broker to help."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation, User
from achievements.models import Achievement
from brokers.models import Agency, Broker
from core.plain_text import REASON_LENGTH, PlainText
from core.public_id import new_public_id
from core.scope import Scope, scope_of
from demands.models import Demand
from mandates.models import Mandate

MAX_TEXT = 1000
ALIASES = {"firm": "一家企业", "institution": "一家院所"}


def is_asked(scope: Scope) -> Q:
    """Condition on a `HelpRequest`: the user is the broker, or a broker of the agency, that it was sent to."""
    if not scope.is_broker:
        return Q(pk__in=())
    return Q(broker__user=scope.user_id) | Q(agency__organisation__in=scope.agency_ids)


def is_taken_by(scope: Scope) -> Q:
    return Q(taken_by__user=scope.user_id) if scope.is_broker else Q(pk__in=())


class HelpRequestQuerySet(models.QuerySet["HelpRequest"]):
    def open(self) -> Self:
        return self.filter(status__in=HelpRequest.OPEN)

    def awaiting_answer(self) -> Self:
        return self.filter(status=HelpRequest.Status.SENT)

    def late(self) -> Self:
        return self.awaiting_answer().filter(answer_due_on__lt=timezone.localdate())

    def asked_by(self, user: User | AnonymousUser) -> Self:
        """Those of the user's own firms and institutions."""
        scope = scope_of(user)
        return self.filter(asker__in=scope.firm_ids | scope.institution_ids)

    def received_by(self, user: User | AnonymousUser) -> Self:
        """Sent to the user, to the user's agency, or to any broker; the latter as long as nobody has taken them."""
        scope = scope_of(user)
        condition = is_asked(scope) | is_taken_by(scope)
        if Broker.objects.certified().filter(user=scope.user_id).exists():
            condition |= Q(broker=None, agency=None, status=HelpRequest.Status.SENT)
        return self.filter(condition)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Who asks, who is asked, staff of the asker's district; city staff and auditors see all."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        asker = Q(asker__in=scope.firm_ids | scope.institution_ids)
        condition = asker | Q(asker__stat_region__in=scope.region_ids) | is_asked(scope) | is_taken_by(scope)
        if scope.is_broker and Broker.objects.certified().filter(user=scope.user_id).exists():
            condition |= Q(broker=None, agency=None, status=HelpRequest.Status.SENT)
        return self.filter(condition)

    def with_rows(self) -> Self:
        return self.select_related(
            "asker__stat_region",
            "demand__firm",
            "achievement__institution",
            "broker__agency__organisation",
            "agency__organisation",
            "taken_by__agency__organisation",
            "mandate",
        )


class HelpRequest(PlainText, models.Model):
    """broker, agency: whom it is sent to; neither for any broker, who then does not read the asker's name before one
    of them takes it. taken_by: the broker who accepted. mandate: what it led to. reason: why it was declined, or how it
    was finished.
    """

    class Status(models.TextChoices):
        SENT = "sent", "待答复"
        TAKEN = "taken", "已接受"
        DECLINED = "declined", "已谢绝"
        WITHDRAWN = "withdrawn", "已撤回"
        FINISHED = "finished", "已办结"

    OPEN = (Status.SENT, Status.TAKEN)

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    asker = models.ForeignKey(Organisation, models.PROTECT, related_name="help_requests", verbose_name="提出单位")
    demand = models.ForeignKey(
        Demand, models.PROTECT, null=True, blank=True, related_name="help_requests", verbose_name="需求"
    )
    achievement = models.ForeignKey(
        Achievement, models.PROTECT, null=True, blank=True, related_name="help_requests", verbose_name="成果"
    )
    broker = models.ForeignKey(
        Broker, models.PROTECT, null=True, blank=True, related_name="help_requests", verbose_name="技术经纪人"
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="help_requests", verbose_name="服务机构"
    )
    text = models.TextField("想请帮什么忙", max_length=MAX_TEXT)
    asked_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name="提出人"
    )
    asked_at = models.DateTimeField("提出时间", default=timezone.now, editable=False)
    answer_due_on = models.DateField("答复期限")
    reminded_at = models.DateTimeField("提醒时间", null=True, editable=False)
    district_told_at = models.DateTimeField("提请区县时间", null=True, editable=False)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.SENT, editable=False)
    answered_at = models.DateTimeField("答复时间", null=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="答复人"
    )
    taken_by = models.ForeignKey(
        Broker, models.PROTECT, null=True, related_name="taken_requests", editable=False, verbose_name="接受人"
    )
    reason = models.CharField("原因", max_length=REASON_LENGTH, blank=True, editable=False)
    mandate = models.OneToOneField(
        Mandate, models.PROTECT, null=True, related_name="help_request", editable=False, verbose_name="委托"
    )

    objects = HelpRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "帮我找"
        verbose_name_plural = "帮我找"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(broker=None) | Q(agency=None), name="help_request_to_one"),
            models.CheckConstraint(condition=Q(demand=None) | Q(achievement=None), name="help_request_about_one"),
            models.CheckConstraint(
                condition=Q(status__in=["sent", "withdrawn"]) | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="help_request_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["taken", "finished"], taken_by__isnull=False)
                | ~Q(status__in=["taken", "finished"]) & Q(taken_by=None),
                name="help_request_taken_by_a_broker",
            ),
            models.CheckConstraint(
                condition=~Q(status="declined") | ~Q(reason=""),
                name="help_request_declined_with_reason",
                violation_error_message="谢绝请写明原因。",
            ),
            models.CheckConstraint(
                condition=~Q(status="finished") | ~Q(reason=""),
                name="help_request_finished_with_words",
                violation_error_message="办结请写明结果。",
            ),
            models.UniqueConstraint(
                fields=["asker", "demand", "achievement", "broker", "agency"],
                condition=Q(status__in=["sent", "taken"]) & (Q(demand__isnull=False) | Q(achievement__isnull=False)),
                nulls_distinct=False,
                name="help_request_open_once",
                violation_error_message="这件事已经请对方帮忙，正在进行中，请在原来的一条里继续。",
            ),
        ]
        indexes = [
            models.Index(fields=["answer_due_on"], condition=Q(status="sent"), name="help_request_waiting"),
        ]

    def __str__(self) -> str:
        if self.demand:
            return f"为需求“{self.demand.public_text('title')}”找帮手"
        return f"为成果“{self.achievement}”找帮手" if self.achievement else "请技术经纪人帮忙"

    @property
    def headline(self) -> str:
        """What it is about: the record, else the first words of the text."""
        return str(self) if self.demand or self.achievement else self.text[:40]

    def alias_of(self, organisation: Organisation) -> str:
        """`accounts.names.Matter`: brokers who have not been chosen read no name."""
        is_hidden = self.is_to_any and self.status == self.Status.SENT
        return ALIASES.get(self.asker.kind, "") if is_hidden and organisation.pk == self.asker_id else ""

    def admits(self, scope: Scope) -> bool:
        return False

    @property
    def is_to_any(self) -> bool:
        return self.broker_id is None and self.agency_id is None

    @property
    def addressee(self) -> str:
        return str(self.broker or self.agency or "任何一位技术经纪人")

    @property
    def is_late(self) -> bool:
        return self.status == self.Status.SENT and self.answer_due_on < timezone.localdate()

    @property
    def about(self) -> str:
        """Key by which notices are grouped."""
        return f"help {self.public_id}"
