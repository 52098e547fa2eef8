"""堵点: what hinders a firm, an institution, a broker or an office; who solves it, until when, and the answer."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.public_text import PublicText
from core.scope import Scope, scope_of
from deals.models import Deal
from matching.models import FollowUp
from mechanism.models.base import BaseRequest
from mechanism.models.policy import Policy

OFFICES = (Organisation.Kind.CITY, Organisation.Kind.BUREAU, Organisation.Kind.DISTRICT)
"""Kinds of organisations that solve obstacles."""


def of_office(scope: Scope, path: str) -> Q:
    """Condition that the organisation at `path` is an office for which the user acts; nothing for other users."""
    office = Q(**{f"{path}__in": scope.bureau_ids})
    office |= Q(**{f"{path}__kind": Organisation.Kind.DISTRICT, f"{path}__stat_region__in": scope.region_ids})
    return office | Q(**{f"{path}__kind": Organisation.Kind.CITY}) if scope.is_city else office


class ObstacleKindQuerySet(models.QuerySet["ObstacleKind"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The list itself, for city staff and auditor; forms offer the active ones to everybody who raises."""
        return self if scope_of(user).sees_all else self.none()


class ObstacleKind(PlainText, models.Model):
    """政策, 资金, 中试 …: the city edits the list."""

    name = models.CharField("类别", max_length=20, unique=True, error_messages={"unique": "已有同名类别。"})
    order = models.PositiveSmallIntegerField("顺序", default=100)
    is_active = models.BooleanField("可选", default=True, help_text="停用后不能再选，原有的堵点不变")

    objects = ObstacleKindQuerySet.as_manager()

    class Meta:
        verbose_name = "堵点类别"
        verbose_name_plural = "堵点类别"
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name


