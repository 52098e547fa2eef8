"""Admin of achievements for city staff: lists, forms, and the actions that change the status."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import action, display

from accounts.requests import user_of
from achievements import revision_admin  # noqa: F401  # registers its model
from achievements.admin_forms import (
    AchievementAdminForm,
    AttachmentInline,
    CompleterInline,
    IndicatorInline,
    IntellectualPropertyInline,
)
from achievements.models import Achievement
from achievements.services.editing import (
    CITY_EDITABLE,
    LOCKED_FIELDS,
    create_achievement,
    update_achievement,
)
from achievements.services.exporting import export_achievements
from achievements.services.lifecycle import (
    feature_achievement,
    feature_achievements,
    mark_transferred,
    pause_achievement,
    pause_achievements,
    reinstate_achievement,
    withdraw_achievement,
    withdraw_achievements,
)
from achievements.services.publication import (
    publish_achievement,
    publish_achievements,
    renew_achievement,
    unpublish_achievement,
)
from achievements.services.registration import register_achievement, register_achievements
from achievements.services.review import (
    approve_achievement,
    approve_achievements,
    return_achievement,
    return_achievements,
)
from achievements.services.transitions import BulkResult
from audit.changes import changes_of
from audit.services import record
from audit.staff_admin import StaffAdmin, confirm, with_reason
from core.downloads import send_download

Status = Achievement.Status
REGISTER_PERMISSION = ["achievements.register_achievement"]
STATE_LABELS = {
    Status.INSTITUTION_REVIEW.label: "warning",
    Status.CITY_REVIEW.label: "warning",
    Status.REGISTERED.label: "success",
    Status.FEATURED.label: "success",
    Status.DOCKING.label: "info",
    Status.TRANSFERRED.label: "info",
    Status.PAUSED.label: "danger",
    Status.WITHDRAWN.label: "danger",
}
AVAILABLE_STEPS = {
    Status.DRAFT: {"withdraw"},
    Status.INSTITUTION_REVIEW: {"approve", "send_back", "withdraw"},
    Status.CITY_REVIEW: {"register", "send_back", "withdraw"},
    Status.REGISTERED: {"feature", "transferred", "pause", "withdraw", "publish", "unpublish", "renew"},
    Status.FEATURED: {"transferred", "pause", "withdraw", "publish", "unpublish", "renew"},
    Status.DOCKING: {"transferred", "pause", "withdraw", "publish", "unpublish", "renew"},
    Status.TRANSFERRED: {"publish", "unpublish"},
    Status.PAUSED: {"reinstate", "withdraw", "renew"},
    Status.WITHDRAWN: {"reinstate"},
}
"""Action buttons per status. The services check whether an action is allowed."""


@admin.register(Achievement)
class AchievementAdmin(StaffAdmin):
    form = AchievementAdminForm
    list_display = ["title", "institution", "industry", "stage_shown", "state", "registry_number", "updated_at"]
    list_filter = [
        "status",
        ("institution", RelatedDropdownFilter),
        ("industry", RelatedDropdownFilter),
        "stage",
        "maturity_bucket",
        "willingness",
        "pay_later",
        ("source_file", RelatedDropdownFilter),
    ]
    list_select_related = ["institution", "industry"]
    search_fields = ["title", "registry_number", "lead_person", "institution__name", "summary"]
    search_help_text = "名称、入库编号、负责人、单位或简介中的任何文字"
    date_hierarchy = None
    autocomplete_fields = ["institution", "contact"]
    inlines = [IndicatorInline, IntellectualPropertyInline, CompleterInline, AttachmentInline]
    actions = [
        *("register_all", "send_back_all", "approve_all", "feature_all", "publish_all", "pause_all", "withdraw_all"),
        "export",
    ]
    actions_list = ["import_sheet"]
    actions_detail = [
        *("register", "approve", "send_back", "feature", "publish", "unpublish", "transferred", "renew", "pause"),
        *("reinstate", "withdraw"),
    ]
    readonly_fields = [
        *("state", "status_reason", "status_changed_at", "registry_number", "registered_by", "registered_at"),
        *("published_at", "maturity_bucket", "source_file", "source_row", "created_by", "created_at", "updated_at"),
    ]
    fieldsets = [
        (
            "状态",
            {
                "fields": [
                    ("state", "status_reason", "status_changed_at"),
                    ("registry_number", "registered_by", "registered_at"),
                    ("published_at", "expires_on"),
                ]
            },
        ),
        (
            "基本信息",
            {
                "fields": [
                    "title",
                    ("institution", "partner_names", "lead_person"),
                    ("category", "form", "attribute"),
                    ("industry", "applied_industry", "discipline"),
                    "keywords",
                ]
            },
        ),
        ("技术内容", {"fields": ["summary", "innovation", "scenario", "limits", "economics"]}),
        (
            "成熟度与评价",
            {
                "fields": [
                    ("stage", "maturity_scale", "maturity_level", "maturity_bucket"),
                    "maturity_evidence",
                    ("maturity_assessed_by", "maturity_assessed_on"),
                    ("standing", "evaluation", "evaluated_by", "evaluated_on"),
                    "national_number",
                ]
            },
        ),
        (
            "转化方式与价格",
            {
                "fields": [
                    "transfer_ways",
                    ("price_min_wan", "price_max_wan", "price_negotiable", "pay_later"),
                    ("wanted_partner", "funds_needed_wan"),
                    ("willingness", "transferred_note"),
                ]
            },
        ),
        ("联系人与确认", {"fields": ["contact", "non_secret_confirmed"]}),
        ("来源", {"fields": [("source_file", "source_row"), ("created_by", "created_at", "updated_at")]}),
    ]

    # --- Permissions and saving ----------------------------------------------------------------------------------
    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.status in CITY_EDITABLE)

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        locked = sorted(LOCKED_FIELDS) if obj is not None and obj.registry_number else []
        return [*super().get_readonly_fields(request, obj), *locked]

    def has_register_achievement_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("achievements.register_achievement")

    def has_export_achievement_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("achievements.export_achievement")

    def save_model(self, request: HttpRequest, obj, form, change) -> None:
        """Save through the services, and only the changed fields, so that a concurrent status change is kept."""
        fields = {name: form.cleaned_data[name] for name in (form.changed_data if change else form.cleaned_data)}
        if change:
            update_achievement(Achievement.objects.get(pk=obj.pk), fields, by=user_of(request))
        else:
            obj.pk = create_achievement(fields, by=user_of(request)).pk
        obj.refresh_from_db()

    def save_related(self, request: HttpRequest, form, formsets, change) -> None:
        super(StaffAdmin, self).save_related(
            request, form, formsets, change
        )  # the services record the fields; see below for the inlines
        empty = forms.Form({})
        empty.is_valid()
        if changes := changes_of(empty, formsets):
            record("修改", form.instance, by=user_of(request), changes=changes)

    def changeform_view(self, request: HttpRequest, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as error:  # the status changed between validation and save
            messages.error(request, "；".join(error.messages))
            return HttpResponseRedirect(request.path)

    # --- List columns --------------------------------------------------------------------------------------------
    @display(description="阶段", ordering="stage", label=True)
    def stage_shown(self, row):
        return row.get_stage_display()

    @display(description="状态", ordering="status", label=STATE_LABELS)
    def state(self, row):
        return row.get_status_display()

    @action(description="导入征集表", permissions=["achievements.import_achievement"], icon="upload_file")
    def import_sheet(self, request: HttpRequest) -> HttpResponse:
        try:
            return HttpResponseRedirect(reverse("import_start", kwargs={"kind": "achievements"}))
        except NoReverseMatch:
            messages.error(request, "导入页面没有启用。")
            return self.back(request)

    # --- Bulk actions --------------------------------------------------------------------------------------------
    @admin.action(description="登记入库", permissions=["register_achievement"])
    def register_all(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._report(request, register_achievements(queryset, by=user_of(request)), "已登记入库")

    @admin.action(description="代院校审核通过", permissions=["register_achievement"])
    def approve_all(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._report(request, approve_achievements(queryset, by=user_of(request)), "已转市科技局审核")

    @admin.action(description="推介", permissions=["register_achievement"])
    def feature_all(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._report(request, feature_achievements(queryset, by=user_of(request)), "已推介")

    @admin.action(description="公开", permissions=["register_achievement"])
    def publish_all(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._report(request, publish_achievements(queryset, by=user_of(request)), "已公开")

    @admin.action(description="退回修改", permissions=["register_achievement"])
    def send_back_all(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
        return self._with_reason(request, queryset, "send_back_all", return_achievements, "退回修改", "已退回")

    @admin.action(description="暂停对接", permissions=["register_achievement"])
    def pause_all(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
        return self._with_reason(request, queryset, "pause_all", pause_achievements, "暂停对接", "已暂停")

    @admin.action(description="下架", permissions=["register_achievement"])
    def withdraw_all(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
        return self._with_reason(request, queryset, "withdraw_all", withdraw_achievements, "下架", "已下架")

    @admin.action(description="导出 Excel", permissions=["export_achievement"])
    def export(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
        return send_download(export_achievements(queryset, by=request.user), "科技成果.xlsx")

    # --- Actions on one achievement ------------------------------------------------------------------------------
    def get_actions_detail(self, request: HttpRequest, object_id: str | None = None):
        """Only the actions that the status allows."""
        row = self.get_object(request, object_id) if object_id else None
        available = set(AVAILABLE_STEPS[row.status]) if row else set()
        if row:
            available.discard("publish" if row.published_at else "unpublish")
        steps = super().get_actions_detail(request, object_id)
        return [step for step in steps if any(step.action_name.endswith(f"_{name}") for name in available)]

    @action(description="登记入库", permissions=REGISTER_PERMISSION, dialog=confirm("登记入库？", submit="入库"))
    def register(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self._step(request, object_id, register_achievement, "已登记入库。")

    @action(
        description="代院校审核通过",
        permissions=REGISTER_PERMISSION,
        dialog=confirm("代院校审核通过？", "操作记录会写明由市级专员代为审核。", submit="通过"),
    )
    def approve(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self._step(request, object_id, approve_achievement, "已转市科技局审核。")

    @action(description="退回修改", permissions=REGISTER_PERMISSION, dialog=with_reason("退回修改", submit="退回"))
    def send_back(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self._step(request, object_id, return_achievement, "已退回修改。", form)

    @action(description="推介", permissions=REGISTER_PERMISSION, dialog=confirm("推介这项成果？", submit="推介"))
    def feature(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self._step(request, object_id, feature_achievement, "已推介。")

    @action(description="公开", permissions=REGISTER_PERMISSION, dialog=confirm("向公众公开？", submit="公开"))
    def publish(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self._step(request, object_id, publish_achievement, "已公开。")

    @action(
        description="取消公开",
        permissions=REGISTER_PERMISSION,
        dialog=with_reason("取消公开", submit="取消公开"),
    )
    def unpublish(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self._step(request, object_id, unpublish_achievement, "已取消公开。", form)

    @action(
        description="续期两年",
        permissions=REGISTER_PERMISSION,
        dialog=confirm("从今天起续期两年？", submit="续期"),
    )
    def renew(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self._step(request, object_id, renew_achievement, "已续期。")

    @action(
        description="标记已转化",
        permissions=REGISTER_PERMISSION,
        dialog=with_reason("标记已转化", "请写明方式、时间、所在地、金额。", submit="确定"),
    )
    def transferred(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        note = form.cleaned_data["reason"]
        return self._step(request, object_id, mark_transferred, "已标记为已转化。", note=note)

    @action(description="暂停对接", permissions=REGISTER_PERMISSION, dialog=with_reason("暂停对接", submit="暂停"))
    def pause(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self._step(request, object_id, pause_achievement, "已暂停对接。", form)

    @action(description="恢复", permissions=REGISTER_PERMISSION, dialog=confirm("恢复这项成果？", submit="恢复"))
    def reinstate(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self._step(request, object_id, reinstate_achievement, "已恢复。")

    @action(description="下架", permissions=REGISTER_PERMISSION, dialog=with_reason("下架", submit="下架"))
    def withdraw(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        return self._step(request, object_id, withdraw_achievement, "已下架。", form)

    def _step(self, request: HttpRequest, object_id, service, done, form=None, **kwargs):
        row = self.staff_object(request, object_id)
        if form is not None:
            kwargs["reason"] = form.cleaned_data["reason"]
        self.run_on(request, [row], service, done=done, **kwargs)
        return self.back(request, self.change_url(row))

    def _with_reason(self, request: HttpRequest, queryset, name, service, title, done):
        form, response = self.ask_reason(request, queryset, name, title=title, submit=title)
        if response:
            return response
        self._report(request, service(queryset, by=request.user, reason=form.cleaned_data["reason"]), done)

    def _report(self, request: HttpRequest, result: BulkResult, done: str) -> None:
        if result.changed:
            messages.success(request, "%(done)s %(count)d 项。" % {"done": done, "count": result.changed})
        if result.skipped:
            sentence = "%(count)d 项的状态不允许这样做，没有改动。请按状态筛选后再选。"
            messages.warning(request, sentence % {"count": result.skipped})


def achievement_badge(request: HttpRequest) -> int | None:
    """How many achievements await registration; None for users who cannot register."""
    if not request.user.has_perm("achievements.register_achievement"):
        return None
    return Achievement.objects.managed_by(request.user).awaiting_city().count() or None
