"""Changes that firms propose to published demands: before and after by field, accept or return."""

from django.contrib import admin
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display

from audit.revisions import Revision
from audit.staff_admin import ReadOnlyAdmin, confirm, with_reason, without_link
from demands.models import DemandRevision
from demands.services.revisions import accept_revision, conflicting_fields, return_revision

REVIEW_PERMISSION = ["demands.review_demand"]
STATE_COLOURS = {
    Revision.Status.PENDING.label: "warning",
    Revision.Status.ACCEPTED.label: "success",
    Revision.Status.RETURNED.label: "danger",
    Revision.Status.WITHDRAWN.label: "info",
}


@admin.register(DemandRevision)
class DemandRevisionAdmin(ReadOnlyAdmin):
    list_display = ["demand", "firm_name", "region", "fields_changed", "state", "proposed_at"]
    list_filter = [("status", ChoicesDropdownFilter), ("demand__firm__stat_region", RelatedDropdownFilter)]
    list_select_related = ["demand__firm__stat_region"]
    search_fields = ["demand__title", "demand__firm__name"]
    search_help_text = "需求名称或企业名称"
    fields = readonly_fields = [
        *("demand_link", "state", "comparison", "proposer", "proposed_at", "decider", "decided_at", "reason"),
    ]
    actions_detail = ["accept", "give_back"]
    proposer = without_link(DemandRevision, "proposed_by")
    decider = without_link(DemandRevision, "decided_by")

    def managed_by(self, queryset, user):
        return queryset.visible_to(user)

    def has_review_demand_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("demands.review_demand")

    def get_actions_detail(self, request: HttpRequest, object_id: str | None = None):
        """None for a revision that is decided."""
        row = self.get_object(request, object_id) if object_id else None
        is_pending = row is not None and row.status == Revision.Status.PENDING
        return super().get_actions_detail(request, object_id) if is_pending else []

    @display(description="企业", ordering="demand__firm__name")
    def firm_name(self, revision: DemandRevision) -> str:
        return revision.demand.firm.name

    @display(description="区市县", ordering="demand__firm__stat_region__order")
    def region(self, revision: DemandRevision):
        return revision.demand.firm.stat_region

    @display(description="改了")
    def fields_changed(self, revision: DemandRevision) -> str:
        return "、".join(field.label for field in revision.changed_fields)

    @display(description="状态", ordering="status", label=STATE_COLOURS)
    def state(self, revision: DemandRevision) -> str:
        return revision.get_status_display()

    @display(description="需求")
    def demand_link(self, revision: DemandRevision) -> str:
        path = reverse("admin:demands_demand_change", args=[revision.demand_id])
        status = revision.demand.get_status_display()
        return format_html('<a href="{}">{}</a>（{}）', path, revision.demand, status)

    @display(description="修改前后")
    def comparison(self, revision: DemandRevision) -> str:
        is_pending = revision.status == Revision.Status.PENDING
        context = {
            "fields": revision.changed_fields,
            "conflicts": conflicting_fields(revision.demand, revision) if is_pending else [],
        }
        return render_to_string("audit/_comparison.html", context)

    @action(
        description="批准修改",
        permissions=REVIEW_PERMISSION,
        dialog=confirm("批准这份修改？", "批准后公开的内容立即更新，并按新的内容匹配。", "批准"),
    )
    def accept(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        row = self.staff_object(request, object_id)
        self.run_on(request, [row], accept_revision, done="已批准，公开的内容已更新。")
        return self.back(request, self.change_url(row))

    @action(
        description="退回修改",
        permissions=REVIEW_PERMISSION,
        dialog=with_reason("退回这份修改", "公开的仍是原文；企业会看到这里写的理由。", "退回"),
    )
    def give_back(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        row = self.staff_object(request, object_id)
        self.run_on(request, [row], return_revision, done="已退回。", reason=form.cleaned_data["reason"])
        return self.back(request, self.change_url(row))


def revision_badge(request: HttpRequest) -> int | None:
    """How many changes in the user's scope wait for a decision; None for users who cannot review."""
    if not request.user.has_perm("demands.review_demand"):
        return None
    return DemandRevision.objects.visible_to(request.user).awaiting_decision().count() or None
