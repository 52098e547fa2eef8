from collections.abc import Callable

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display

from accounts.requests import user_of
from audit.staff_admin import StaffAdmin, confirm, with_reason
from core.downloads import send_download
from demands.admin.demand_form import IndicatorInline, StaffDemandForm
from demands.models import Demand
from demands.permissions import editable_statuses
from demands.services.anonymity import exposure_lines, settle_public_name
from demands.services.editing import fill_derived_fields
from demands.services.exporting import export_demands
from demands.services.lifecycle import (
    close_demand,
    convert_to_challenge,
    mark_solved,
    reopen_demand,
    start_docking,
    track_demand,
)
from demands.services.pauses import resume_demand
from demands.services.publication import publish_demand, publish_demands
from demands.services.review import return_demand, start_diagnosis, submit_demand

REVIEW_PERMISSION = ["demands.review_demand"]
MAX_MESSAGES = 20
AVAILABLE_STEPS = {
    Demand.Status.DRAFT: {"submit", "close"},
    Demand.Status.DISTRICT_REVIEW: {"publish", "give_back", "diagnose", "close"},
    Demand.Status.DIAGNOSIS: {"publish", "give_back", "close"},
    Demand.Status.PUBLISHED: {"dock", "solve", "challenge", "track", "close"},
    Demand.Status.DOCKING: {"solve", "challenge", "track", "close"},
    Demand.Status.TRACKING: {"dock", "solve", "challenge", "close"},
    Demand.Status.PAUSED: {"resume", "solve", "close"},
    Demand.Status.CHALLENGE: {"close"},
    Demand.Status.CLOSED: {"reopen"},
}
"""Action buttons per status. The services check whether an action is allowed."""
STATE_COLOURS = {
    Demand.Status.DISTRICT_REVIEW: "warning",
    Demand.Status.DIAGNOSIS: "warning",
    Demand.Status.PUBLISHED: "success",
    Demand.Status.DOCKING: "info",
    Demand.Status.SOLVED: "success",
    Demand.Status.CHALLENGE: "info",
    Demand.Status.TRACKING: "info",
    Demand.Status.PAUSED: "warning",
    Demand.Status.CLOSED: "danger",
}


