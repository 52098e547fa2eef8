"""What a run found for each need, also where it found nothing."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.scope import scope_of
from demands.models import Demand
from matching.models.runs import MatchRun


class FindingQuerySet(models.QuerySet):
    def silent(self):
        """暂无高匹配: nothing in the registry fits well enough to be proposed."""
        return self.filter(is_silent=True)

    def visible_to(self, user):
        """A district's staff those of its firms; city and auditor all; nobody else."""
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(demand__firm__stat_region__in=scope.region_ids)


class Finding(models.Model):
    """One need in one run. Written once, with the chunk that holds the need.

    `silence`: the probability, by the run's rule, that nothing in the registry fits; `standing`: the numbers it comes
    from (see `matching.engine.no_match`). `nearest`: {"achievement", "title", "score"} of the best few, kept where
    nothing was proposed, so that a person may look all the same.
    """

    run = models.ForeignKey(MatchRun, models.CASCADE, related_name="findings", verbose_name=_("匹配批次"))
    demand = models.ForeignKey(Demand, models.PROTECT, related_name="findings", verbose_name=_("需求"))
    silence = models.FloatField(_("没有合适成果的可能"))
    is_silent = models.BooleanField(_("暂无高匹配"))
    standing = models.JSONField(_("依据"), default=dict)
    nearest = models.JSONField(_("最接近的成果"), default=list)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("需求匹配结论")
        verbose_name_plural = _("需求匹配结论")
        ordering = ["-run", "-silence", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "demand"], name="finding_once_per_run"),
            models.CheckConstraint(
                condition=models.Q(silence__gte=0, silence__lte=1),
                name="finding_silence_is_a_probability",
                violation_error_message=_("可能性应在 0 到 1 之间。"),
            ),
        ]

    def __str__(self):
        return f"{self.demand} · {self.run}"
