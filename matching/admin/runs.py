"""Admin of runs, with the pages 匹配质量 and 审核影响."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.html import format_html_join
from unfold.decorators import display

from accounts.models import User
from audit.staff_admin import StaffAdmin
from matching.admin.run_filters import KindFilter
from matching.models import MatchRun
from matching.readings.progress import reading_progress
from matching.views.staff.effects import effects
from matching.views.staff.quality import quality


@admin.register(MatchRun)
class MatchRunAdmin(StaffAdmin):
    list_display = ["title", "state", "engine", "queued_at", "finished_at", "matches", "unanswered"]
    list_filter = [KindFilter, "status"]
    search_fields = ["title"]
    fields = [
        "title",
        "state",
        "engine",
        "parameters",
        "queued_by",
        "queued_at",
        "finished_at",
        "snapshot_hash",
        "counts",
        "reader",
    ]
    readonly_fields = fields

    def get_urls(self) -> list:
        guard = self.admin_site.admin_view
        return [
            path("quality/", guard(self.quality), name="matching_quality"),
            path("effects/", guard(self.effects), name="matching_effects"),
            *super().get_urls(),
        ]

    def effects(self, request: HttpRequest) -> HttpResponse:
        return effects(request, self.admin_site.each_context(request))

    def quality(self, request: HttpRequest) -> HttpResponse:
        return quality(request, self.admin_site.each_context(request))

    def managed_by(self, queryset: QuerySet, user: User) -> QuerySet:
        return queryset  # what a run counted names nobody

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    @display(description="状态", ordering="status", label={"排队中": "warning", "已完成": "success"})
    def state(self, run: MatchRun):
        return run.get_status_display()

    @display(description="第二读者")
    def reader(self, run: MatchRun):
        progress = reading_progress(run)
        return format_html_join("", "<div>{}</div>", ((line,) for line in progress.sentences)) if progress else "—"

    @display(description="匹配数")
    def matches(self, run: MatchRun):
        return run.counts.get("matches")

    @display(description="没有候选的需求")
    def unanswered(self, run: MatchRun):
        return run.counts.get("demands_without_match")