@admin.register(Demand)
class DemandAdmin(StaffAdmin):
    list_display = [
        "title",
        "firm_name",
        "region",
        "kind",
        "industry",
        "budget",
        "anonymous",
        "state",
        "status_changed_at",
    ]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("firm__stat_region", RelatedDropdownFilter),
        ("industry", RelatedDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        "is_anonymous",
        "wants_challenge",
    ]
    list_select_related = ["firm__stat_region", "industry"]
    search_fields = ["title", "firm__name", "problem", "public_id"]
    search_help_text = "需求名称、企业名称、问题或编号"
    date_hierarchy = "created_at"
    actions = ["publish_all", "give_back_all", "diagnose_all", "close_all", "export"]
    actions_detail = [
        *(
            "submit",
            "publish",
            "give_back",
            "diagnose",
            "dock",
            "solve",
            "challenge",
            "track",
            "resume",
            "close",
            "reopen",
        ),
    ]
    actions_list = ["import_sheet"]
    form = StaffDemandForm
    autocomplete_fields = ["firm"]
    inlines = [IndicatorInline]
    readonly_fields = [
        *("public_alias", "exposure", "state", "status_reason", "status_changed_at", "published_at"),
        *("pause", "solved_with", "contact_masked", "origin", "created_by", "created_at", "updated_at"),
    ]
    fieldsets = [
        (
            "要解决什么",
            {
                "fields": [
                    "title",
                    "firm",
                    "kind",
                    "industry",
                    "applied_industry",
                    "problem",
                    "goal",
                    "conditions",
                    "keywords",
                ]
            },
        ),
        (
            "怎样合作",
            {
                "fields": [
                    *("transfer_ways", "budget_min_wan", "budget_max_wan", "budget_negotiable"),
                    *("period_text", "period_start", "period_end", "intended_partner", "wants_challenge"),
                ]
            },
        ),
        (
            "怎样公开",
            {
                "fields": [
                    "is_anonymous",
                    "chosen_detail",
                    "public_alias",
                    "exposure",
                    "disclosure",
                    "teaser",
                    "expires_on",
                ]
            },
        ),
        (
            "办理情况",
            {
                "fields": [
                    *("state", "status_reason", "pause", "solved_with", "status_changed_at", "published_at"),
                    *("contact_masked", "origin", "created_by", "created_at", "updated_at"),
                ]
            },
        ),
    ]

    def get_fieldsets(self, request: HttpRequest, obj=None):
        return self.fieldsets if obj else self.fieldsets[:-1]  # a new demand has no history

    # --- Permissions ---------------------------------------------------------------------------------------------
    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.status in editable_statuses(obj, user_of(request)))

    def has_review_demand_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("demands.review_demand")

    def has_export_demand_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("demands.export_demand")

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "firm"] if obj else fields

    def get_actions_detail(self, request: HttpRequest, object_id: str | None = None):
        """Only the actions that the status allows."""
        demand = self.get_object(request, object_id) if object_id else None
        available = AVAILABLE_STEPS.get(demand.status, set()) if demand else set()
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_"
        return [
            step
            for step in super().get_actions_detail(request, object_id)
            if step.action_name.removeprefix(prefix) in available
        ]

    def save_model(self, request: HttpRequest, obj, form, change) -> None:
        if not change:
            obj.created_by = request.user
        fill_derived_fields(obj)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form, formsets, change) -> None:
        super().save_related(request, form, formsets, change)
        settle_public_name(form.instance)

    # --- List columns --------------------------------------------------------------------------------------------
    @display(description="企业", ordering="firm__name")
    def firm_name(self, demand):
        return demand.firm.name

    @display(description="区市县", ordering="firm__stat_region__order")
    def region(self, demand):
        return demand.firm.stat_region

    @display(description="拟投入资金", ordering="budget_max_wan")
    def budget(self, demand):
        return demand.budget_text

    @display(description="对外", ordering="is_anonymous")
    def anonymous(self, demand):
        return "匿名" if demand.is_anonymous else "实名"

    @display(description="状态", ordering="status", label={s.label: colour for s, colour in STATE_COLOURS.items()})
    def state(self, demand):
        return demand.get_status_display()

    @display(description="匿名提示")
    def exposure(self, demand):
        """What the firm sees while it writes."""
        return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in exposure_lines(demand))) or None

    @display(description="暂停至")
    def pause(self, demand):
        return demand.paused_until or ("另行通知" if demand.paused_from else None)

    @display(description="怎样解决")
    def solved_with(self, demand):
        return demand.solution_text or None

    @display(description="联系人")
    def contact_masked(self, demand):
        contact = demand.contact
        return f"{contact.masked_name} {contact.masked_phone}" if contact else None

    @display(description="来源")
    def origin(self, demand):
        if not demand.source_file:
            return "网上填报"
        return "%(file)s 第 %(row)s 行" % {"file": demand.source_file, "row": demand.source_row}

    # --- Bulk actions --------------------------------------------------------------------------------------------
    @admin.action(description="初审通过并发布", permissions=["review_demand"])
    def publish_all(self, request: HttpRequest, queryset: QuerySet) -> None:
        result = publish_demands(queryset, by=user_of(request))
        if result.changed:
            messages.success(request, "已发布 %(count)s 项需求。" % {"count": len(result.changed)})
        for skipped in result.skipped[:MAX_MESSAGES]:
            messages.error(request, f"{skipped.demand}：{skipped.message}")
        if len(result.skipped) > MAX_MESSAGES:
            messages.error(request, "另有 %(count)s 项未处理。" % {"count": len(result.skipped) - MAX_MESSAGES})

    @admin.action(description="退回企业修改", permissions=["review_demand"])
    def give_back_all(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        form, response = self.ask_reason(request, queryset, "give_back_all", title="退回所选需求", submit="退回")
        if response:
            return response
        reason = form.cleaned_data["reason"]
        self.run_on(
            request,
            queryset.select_related("firm"),
            return_demand,
            done="已退回 %(count)s 项需求。",
            reason=reason,
        )
        return None

    @admin.action(description="进入需求诊断", permissions=["review_demand"])
    def diagnose_all(self, request: HttpRequest, queryset: QuerySet) -> None:
        rows = queryset.select_related("firm")
        self.run_on(request, rows, start_diagnosis, done="%(count)s 项需求已进入诊断。")

    @admin.action(description="关闭所选需求", permissions=["review_demand"])
    def close_all(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        form, response = self.ask_reason(request, queryset, "close_all", title="关闭所选需求", submit="关闭")
        if response:
            return response
        reason = form.cleaned_data["reason"]
        self.run_on(
            request,
            queryset.select_related("firm"),
            close_demand,
            done="已关闭 %(count)s 项需求。",
            reason=reason,
        )
        return None

    @admin.action(description="导出 Excel", permissions=["export_demand"])
    def export(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
        return send_download(export_demands(queryset, by=user_of(request)), "技术需求.xlsx")

    @action(description="导入表格", icon="upload", permissions=["demands.import_demand"])
    def import_sheet(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("import_start", kwargs={"kind": "demands"}))

    # --- Actions on one demand -----------------------------------------------------------------------------------
    @action(
        description="提交初审",
        permissions=REVIEW_PERMISSION,
        dialog=confirm("代企业提交初审？", submit="提交"),
    )
    def submit(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self.step(request, object_id, submit_demand, done="已提交初审。")

    @action(
        description="初审通过并发布",
        permissions=REVIEW_PERMISSION,
        dialog=confirm("初审通过并发布这项需求？", "发布后所有人可以看到；匿名的只显示对外名称。", "发布"),
    )
    def publish(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self.step(request, object_id, publish_demand, done="已发布。")

    @action(
        description="退回",
        permissions=REVIEW_PERMISSION,
        dialog=with_reason("退回企业修改", "企业会看到这里写的理由。", "退回"),
    )
    def give_back(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self.step(request, object_id, return_demand, done="已退回。", form=form)

    @action(
        description="进入诊断",
        permissions=REVIEW_PERMISSION,
        dialog=confirm("进入需求诊断？", submit="进入诊断"),
    )
    def diagnose(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self.step(request, object_id, start_diagnosis, done="已进入诊断。")

    @action(description="开始对接", permissions=REVIEW_PERMISSION, dialog=confirm("开始对接？", submit="开始对接"))
    def dock(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self.step(request, object_id, start_docking, done="已开始对接。")

    @action(
        description="标为已解决",
        permissions=REVIEW_PERMISSION,
        dialog=confirm("这项需求已经解决？", submit="标为已解决"),
    )
    def solve(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self.step(request, object_id, mark_solved, done="已标为已解决。")

    @action(
        description="转揭榜挂帅",
        permissions=REVIEW_PERMISSION,
        dialog=confirm("转为揭榜挂帅？", "只有企业表示愿意的需求可以转。", "转揭榜挂帅"),
    )
    def challenge(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self.step(request, object_id, convert_to_challenge, done="已转揭榜挂帅。")

    @action(
        description="转长期跟踪",
        permissions=REVIEW_PERMISSION,
        dialog=with_reason("转为长期跟踪", "它仍会参加以后的匹配。", "转长期跟踪"),
    )
    def track(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self.step(request, object_id, track_demand, done="已转长期跟踪。", form=form)

    @action(
        description="恢复",
        permissions=REVIEW_PERMISSION,
        dialog=confirm("结束暂停？", "需求恢复公开，并重新参与匹配。", "恢复"),
    )
    def resume(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self.step(request, object_id, resume_demand, done="已恢复。")

    @action(
        description="关闭",
        permissions=REVIEW_PERMISSION,
        dialog=with_reason("关闭这项需求", "关闭后不再公开。", "关闭"),
    )
    def close(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self.step(request, object_id, close_demand, done="已关闭。", form=form)

    @action(
        description="重新打开",
        permissions=REVIEW_PERMISSION,
        dialog=confirm("重新打开？", "重新打开后是草稿，须再次初审。", "重新打开"),
    )
    def reopen(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self.step(request, object_id, reopen_demand, done="已重新打开，现在是草稿。")

    def step(
        self, request: HttpRequest, object_id: str, service: Callable, *, done: str, form: Form | None = None
    ) -> HttpResponse:
        demand = self.staff_object(request, object_id)
        reason = {"reason": form.cleaned_data["reason"]} if form else {}
        self.run_on(request, [demand], service, done=done, **reason)
        return self.back(request, self.change_url(demand))


def demand_badge(request: HttpRequest) -> int | None:
    """How many demands in the user's scope await the first review; None for users who cannot review."""
    if not request.user.has_perm("demands.review_demand"):
        return None
    return Demand.objects.managed_by(request.user).awaiting_district().count() or None
