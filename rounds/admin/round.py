from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import action, display

from rounds.admin.own_page import OwnPageAdmin
from rounds.admin_urls import round_urls
from rounds.models import DockingRound
from rounds.views.staff.basics import basics


@admin.register(DockingRound)
class DockingRoundAdmin(OwnPageAdmin):
    page = staticmethod(basics)
    list_display = ["home_link", "state", "host_kind", "host", "place", "starts_at", "ends_at", "run_link"]
    list_filter = ["status", "host_kind"]
    list_select_related = ["host", "match_run"]
    search_fields = ["name", "place", "themes"]
    list_display_links = None
    actions_list = ["copy_last", "open_calendar"]

    def get_urls(self):
        return [*round_urls(self.admin_site), *super().get_urls()]

    @display(
        description="状态",
        ordering="status",
        label={"筹备中": "warning", "会前撮合": "info", "日程已发布": "info", "进行中": "info", "会后跟踪": "success"},
    )
    def state(self, docking_round: DockingRound):
        return docking_round.get_status_display()

    @display(description="匹配批次")
    def run_link(self, docking_round: DockingRound):
        run = docking_round.match_run
        if run is None:
            return "活动结束后自动匹配"
        address = reverse("admin:matching_match_changelist") + f"?run__id__exact={run.pk}"
        count = run.counts.get("matches")
        words = "已完成，%(count)s 条匹配" % {"count": count} if count is not None else "排队中，稍后刷新"
        return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', address, words)

    @display(description="活动名称", ordering="name")
    def home_link(self, docking_round: DockingRound):
        address = reverse("admin:rounds_home", args=[docking_round.pk])
        return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', address, docking_round)

    @action(description="照上一场办活动", permissions=["rounds.add_dockinground"], icon="content_copy")
    def copy_last(self, request: HttpRequest):
        return self.back(request, reverse("admin:rounds_copy"))

    @action(description="活动日历", permissions=["rounds.view_dockinground"], icon="calendar_month")
    def open_calendar(self, request: HttpRequest):
        return self.back(request, reverse("admin:rounds_calendar"))
