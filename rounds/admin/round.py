from datetime import date

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import make_aware
from unfold.admin import TabularInline
from unfold.decorators import action, display

from accounts.models import User
from accounts.requests import user_of
from audit.staff_admin import StaffAdmin, confirm
from rounds import checklist
from rounds.admin_urls import round_urls
from rounds.models import DockingRound, Hall, Organiser, Slot
from rounds.readiness import round_facts
from rounds.services.rounds import announce_round, archive_round, begin_round, close_round, save_round, schedule_round
from rounds.services.venue import check_hall, check_slot
from rounds.views.staff.calendar import usual_hours
from rounds.views.staff.checklist_links import checklist_link

MANAGE = ["rounds.close_dockinground"]
OFFERED = {
    "preparing": {"announce", "close"},
    "gathering": {"schedule", "begin", "close"},
    "scheduled": {"begin", "close"},
    "running": {"close"},
    "closed": {"archive"},
}
"""Actions offered in each status."""


class RowInline(TabularInline):
    extra = 0
    tab = True
    can_delete = False


class OrganiserInline(RowInline):
    model = Organiser
    fields = ["role", "organisation", "name", "order"]
    autocomplete_fields = ["organisation"]


class InUseForm(forms.ModelForm):
    """Refuses changes that would remove the place of a meeting of the timetable in force."""

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.instance.pk is None or self.errors or not self.changed_data:
            return
        try:
            self.check_use(self.instance)
        except ValidationError as refusal:
            self.add_error(self.column, refusal)


class HallForm(InUseForm):
    column = "tables"
    check_use = staticmethod(check_hall)


class SlotForm(InUseForm):
    column = "starts_at"
    check_use = staticmethod(check_slot)


class HallInline(RowInline):
    model = Hall
    form = HallForm
    fields = ["name", "tables", "order", "closed_at"]
    readonly_fields = ["closed_at"]


class SlotInline(RowInline):
    model = Slot
    form = SlotForm
    fields = ["starts_at", "ends_at"]


