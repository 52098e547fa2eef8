"""The two kinds of records that users enter on the workbench: achievements and demands."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.db.models import Count, Model, Q, QuerySet
from django.urls import reverse

from accounts.models import User
from achievements.forms import AchievementForm
from achievements.models import Achievement
from achievements.services.editing import editable_statuses as achievement_editable_statuses
from achievements.services.exporting import export_achievements
from achievements.services.review import submit_achievement, submit_achievements, submittable_statuses
from core.scope import Scope
from demands.forms import DemandForm
from demands.models import Demand
from demands.permissions import editable_statuses as demand_editable_statuses
from demands.services.exporting import export_demands
from demands.services.review import submit_demand, submit_demands
from demands.services.revisions import may_revise
from mandates.models import Mandate, Right, clients_of
from portal.revision_forms import DemandRevisionForm

RETURNED = "returned"
"""Pseudo-status of drafts that were returned with a reason and have not been changed since."""


@dataclass(frozen=True)
class RecordKind:
    name: str
    """Prefix of the URL names, as in `demand_edit`."""
    noun: str
    create_label: str
    reviewer: str
    officer_title: str
    """The role that may create records of this kind, for the message of a 403 page."""
    import_kind: str
    model: type[Model]
    owner_field: str
    form_class: Callable
    version_field: str
    """The form's hidden field with the version of the record that the page showed."""
    bulk_statuses: tuple[str, ...]
    """Statuses whose records can be submitted all at once. Returned records are left out: they need a change first."""
    owner_ids: Callable[[Scope], frozenset[int]]
    clients: Callable[[User], QuerySet]
    """Organisations for which the user enters records by a mandate, as a subquery of their keys."""
    is_creator: Callable[[Scope], bool]
    editable_statuses: Callable[..., tuple]
    submittable_statuses: Callable[..., tuple]
    submit: Callable
    submit_many: Callable[..., int]
    """Returns the number of submitted records."""
    export: Callable[..., bytes]

    def owned_by(self, user: User) -> QuerySet:
        """Records of the user's own organisations and clients, without others that the user can see or manage."""
        own = Q(**{f"{self.owner_field}__in": self.owner_ids(user.scope)})
        return self.managed_by(user).filter(own | Q(**{f"{self.owner_field}__in": self.clients(user)}))

    def managed_by(self, user: User) -> QuerySet:
        rows = self.model.objects.managed_by(user)
        if self.model is Demand:
            rows = rows | Demand.objects.posted_for(user)
        return rows.select_related(self.owner_field)

    def organisations_of(self, user: User) -> set[int]:
        """Those in whose name the user enters records: the own ones, and clients."""
        return {*self.owner_ids(user.scope), *self.clients(user).values_list("client", flat=True)}

    def may_create(self, user: User) -> bool:
        return self.is_creator(user.scope) or self.clients(user).exists()

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
    def duplicates_url(self) -> str:
        return reverse(f"{self.name}_duplicates")

    def edit_url(self, record: Model) -> str:
        return reverse(f"{self.name}_edit", args=[record.public_id])

    @property
    def steps_url(self) -> str:
        return reverse(f"{self.name}_steps")

    @property
    def export_url(self) -> str:
        return reverse(f"{self.name}s_export")

    def submit_url(self, record: Model) -> str:
        return reverse(f"{self.name}_submit", args=[record.public_id])

    def is_editable(self, record: Model, user: User) -> bool:
        return record.status in self.editable_statuses(record, user)

    def is_submittable(self, record: Model, user: User) -> bool:
        return record.status in self.submittable_statuses(record, user)

    def status_labels(self) -> dict[str, str]:
        """Status → label, with 被退回 after 草稿."""
        labels = {value: str(label) for value, label in self.model.Status.choices}
        return {"draft": labels["draft"], RETURNED: "被退回"} | labels


def status_counts(records: QuerySet) -> dict[str, int]:
    """The number of records by status; returned drafts count as RETURNED, not as drafts. Two queries."""
    counts = dict(records.order_by().values_list("status").annotate(Count("pk")))
    returned = records.returned().count() if counts.get("draft") else 0
    return counts | ({RETURNED: returned, "draft": counts["draft"] - returned} if returned else {})


def with_status(records: QuerySet, status: str) -> QuerySet:
    """The records that `status_counts` counts under this status."""
    if status == RETURNED:
        return records.returned()
    return records.ready_to_submit() if status == "draft" else records.filter(status=status)


ACHIEVEMENT = RecordKind(
    name="achievement",
    noun="成果",
    create_label="新建成果",
    reviewer="市科技局",
    officer_title="院校专员",
    import_kind="achievements",
    model=Achievement,
    owner_field="institution",
    form_class=AchievementForm,
    version_field="seen",
    bulk_statuses=("draft", "office_review"),
    owner_ids=lambda scope: scope.institution_ids,
    clients=lambda _user: Mandate.objects.none().values("client"),
    is_creator=lambda scope: bool(scope.institution_ids) or scope.is_city,
    editable_statuses=achievement_editable_statuses,
    submittable_statuses=submittable_statuses,
    submit=submit_achievement,
    submit_many=lambda records, by: submit_achievements(records, by=by).changed,
    export=export_achievements,
)
DEMAND = RecordKind(
    name="demand",
    noun="需求",
    create_label="发布需求",
    reviewer="区县科技部门",
    officer_title="企业专员",
    import_kind="demands",
    model=Demand,
    owner_field="firm",
    form_class=DemandForm,
    version_field="seen_at",
    bulk_statuses=("draft",),
    owner_ids=lambda scope: scope.firm_ids,
    clients=lambda user: clients_of(user, Right.POST),
    is_creator=lambda scope: bool(scope.firm_ids or scope.region_ids) or scope.is_city,
    editable_statuses=demand_editable_statuses,
    submittable_statuses=lambda demand, by: (Demand.Status.DRAFT,) if demand_editable_statuses(demand, by) else (),
    submit=submit_demand,
    submit_many=lambda demands, by: len(submit_demands(demands, by=by).changed),
    export=export_demands,
)
DEMAND_REVISION = replace(
    DEMAND,
    create_label="修改需求",
    form_class=DemandRevisionForm,
    editable_statuses=lambda demand, by: Demand.REVISABLE if may_revise(demand, by) else (),
    submittable_statuses=lambda demand, by: (),
)
"""Changes of a published demand by its firm. The district decides about them."""