class ObstacleQuerySet(models.QuerySet["Obstacle"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """All for city staff and auditor; for others what their organisations met or solve; for offices also what is
        about them and what they wrote down for others; for districts also what firms of their region met. The other
        side of a deal does not see it."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        own = scope.institution_ids | scope.firm_ids | scope.agency_ids
        return self.filter(
            Q(organisation__in=own)
            | of_office(scope, "organisation")
            | of_office(scope, "solver")
            | of_office(scope, "about")
            | of_office(scope, "recording_office")
            | Q(organisation__kind=Organisation.Kind.FIRM, organisation__stat_region__in=scope.region_ids)
        )

    def raised_by(self, user: User | AnonymousUser) -> Self:
        """Those that organisations of the user met, about which the user may say whether they are solved.

        If an office wrote it down for an organisation without users, the office asks it and says so, unless it solves
        the obstacle itself.
        """
        scope = scope_of(user)
        own = scope.institution_ids | scope.firm_ids | scope.agency_ids
        members = Membership.objects.active().filter(organisation=OuterRef("organisation"))
        for_others = of_office(scope, "recording_office") & ~Q(Exists(members))
        for_others &= Q(solver=None) | ~Q(solver=F("recording_office"))
        return self.filter(Q(organisation__in=own) | of_office(scope, "organisation") | for_others)

    def answerable_by(self, user: User | AnonymousUser) -> Self:
        """Those of the user's office: only the office to which an obstacle was given answers it."""
        return self.filter(of_office(scope_of(user), "solver"))

    def awaiting_assignment(self) -> Self:
        """New ones, and those whose raiser said that the answer does not solve them."""
        return self.filter(status__in=[Obstacle.Status.RAISED, Obstacle.Status.UNSOLVED])

    def awaiting_answer(self) -> Self:
        return self.filter(status=Obstacle.Status.ASSIGNED)

    def awaiting_raiser(self) -> Self:
        """Answered; the raiser has not said yet whether it is solved."""
        return self.filter(status=Obstacle.Status.ANSWERED)

    def overdue(self) -> Self:
        return self.awaiting_answer().filter(due_on__lt=timezone.localdate())

    def published(self) -> Self:
        return self.filter(published_at__isnull=False)


class Obstacle(PublicText, models.Model):
    class Status(models.TextChoices):
        RAISED = "raised", "待交办"
        ASSIGNED = "assigned", "办理中"
        ANSWERED = "answered", "已答复"
        SOLVED = "solved", "已解决"
        UNSOLVED = "unsolved", "未解决"
        WITHDRAWN = "withdrawn", "已撤回"

    OPEN = (Status.RAISED, Status.ASSIGNED, Status.ANSWERED, Status.UNSOLVED)
    public_text_fields = ("public_text", "public_answer")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    kind = models.ForeignKey(ObstacleKind, models.PROTECT, related_name="obstacles", verbose_name="类别")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="obstacles", verbose_name="提出单位")
    recording_office = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="recorded_obstacles",
        verbose_name="代录单位",
    )
    """The office that wrote it down for `organisation`, which told it, for example by telephone."""
    told_by = models.CharField("谁反映的", max_length=60, blank=True, default="", db_default="", editable=False)
    told_on = models.DateField("反映日期", null=True, editable=False)
    about = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="obstacles_about",
        verbose_name="涉及的部门",
        help_text="选填，这个部门会看到这条堵点",
    )
    text = models.TextField("遇到什么", max_length=1000)
    policy = models.ForeignKey(
        Policy, models.PROTECT, null=True, blank=True, related_name="obstacles", verbose_name="涉及的政策"
    )
    follow_up = models.ForeignKey(
        FollowUp, models.PROTECT, null=True, blank=True, related_name="obstacles", verbose_name="对接跟进"
    )
    deal = models.ForeignKey(
        Deal, models.PROTECT, null=True, blank=True, related_name="obstacles", verbose_name="成交项目"
    )
    base_request = models.ForeignKey(
        BaseRequest, models.PROTECT, null=True, blank=True, related_name="obstacles", verbose_name="中试和验证申请"
    )
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.RAISED, editable=False)
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+", verbose_name="提出人"
    )
    raised_at = models.DateTimeField("提出时间", default=timezone.now, editable=False)
    waits_from = models.DateTimeField("从何时等交办", default=timezone.now, editable=False)
    """When it was raised, or said to be unsolved."""
    solver = models.ForeignKey(
        Organisation, models.PROTECT, null=True, editable=False, related_name="given_obstacles", verbose_name="办理单位"
    )
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="办理人"
    )
    assigned_at = models.DateTimeField("交办时间", null=True, editable=False)
    due_on = models.DateField("答复期限", null=True, editable=False)
    answer = models.TextField("答复", max_length=2000, blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="答复人"
    )
    answered_at = models.DateTimeField("答复时间", null=True, editable=False)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="评价人"
    )
    judged_at = models.DateTimeField("评价时间", null=True, editable=False)
    judgement = models.CharField("为什么没有解决", max_length=300, blank=True, editable=False)
    public_text = models.TextField("公布的问题", max_length=500, blank=True, editable=False)
    public_answer = models.TextField("公布的答复", max_length=2000, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="公布人"
    )
    published_at = models.DateTimeField("公布时间", null=True, editable=False)

    objects = ObstacleQuerySet.as_manager()

    class Meta:
        verbose_name = "堵点"
        verbose_name_plural = "堵点"
        ordering = ["-raised_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(follow_up=None, deal=None)
                | Q(follow_up=None, base_request=None)
                | Q(deal=None, base_request=None),
                name="obstacle_of_one_record",
                violation_error_message="一条堵点只写一项对接、成交或中试申请。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["raised", "withdrawn"])
                | Q(solver__isnull=False, assigned_at__isnull=False, due_on__isnull=False),
                name="obstacle_assigned_with_clock",
                violation_error_message="交办要写明办理单位和答复期限。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["answered", "solved", "unsolved"], answered_at__isnull=False) & ~Q(answer="")
                | Q(status__in=["raised", "assigned", "withdrawn"]),
                name="obstacle_answered_with_words",
                violation_error_message="请写明答复。",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None, published_by=None)
                | Q(published_at__isnull=False, published_by__isnull=False, answered_at__isnull=False)
                & ~Q(public_text="")
                & ~Q(public_answer=""),
                name="obstacle_published_with_texts",
                violation_error_message="公布要有问题和答复两段文字。",
            ),
            models.CheckConstraint(
                condition=Q(recording_office=None, told_by="", told_on=None)
                | Q(recording_office__isnull=False, told_on__isnull=False)
                & ~Q(told_by="")
                & ~Q(recording_office=F("organisation")),
                name="obstacle_told_to_an_office",
                violation_error_message="代录要写明谁在哪天反映的。",
            ),
            models.CheckConstraint(
                condition=Q(due_on=None) | Q(assigned_at__isnull=False), name="obstacle_due_when_assigned"
            ),
        ]
        indexes = [
            models.Index(fields=["solver", "due_on"], name="obstacle_waiting", condition=Q(status="assigned")),
            models.Index(F("published_at").desc(), name="obstacle_public", condition=Q(published_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.text.splitlines()[0][:60] if self.text else ""

    @property
    def is_overdue(self) -> bool:
        return bool(self.status == self.Status.ASSIGNED and self.due_on and self.due_on < timezone.localdate())
