"""Targets that the city gives to districts and institutions, what they answer, and the history of both."""

from decimal import Decimal
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from accounts.models import Organisation, Region, User
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of

PERCENT_FIGURE = "local_rate"


def allocated_figures() -> list[tuple[str, str]]:
    """As `target_figures`, of those that are given to districts and institutions."""
    return [(figure.value, str(figure.label)) for figure in AllocatedTarget.Figure]


class AllocatedTargetQuerySet(models.QuerySet["AllocatedTarget"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """All for the city and the auditor; a district and an institution see what was given to them."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.filter(Q(region__in=scope.region_ids) | Q(institution__in=scope.institution_ids))

    def awaiting_answer(self) -> Self:
        return self.filter(status=AllocatedTarget.Status.GIVEN)

    def countered(self) -> Self:
        return self.filter(status=AllocatedTarget.Status.COUNTERED)

    def with_parties(self) -> Self:
        return self.select_related("region", "institution")


class AllocatedTarget(PlainText, models.Model):
    """The target of one figure and year for one district or institution.

    `value` and `proposed` are in the unit of the figure. `revision` counts the changes, so that nobody answers a value
    that has changed since the page was opened.
    """

    class Figure(models.TextChoices):
        """The figures whose rows belong to a district or an institution."""

        TURNOVER = "turnover", "技术合同成交额（亿元）"
        LOCAL_RATE = PERCENT_FIGURE, f"科技成果{settings.CITY.in_city}转化率（%）"
        AGENCIES = "agencies", "中介机构（家）"
        ITEMS = "items", "入库项目（项）"

    class Status(models.TextChoices):
        GIVEN = "given", "待答复"
        COUNTERED = "countered", "有不同意见"
        AGREED = "agreed", "已商定"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    figure = models.CharField("指标", max_length=20, choices=allocated_figures)
    year = models.PositiveSmallIntegerField("年度")
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="区市县")
    institution = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="高校院所"
    )
    value = models.DecimalField("目标值", max_digits=12, decimal_places=2)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.GIVEN, editable=False)
    proposed = models.DecimalField("对方提出的值", max_digits=12, decimal_places=2, null=True, blank=True)
    revision = models.PositiveIntegerField(default=0, editable=False)

    objects = AllocatedTargetQuerySet.as_manager()

    class Meta:
        verbose_name = "分解目标"
        verbose_name_plural = "分解目标"
        ordering = ["-year", "figure", "region", "institution", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(region__isnull=False, institution__isnull=True)
                | Q(region__isnull=True, institution__isnull=False),
                name="allocated_target_has_one_assignee",
                violation_error_message="分解目标要下达给一个区市县，或者一家高校院所。",
            ),
            models.UniqueConstraint(
                fields=["figure", "year", "region"],
                condition=Q(region__isnull=False),
                name="allocated_target_once_per_region",
                violation_error_message="这个区市县这一年的这项目标已经下达，请修改已有的一条。",
            ),
            models.UniqueConstraint(
                fields=["figure", "year", "institution"],
                condition=Q(institution__isnull=False),
                name="allocated_target_once_per_institution",
                violation_error_message="这家高校院所这一年的这项目标已经下达，请修改已有的一条。",
            ),
            models.CheckConstraint(
                condition=Q(value__gt=0) & (Q(proposed__isnull=True) | Q(proposed__gt=0)),
                name="allocated_target_is_positive",
                violation_error_message="目标值要大于 0。",
            ),
            models.CheckConstraint(
                condition=~Q(figure=PERCENT_FIGURE)
                | (Q(value__lte=100) & (Q(proposed__isnull=True) | Q(proposed__lte=100))),
                name="allocated_rate_is_a_percentage",
                violation_error_message="转化率的目标不能超过 100%。",
            ),
            models.CheckConstraint(
                condition=Q(status="countered", proposed__isnull=False)
                | (~Q(status="countered") & Q(proposed__isnull=True)),
                name="allocated_target_countered_iff_proposed",
                violation_error_message="有不同意见时要写出提出的值。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignee} {self.year} 年 {self.get_figure_display()}"

    @property
    def assignee(self) -> Region | Organisation:
        assignee = self.region or self.institution
        assert assignee is not None  # allocated_target_has_one_assignee
        return assignee

    @property
    def dimension(self) -> str:
        return "region" if self.region_id else "institution"

    @property
    def is_agreed(self) -> bool:
        return self.status == self.Status.AGREED

    @property
    def difference(self) -> Decimal | None:
        """What the assignee proposes minus the given value."""
        return None if self.proposed is None else self.proposed - self.value


class AllocationStep(PlainText, models.Model):
    """One step of the history: given, agreed, countered, the proposal accepted. Never changed."""

    class Kind(models.TextChoices):
        GIVEN = "given", "市里下达"
        REVISED = "revised", "市里改为"
        AGREED = "agreed", "对方同意"
        COUNTERED = "countered", "对方提出"
        ACCEPTED = "accepted", "市里采纳"

    target = models.ForeignKey(AllocatedTarget, models.PROTECT, related_name="steps")
    kind = models.CharField("动作", max_length=10, choices=Kind)
    value = models.DecimalField("值", max_digits=12, decimal_places=2)
    note = models.CharField("说明", max_length=300, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="谁")
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = "分解目标的经过"
        verbose_name_plural = "分解目标的经过"
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="countered") | ~Q(note=""),
                name="allocation_counter_has_reason",
                violation_error_message="提出不同的值要写明理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value}"
