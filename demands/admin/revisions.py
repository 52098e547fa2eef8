"""Changes that firms propose to published demands."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from audit.revision_admin import RevisionAdmin
from demands.models import DemandRevision
from demands.services.revisions import accept_revision, conflicting_fields, return_revision


@admin.register(DemandRevision)
class DemandRevisionAdmin(RevisionAdmin):
    services = {"accept": accept_revision, "give_back": return_revision, "conflicts": conflicting_fields}
    list_display = ["demand", "firm_name", "region", "fields_changed", "state", "proposed_at"]
    list_filter = [("status", ChoicesDropdownFilter), ("demand__firm__stat_region", RelatedDropdownFilter)]
    list_select_related = ["demand__firm__stat_region"]
    search_fields = ["demand__title", "demand__firm__name"]
    search_help_text = "需求名称或企业名称"

    def may_review(self, request: HttpRequest) -> bool:
        return request.user.has_perm("demands.review_demand")

    @display(description="企业", ordering="demand__firm__name")
    def firm_name(self, revision: DemandRevision) -> str:
        return revision.demand.firm.name

    @display(description="区市县", ordering="demand__firm__stat_region__order")
    def region(self, revision: DemandRevision):
        return revision.demand.firm.stat_region


def revision_badge(request: HttpRequest) -> int | None:
    """How many changes in the user's scope wait for a decision; None for users who cannot review."""
    if not request.user.has_perm("demands.review_demand"):
        return None
    return DemandRevision.objects.visible_to(request.user).awaiting_decision().count() or None
