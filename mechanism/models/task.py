"""The nine tasks of the city's mechanism: rows that the first migration names and the city words as it likes."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from core.plain_text import PlainText
from core.scope import scope_of


def assigned_to(user, prefix: str = "") -> Q:
    """The measures a district's officer answers for: given to their authority, or to themselves by name.

    `prefix` leads to the measure, as in "measures__". Nobody but a district's officers is meant.
    """
    scope = scope_of(user)
    if not scope.is_district:
        return Q(pk__in=[])
    return Q(
        **{f"{prefix}organisation__kind": "district", f"{prefix}organisation__stat_region__in": scope.region_ids}
    ) | Q(**{f"{prefix}owner": user.pk})


class TaskQuerySet(models.QuerySet):
    def visible_to(self, user):
        """City staff and auditor all; a district's officers those with a measure of theirs; others none."""
        return self if scope_of(user).sees_all else self.filter(assigned_to(user, "measures__")).distinct()


class Task(PlainText, models.Model):
    number = models.PositiveSmallIntegerField(_("序号"), unique=True, editable=False)
    name = models.CharField(_("任务"), max_length=60, unique=True)
    goal = models.TextField(_("目标"), max_length=1000, blank=True, help_text=_("到什么时候做到什么，一两句话"))
    lead = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="led_tasks",
        limit_choices_to={"kind__in": ["city", "district"]},
        verbose_name=_("牵头单位"),
    )
    lead_text = models.CharField(
        _("牵头单位（文字）"), max_length=200, blank=True, help_text=_("不在平台上的部门写在这里")
    )

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("九项任务")
        verbose_name_plural = _("九项任务")
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(condition=Q(number__range=(1, 9)), name="task_is_one_of_nine"),
        ]

    def __str__(self):
        return f"{self.number} {self.name}"

    @property
    def body(self) -> str:
        """Who answers for it, in words; empty when nobody was named yet."""
        return "、".join(name for name in (self.lead.name if self.lead else "", self.lead_text) if name)
