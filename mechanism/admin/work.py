"""The nine tasks, what is done for them, and the minutes it came from."""

from django.contrib import admin
from unfold.admin import TabularInline

from accounts.admin_base import StaffAdmin
from mechanism.models import Measure, Milestone, Minutes, Task


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


@admin.register(Measure)
class MeasureAdmin(StaffAdmin):
    list_display = ["title", "task", "organisation", "body", "owner", "due_on"]
    list_filter = ["task"]
    list_select_related = ["task", "organisation", "owner"]
    search_fields = ["title", "body", "organisation__name", "public_id"]
    autocomplete_fields = ["organisation"]
    fields = [
        *("task", "title", "detail", "organisation", "body", "owner", "starts_on", "due_on", "minutes"),
        *("done_at", "done_by", "dropped_at", "dropped_reason"),
    ]
    readonly_fields = ["minutes", "done_at", "done_by", "dropped_at", "dropped_reason"]
    inlines = [MilestoneInline]


@admin.register(Minutes)
class MinutesAdmin(StaffAdmin):
    list_display = ["title", "held_on", "chair", "place"]
    search_fields = ["title", "text"]
    fields = ["title", "held_on", "place", "chair", "attendees", "text", "recorded_by"]
    readonly_fields = ["recorded_by"]

    def save_model(self, request, obj, form, change):
        if not change:
            obj.recorded_by = request.user
        super().save_model(request, obj, form, change)
