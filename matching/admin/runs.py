"""Admin of runs, with the pages 匹配质量 and 审核影响."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.html import format_html_join
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm

from accounts.models import User
from audit.staff_admin import StaffAdmin, confirm
from matching.admin.run_filters import KindFilter
from matching.models import MatchRun
from matching.readings.progress import reading_progress
from matching.services.run_retries import retry_run
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
        "failures",
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
    actions_detail = ["retry"]

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

    @display(description="状态", ordering="status", label={"排队中": "warning", "已完成": "success", "失败": "danger"})
    def state(self, run: MatchRun):
        return run.get_status_display()

    @display(description="第二读者")
    def reader(self, run: MatchRun):
        progress = reading_progress(run)
        return format_html_join("", "<div>{}</div>", ((line,) for line in progress.sentences)) if progress else "—"

    @display(description="没有匹配成的")
    def failures(self, run: MatchRun):
        """What happened to the chunks that were given up, or will be tried again."""
        chunks = run.chunks.filter(finished_at=None).exclude(error="").order_by("number")[:20]
        lines = [
            "第 %d 组（%d 项需求）：试过 %d 次，%s。原因：%s"
            % (row.number, len(row.demand_ids), row.attempts, "已放弃" if row.failed_at else "将再试", row.error)
            for row in chunks
        ]
        if run.status == MatchRun.Status.FAILED:
            lines.append("请把原因告诉系统管理员；排除后点“重试”，只算没有匹配成的这些组。")
        return format_html_join("", "<div>{}</div>", ((line,) for line in lines)) or "—"

    def get_actions_detail(self, request: HttpRequest, object_id: str | None = None) -> list:
        run = self.get_object(request, object_id) if object_id else None
        is_failed = run is not None and run.status == MatchRun.Status.FAILED
        return super().get_actions_detail(request, object_id) if is_failed else []

    @action(
        description="重试",
        permissions=["matching.retry_matchrun"],
        dialog=confirm("重试这一批次？", "没有匹配成的需求会再算一遍，已完成的不受影响。", submit="重试"),
    )
    def retry(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        run = self.staff_object(request, object_id)
        self.run_on(request, [run], retry_run, done="已重新排队，完成后各区市县即可审核。")
        return self.back(request, self.change_url(run))

    @display(description="匹配数")
    def matches(self, run: MatchRun):
        return run.counts.get("matches")

    @display(description="没有候选的需求")
    def unanswered(self, run: MatchRun):
        return run.counts.get("demands_without_match")
