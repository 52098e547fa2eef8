"""The two kinds of things people enter on the workbench: what an institution offers and what a firm needs."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Model, QuerySet
from django.urls import reverse

from achievements.forms import AchievementForm
from achievements.models import Achievement
from achievements.services.editing import editable_statuses as achievement_editable_statuses
from achievements.services.review import submit_achievement, submit_achievements, submittable_statuses
from core.scope import Scope
from demands.forms import DemandForm
from demands.models import Demand
from demands.permissions import editable_statuses as demand_editable_statuses
from demands.services.review import submit_demand, submit_demands

RETURNED = "returned"
"""Drafts that came back with a reason and were not changed since: a state of its own for whoever has to mend them."""


@dataclass(frozen=True)
class ItemKind:
    name: str
    """Begins the names of its addresses, as in `demand_edit`."""
    noun: str
    enter: str
    """What making a new one is called."""
    reviewer: str
    role: str
    """Who may enter it, in words for those who may not."""
    import_kind: str
    model: type[Model]
    owner: str
    form: Callable
    seen: str
    """The form's hidden field that says which version of the item the page showed."""
    bulk_states: tuple[str, ...]
    """States of which all can be handed in at once; not the returned ones, which have to be mended first."""
    owners: Callable[[Scope], frozenset[int]]
    may_enter: Callable[[Scope], bool]
    editable_states: Callable[..., tuple]
    submittable_states: Callable[..., tuple]
    submit: Callable
    submit_many: Callable[..., int]
    """Returns how many were handed in."""

    def own(self, user) -> QuerySet:
        """Those of the organisations the user speaks for: not what they may merely see."""
        return self.managed(user).filter(**{f"{self.owner}__in": self.owners(user.scope)})

    def managed(self, user) -> QuerySet:
        """Those the user works with, own or not."""
        return self.model.objects.managed_by(user).select_related(self.owner)

    @property
    def list_url(self) -> str:
        return reverse(f"my_{self.name}s")

    @property
    def new_url(self) -> str:
        return reverse(f"{self.name}_new")

    @property
    def submit_all_url(self) -> str:
        return reverse(f"{self.name}s_submit")

    @property
    def doubles_url(self) -> str:
        return reverse(f"{self.name}_doubles")

    def edit_url(self, item) -> str:
        return reverse(f"{self.name}_edit", args=[item.public_id])

    def submit_url(self, item) -> str:
        return reverse(f"{self.name}_submit", args=[item.public_id])

    def is_editable(self, item, user) -> bool:
        return item.status in self.editable_states(item, user)

    def is_submittable(self, item, user) -> bool:
        return item.status in self.submittable_states(item, user)

    def state_labels(self) -> dict[str, str]:
        """State → word, with 被退回 after 草稿."""
        labels = {value: str(label) for value, label in self.model.Status.choices}
        return {"draft": labels["draft"], RETURNED: "被退回"} | labels


def state_counts(items: QuerySet) -> dict[str, int]:
    """How many items are in each state, drafts to be mended apart from the others. Two queries."""
    counts = dict(items.order_by().values_list("status").annotate(Count("pk")))
    returned = items.returned().count() if counts.get("draft") else 0
    return counts | ({RETURNED: returned, "draft": counts["draft"] - returned} if returned else {})


def in_state(items: QuerySet, state: str) -> QuerySet:
    """As `state_counts` counts them."""
    if state == RETURNED:
        return items.returned()
    return items.ready_to_submit() if state == "draft" else items.filter(status=state)


ACHIEVEMENT = ItemKind(
    name="achievement",
    noun="成果",
    enter="新建成果",
    reviewer="市科技局",
    role="院校专员",
    import_kind="achievements",
    model=Achievement,
    owner="institution",
    form=AchievementForm,
    seen="seen",
    bulk_states=("draft", "office_review"),
    owners=lambda scope: scope.institution_ids,
    may_enter=lambda scope: bool(scope.institution_ids) or scope.is_city,
    editable_states=achievement_editable_statuses,
    submittable_states=submittable_statuses,
    submit=submit_achievement,
    submit_many=lambda items, by: submit_achievements(items, by=by).changed,
)
DEMAND = ItemKind(
    name="demand",
    noun="需求",
    enter="发布需求",
    reviewer="区县科技部门",
    role="企业专员",
    import_kind="demands",
    model=Demand,
    owner="firm",
    form=DemandForm,
    seen="seen_at",
    bulk_states=("draft",),
    owners=lambda scope: scope.firm_ids,
    may_enter=lambda scope: bool(scope.firm_ids or scope.region_ids) or scope.is_city,
    editable_states=demand_editable_statuses,
    submittable_states=lambda item, by: (Demand.Status.DRAFT,) if demand_editable_statuses(item, by) else (),
    submit=submit_demand,
    submit_many=lambda items, by: len(submit_demands(items, by=by).changed),
)
