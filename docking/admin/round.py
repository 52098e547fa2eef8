from django.contrib import admin
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from accounts.admin_base import StaffAdmin, confirm
from docking import services
from docking.fifty_desk import deeds, pages
from docking.models import DockingRound

MANAGE = ["docking.close_dockinground"]


@admin.register(DockingRound)
class DockingRoundAdmin(StaffAdmin):
    list_display = ["name", "state", "host_kind", "host", "place", "starts_at", "ends_at", "run_link"]
    list_filter = ["status", "host_kind"]
    list_select_related = ["host", "match_run"]
    search_fields = ["name", "place", "themes"]
    readonly_fields = ["status", "closed_by", "closed_at", "run_link", "fifty_link"]
    actions_detail = ["announce", "begin", "close", "archive"]
    fieldsets = [
        (None, {"fields": ["name", "host_kind", "host", "place", "starts_at", "ends_at"]}),
        (_("内容"), {"fields": ["themes", "description", "fifty_link"]}),
        (_("进展"), {"fields": ["status", "closed_by", "closed_at", "run_link"]}),
    ]

    def get_urls(self):
        guard = self.admin_site.admin_view
        return [
            path("<int:pk>/fifty/", guard(self.fifty), name="docking_fifty"),
            path("<int:pk>/fifty/deed/", guard(deeds.deed), name="docking_fifty_deed"),
            *super().get_urls(),
        ]

    def fifty(self, request, pk):
        return pages.fifty(request, pk, self.admin_site.each_context(request))

    def get_actions_detail(self, request, object_id=None):
        """Only the steps that lead on from where the round stands."""
        docking_round = self.get_object(request, object_id) if object_id else None
        steps = {
            "preparing": {"announce", "close"},
            "gathering": {"begin", "close"},
            "scheduled": {"begin", "close"},
            "running": {"close"},
            "closed": {"archive"},
        }.get(docking_round.status if docking_round else "", set())
        return [
            step
            for step in super().get_actions_detail(request, object_id)
            if step.action_name.rpartition("_")[2] in steps
        ]

    @display(
        description=_("状态"),
        ordering="status",
        label={"筹备中": "warning", "会前撮合": "info", "日程已发布": "info", "进行中": "info", "会后跟踪": "success"},
    )
    def state(self, docking_round):
        return docking_round.get_status_display()

    @display(description=_("推介成果"))
    def fifty_link(self, docking_round):
        if docking_round.pk is None:
            return _("保存之后可以选择推介的成果")
        address = reverse("admin:docking_fifty", args=[docking_round.pk])
        number = docking_round.features.count()
        words = _("现有 %(count)d 项，查看和调整名单") % {"count": number} if number else _("还没有名单，查看系统建议")
        return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', address, words)

    @display(description=_("匹配批次"))
    def run_link(self, docking_round):
        run = docking_round.match_run
        if run is None:
            return _("活动结束后自动匹配")
        address = reverse("admin:matching_match_changelist") + f"?run__id__exact={run.pk}"
        count = run.counts.get("matches")
        words = _("已完成，%(count)s 条匹配") % {"count": count} if count is not None else _("排队中，稍后刷新")
        return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', address, words)

    @action(
        description=_("发布活动"), permissions=MANAGE, dialog=confirm(_("发布活动，进入会前撮合？"), submit=_("发布"))
    )
    def announce(self, request, form, object_id):
        return self._step(request, object_id, services.open_round, _("已进入会前撮合。"))

    @action(description=_("活动开始"), permissions=MANAGE, dialog=confirm(_("活动现在开始？"), submit=_("开始")))
    def begin(self, request, form, object_id):
        return self._step(request, object_id, services.begin_round, _("活动已开始。"))

    @action(
        description=_("结束并匹配"),
        permissions=MANAGE,
        dialog=confirm(
            _("结束活动并开始批量匹配？"),
            _("所有已公开的成果和需求会重新匹配，结果交给各区市县审核。结束后不能恢复。"),
            submit=_("结束并匹配"),
        ),
    )
    def close(self, request, form, object_id):
        return self._step(
            request, object_id, services.close_round, _("活动已结束，匹配正在后台进行，完成后各区市县即可审核。")
        )

    @action(description=_("归档"), permissions=MANAGE, dialog=confirm(_("归档这次活动？"), submit=_("归档")))
    def archive(self, request, form, object_id):
        return self._step(request, object_id, services.archive_round, _("活动已归档。"))

    def _step(self, request, object_id, service, done):
        docking_round = self.staff_object(request, object_id)
        self.run_on(request, [docking_round], service, done=done)
        return self.back(request, self.change_url(docking_round))
