"""The tasks of the mechanism (九项任务), created from the package of the city, which then edits names and goals."""

from typing import Self

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from accounts.models import Organisation, User
from core.plain_text import PlainText
from core.scope import Scope, scope_of


def assigned_to(user: User | AnonymousUser, prefix: str = "") -> Q:
    """Condition for the measures of a district or bureau officer: led or joined by their office, or owned by them.

    `prefix`: lookup that leads to the measure, such as "measures__". Matches nothing for other users.
    """
    scope = scope_of(user)
    if not (scope.is_district or scope.bureau_ids):
        return Q(pk__in=[])
    joining = apps.get_model("mechanism", "Measure").joint.through.objects.filter(_of_office(scope, "organisation"))
    return (
        _of_office(scope, f"{prefix}organisation")
        | Q(**{f"{prefix}owner": user.pk})
        | Q(**{f"{prefix}pk__in": joining.values("measure")})
    )


def _of_office(scope: Scope, path: str) -> Q:
    district = Q(**{f"{path}__kind": "district", f"{path}__stat_region__in": scope.region_ids})
    return district | Q(**{f"{path}__in": scope.bureau_ids})


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """All for city staff and auditor; for district and bureau officers those with an
        assigned measure; none for others."""
        return self if scope_of(user).sees_all else self.filter(assigned_to(user, "measures__")).distinct()


class Task(PlainText, models.Model):
    number = models.PositiveSmallIntegerField("序号", unique=True, editable=False)
    name = models.CharField("任务", max_length=60, unique=True)
    goal = models.TextField("目标", max_length=1000, blank=True, help_text="到什么时候做到什么，一两句话")
    lead = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="led_tasks",
        limit_choices_to={"kind__in": ["city", "bureau", "district"]},
        verbose_name="牵头单位",
    )
    lead_text = models.CharField("牵头单位（文字）", max_length=200, blank=True, help_text="不在平台上的部门写在这里")

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = "工作任务"
        verbose_name_plural = "工作任务"
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(condition=Q(number__range=(1, 99)), name="task_has_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def body(self) -> str:
        """Names of the lead organisations; empty if none is set."""
        return "、".join(name for name in (self.lead.name if self.lead else "", self.lead_text) if name)
