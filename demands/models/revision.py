"""Changes that a firm proposes to its published demand."""

from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from accounts.models import User
from audit.revisions import Revision, RevisionQuerySet, revision_constraints
from core.scope import scope_of
from demands.models.demand import Demand


class DemandRevisionQuerySet(RevisionQuerySet):
    def awaiting_decision(self) -> Self:
        """Pending, while the demand is public or paused."""
        return self.pending().filter(demand__status__in=Demand.REVISABLE)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of its own demands for a firm, of its firms for a district, all for city staff and auditors."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.filter(Q(demand__firm__in=scope.firm_ids) | Q(demand__firm__stat_region__in=scope.region_ids))


class DemandRevision(Revision):
    demand = models.ForeignKey(Demand, models.CASCADE, related_name="revisions", verbose_name="需求")

    objects = DemandRevisionQuerySet.as_manager()

    class Meta(Revision.Meta):
        abstract = False
        verbose_name = "需求修改"
        verbose_name_plural = "需求修改"
        constraints = revision_constraints("demand", message="这项需求已有一份修改在等审核，请刷新页面。")

    @property
    def subject(self) -> Demand:
        return self.demand