@admin.register(DockingRound)
class DockingRoundAdmin(StaffAdmin):
    list_display = ["home_link", "state", "host_kind", "host", "place", "starts_at", "ends_at", "run_link"]
    list_filter = ["status", "host_kind"]
    list_select_related = ["host", "match_run"]
    search_fields = ["name", "place", "themes"]
    autocomplete_fields = ["institutions"]
    readonly_fields = ["status", "closed_by", "closed_at", "run_link", "featured_link", "timetable_link"]
    inlines = [OrganiserInline, HallInline, SlotInline]
    list_display_links = None
    actions_list = ["copy_last", "open_calendar"]
    actions_detail = ["announce", "schedule", "begin", "close", "archive"]
    change_form_outer_before_template = "rounds/staff/checklist.html"
    fieldsets = [
        (None, {"fields": ["name", "host_kind", "host", "place", "starts_at", "ends_at"]}),
        ("内容", {"fields": ["themes", "description", "institutions", "featured_link"]}),
        ("进展", {"fields": ["status", "timetable_link", "closed_by", "closed_at", "run_link"]}),
    ]

    def get_urls(self):
        return [*round_urls(self.admin_site), *super().get_urls()]

    # --- The round and its parts ---------------------------------------------------------------------------------
    def get_changeform_initial_data(self, request: HttpRequest):
        """A day chosen in the calendar is prefilled with the usual hours."""
        try:
            day = date.fromisoformat(request.GET["day"])
        except (KeyError, ValueError):
            return super().get_changeform_initial_data(request)
        begin, end = usual_hours(day)
        return {"starts_at": make_aware(begin), "ends_at": make_aware(end)}

    def save_model(self, request: HttpRequest, obj, form, change):
        save_round(obj, form.changed_data, by=user_of(request))

    def changeform_view(self, request: HttpRequest, object_id=None, form_url="", extra_context=None):
        docking_round = self.get_object(request, object_id) if object_id and request.method == "GET" else None
        panel = self._panel_context(docking_round, user_of(request)) if docking_round else {}
        return super().changeform_view(request, object_id, form_url, (extra_context or {}) | panel)

    def _panel_context(self, docking_round: DockingRound, user: User) -> dict:
        """Return the context of the panel above the form: checklist of the next step, origin of the list."""
        step = checklist.STEPS.get(docking_round.status) if user.scope.sees_all else None
        items = checklist.checklist(step, round_facts(docking_round)) if step else []
        before = DockingRound.objects.filter(match_run__isnull=False, starts_at__lt=docking_round.starts_at)
        before = before.order_by("-starts_at").first()
        return {
            "next_step": STEP_NAMES.get(step, ""),
            "checklist": [(item, checklist_link(item.where, docking_round)) for item in items],
            "list_from": before,
            "list_link": checklist_link("matches", before) if before else "",
        }

    # --- What the list shows -------------------------------------------------------------------------------------
    @display(
        description="状态",
        ordering="status",
        label={"筹备中": "warning", "会前撮合": "info", "日程已发布": "info", "进行中": "info", "会后跟踪": "success"},
    )
    def state(self, docking_round: DockingRound):
        return docking_round.get_status_display()

    @display(description="推介成果")
    def featured_link(self, docking_round: DockingRound):
        if docking_round.pk is None:
            return "保存之后可以选择推介的成果"
        address = reverse("admin:rounds_featured", args=[docking_round.pk])
        number = docking_round.features.count()
        words = "现有 %(count)d 项，查看和调整名单" % {"count": number} if number else "还没有名单，查看系统建议"
        return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', address, words)

    @display(description="洽谈日程")
    def timetable_link(self, docking_round: DockingRound):
        if docking_round.pk is None:
            return "保存之后可以排期"
        published = docking_round.timetables.published().first()
        words = "已发布第 %(number)d 版，查看和调整" % {"number": published.number} if published else "查看和排期"
        address = reverse("admin:rounds_timetable", args=[docking_round.pk])
        return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', address, words)

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

    def response_add(self, request: HttpRequest, obj, post_url_continue=None):
        """A new round begins on its home, unless another button asks for something else."""
        if {"_continue", "_addanother", "_popup"} & request.POST.keys():
            return super().response_add(request, obj, post_url_continue)
        messages.success(request, "“%(round)s”已建立，还在筹备中，没有公开。" % {"round": obj})
        return self.back(request, reverse("admin:rounds_home", args=[obj.pk]))

    @action(description="活动日历", permissions=["rounds.view_dockinground"], icon="calendar_month")
    def open_calendar(self, request: HttpRequest):
        return self.back(request, reverse("admin:rounds_calendar"))

    # --- Steps ---------------------------------------------------------------------------------------------------
    def get_actions_detail(self, request: HttpRequest, object_id=None):
        """Only actions that the round's status allows."""
        docking_round = self.get_object(request, object_id) if object_id else None
        steps = OFFERED.get(docking_round.status if docking_round else "", set())
        return [
            step
            for step in super().get_actions_detail(request, object_id)
            if step.action_name.rpartition("_")[2] in steps
        ]

    @action(description="发布活动", permissions=MANAGE, dialog=confirm("发布活动，进入会前撮合？", submit="发布"))
    def announce(self, request: HttpRequest, form, object_id):
        return self._step(request, object_id, "announce", announce_round, "已进入会前撮合。")

    @action(
        description="发布日程",
        permissions=MANAGE,
        dialog=confirm(
            "发布日程？", "议程和洽谈日程向参会单位公开。之后仍可改期，变动的单位会收到通知。", submit="发布"
        ),
    )
    def schedule(self, request: HttpRequest, form, object_id):
        return self._step(request, object_id, "schedule", schedule_round, "日程已发布。")

    @action(description="活动开始", permissions=MANAGE, dialog=confirm("活动现在开始？", submit="开始"))
    def begin(self, request: HttpRequest, form, object_id):
        return self._step(request, object_id, "begin", begin_round, "活动已开始。")

    @action(
        description="结束并匹配",
        permissions=MANAGE,
        dialog=confirm(
            "结束活动并开始批量匹配？",
            "所有已公开的成果和需求会重新匹配，结果交给各区市县审核，也是下一场会前撮合的名单。结束后不能恢复。",
            submit="结束并匹配",
        ),
    )
    def close(self, request: HttpRequest, form, object_id):
        done = "活动已结束，匹配正在后台进行，完成后各区市县即可审核。"
        return self._step(request, object_id, "close", close_round, done)

    @action(description="归档", permissions=MANAGE, dialog=confirm("归档这次活动？", submit="归档"))
    def archive(self, request: HttpRequest, form, object_id):
        return self._step(request, object_id, "archive", archive_round, "活动已归档。")

    def _step(self, request: HttpRequest, object_id, step, service, done):
        """Run the service and show the checklist's warnings."""
        docking_round = self.staff_object(request, object_id)
        mind = checklist.warnings(step, round_facts(docking_round))
        if self.run_on(request, [docking_round], service, done=done) and mind:
            messages.warning(request, "请留意：%s" % "".join(mind))
        return self.back(request, self.change_url(docking_round))


STEP_NAMES = {
    "announce": "发布活动",
    "schedule": "发布日程",
    "begin": "活动开始",
    "close": "结束并匹配",
    "archive": "归档",
}
