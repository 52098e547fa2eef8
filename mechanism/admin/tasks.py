"""Admin of tasks, measures and minutes."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import action, display

from accounts.models import Role, User
from accounts.requests import user_of
from audit.staff_admin import StaffAdmin
from mechanism.admin_urls import measure_urls, minutes_urls, task_urls
from mechanism.models import Measure, Milestone, Minutes, Task
from mechanism.services.notifications import notify_assigned, notify_joint


class MilestoneInline(TabularInline):
    model = Milestone
    fields = ["title", "due_on", "reached_on"]
    readonly_fields = ["reached_on"]
    extra = 0
    can_delete = False


@admin.register(Task)
class TaskAdmin(StaffAdmin):
    list_display = ["number", "name", "lead", "lead_text"]
    list_display_links = ["name"]
    list_select_related = ["lead"]
    fields = ["name", "goal", "lead", "lead_text"]

    def get_urls(self):
        return [*task_urls(self.admin_site), *super().get_urls()]


class StateFilter(admin.SimpleListFilter):
    title, parameter_name = "状态", "state"

    def lookups(self, request: HttpRequest, model_admin):
        return Measure.State.choices

    def queryset(self, request: HttpRequest, queryset):
        return queryset.filter(state=self.value()) if self.value() in Measure.State.values else queryset


@admin.register(Measure)
class MeasureAdmin(StaffAdmin):
    list_display = ["title", "state", "task", "responsible", "owner", "due_on"]
    list_filter = [StateFilter, ("task", RelatedDropdownFilter)]
    list_select_related = ["task", "organisation", "owner"]
    search_fields = ["title", "body", "organisation__name", "public_id"]
    autocomplete_fields = ["organisation", "joint"]
    fields = [
        *("task", "title", "detail", "organisation", "body", "joint", "owner", "starts_on", "due_on"),
        *("report_days", "report_due_on", "minutes"),
        *("done_at", "done_by", "dropped_at", "dropped_reason"),
    ]
    readonly_fields = ["minutes", "done_at", "done_by", "dropped_at", "dropped_reason"]
    inlines = [MilestoneInline]
    actions_detail = ["open_page"]

    def get_urls(self):
        return [*measure_urls(self.admin_site), *super().get_urls()]

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).with_state()

    def formfield_for_foreignkey(self, db_field, request: HttpRequest, **kwargs):
        if db_field.name == "owner":
            staff = User.objects.filter(is_active=True, memberships__role__in=[Role.CITY, Role.BUREAU, Role.DISTRICT])
            kwargs["queryset"] = staff.distinct().order_by("name", "pk")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj, form, change):
        super().save_model(request, obj, form, change)
        if not change or {"owner", "organisation"} & set(form.changed_data):
            notify_assigned([obj], user_of(request))

    def save_related(self, request: HttpRequest, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if "joint" in form.changed_data:
            notify_joint(form.instance, user_of(request))

    @display(
        description="状态",
        label={"逾期": "danger", "临期": "warning", "进行中": "info", "已完成": "success"},
    )
    def state(self, measure):
        return measure.state_label

    @display(description="责任单位")
    def responsible(self, measure):
        return measure.responsible

    @action(description="进展和佐证", icon="checklist", permissions=["mechanism.view_measure"])
    def open_page(self, request: HttpRequest, object_id):
        measure = self.staff_object(request, object_id)
        return HttpResponseRedirect(reverse("admin:mechanism_measure_page", args=[measure.public_id]))


@admin.register(Minutes)
class MinutesAdmin(StaffAdmin):
    list_display = ["title", "held_on", "chair", "place"]
    search_fields = ["title", "text"]
    fields = ["title", "held_on", "place", "chair", "attendees", "text", "recorded_by"]
    readonly_fields = ["recorded_by"]
    actions_detail = ["split"]

    def get_urls(self):
        return [*minutes_urls(self.admin_site), *super().get_urls()]

    @action(description="拆成举措", icon="checklist", permissions=["mechanism.change_minutes"])
    def split(self, request: HttpRequest, object_id):
        minutes = self.staff_object(request, object_id)
        return HttpResponseRedirect(reverse("admin:mechanism_minutes_decisions", args=[minutes.public_id]))

    def save_model(self, request: HttpRequest, obj, form, change):
        if not change:
            obj.recorded_by = request.user
        super().save_model(request, obj, form, change)
