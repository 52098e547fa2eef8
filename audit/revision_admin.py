"""Admin of proposed changes: before and after by field, accept or return."""

from collections.abc import Callable
from typing import ClassVar

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from audit.revisions import Revision
from audit.staff_admin import ReadOnlyAdmin, confirm, with_reason

STATE_COLOURS = {
    Revision.Status.PENDING.label: "warning",
    Revision.Status.ACCEPTED.label: "success",
    Revision.Status.RETURNED.label: "danger",
    Revision.Status.WITHDRAWN.label: "info",
}


class RevisionAdmin(ReadOnlyAdmin):
    """Base of the admin of a `Revision`. The subclass names its services and who may review."""

    services: ClassVar[dict[str, Callable]] = {}
    """`accept`, `give_back` and `conflicts`: the services of the subclass."""
    list_filter = [("status", ChoicesDropdownFilter)]
    fields = readonly_fields = [
        *("record", "state", "comparison", "proposer", "proposed_at", "decider", "decided_at", "reason"),
    ]
    actions_detail = ["accept", "give_back"]

    def may_review(self, request: HttpRequest) -> bool:
        raise NotImplementedError

    def record_path(self, revision: Revision) -> str:
        """The admin page of the record that is changed."""
        opts = revision.subject._meta
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[revision.subject.pk])

    def managed_by(self, queryset, user):
        return queryset.visible_to(user)

    def has_review_permission(self, request: HttpRequest, obj=None) -> bool:
        return self.may_review(request)

    def get_actions_detail(self, request: HttpRequest, object_id: str | None = None):
        """None for a revision that is decided."""
        row = self.get_object(request, object_id) if object_id else None
        is_pending = row is not None and row.status == Revision.Status.PENDING
        return super().get_actions_detail(request, object_id) if is_pending else []

    @display(description="改了")
    def fields_changed(self, revision: Revision) -> str:
        return "、".join(field.label for field in revision.changed_fields)

    @display(description="状态", ordering="status", label=STATE_COLOURS)
    def state(self, revision: Revision) -> str:
        return revision.get_status_display()

    @display(description="对象")
    def record(self, revision: Revision) -> str:
        status = revision.subject.get_status_display()  # type: ignore[attr-defined]  # each revised model has it
        return format_html('<a href="{}">{}</a>（{}）', self.record_path(revision), revision.subject, status)

    @display(description="提交人")
    def proposer(self, revision: Revision) -> str:
        return str(revision.proposed_by)

    @display(description="处理人")
    def decider(self, revision: Revision) -> str | None:
        return str(revision.decided_by) if revision.decided_by else None

    @display(description="修改前后")
    def comparison(self, revision: Revision) -> str:
        is_pending = revision.status == Revision.Status.PENDING
        conflicts = self.services["conflicts"](revision.subject, revision) if is_pending else []
        return render_to_string("audit/_comparison.html", {"fields": revision.changed_fields, "conflicts": conflicts})

    @action(
        description="批准修改",
        permissions=["review"],
        dialog=confirm("批准这份修改？", "批准后公开的内容立即更新，并按新的内容匹配。", "批准"),
    )
    def accept(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        row = self.staff_object(request, object_id)
        self.run_on(request, [row], self.services["accept"], done="已批准，公开的内容已更新。")
        return self.back(request, self.change_url(row))

    @action(
        description="退回修改",
        permissions=["review"],
        dialog=with_reason("退回这份修改", "公开的仍是原文；提交人会看到这里写的理由。", "退回"),
    )
    def give_back(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        row = self.staff_object(request, object_id)
        self.run_on(request, [row], self.services["give_back"], done="已退回。", reason=form.cleaned_data["reason"])
        return self.back(request, self.change_url(row))
