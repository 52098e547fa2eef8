"""Admin of matches: list, actions and the pages of the review desk and the overview."""

from collections.abc import Callable

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import CharField, ChoiceField, ModelChoiceField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from unfold.contrib.filters.admin import RangeNumericFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.requests import user_of
from audit.staff_admin import StaffAdmin, confirm, with_reason
from brokers.models import Broker
from core.downloads import send_download
from matching.admin.run_filters import BatchDropdownFilter
from matching.exports import export_matches
from matching.models import Match
from matching.services.broker_requests import ask_broker
from matching.services.review import accept_match, reject_match, reopen_match
from matching.suggestions import suggest_brokers
from matching.views.staff.overview import overview_urls
from matching.views.staff.review.urls import review_urls

REVIEW_PERMISSIONS = ["matching.review_match"]


class RejectForm(BaseDialogForm):
    # No reason is preselected: the matching learns from it, so the officer has to choose one.
    reason = ChoiceField(
        label="退回原因",
        choices=[("", "请选择"), *Match.RejectReason.choices],
        widget=UnfoldAdminSelectWidget,
        error_messages={"required": "请选择退回原因。"},
    )
    note = CharField(
        label="补充说明（选填）", max_length=300, required=False, widget=UnfoldAdminTextareaWidget({"rows": 2})
    )


class AskBrokerForm(BaseDialogForm):
    """Brokers suggested for the demand come first, with the reasons; then all other certified brokers."""

    broker = ModelChoiceField(label="技术经纪人", queryset=Broker.objects.none(), widget=UnfoldAdminSelectWidget)
    note = CharField(label="嘱托（选填）", max_length=300, required=False, widget=UnfoldAdminTextInputWidget)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        request, match_id = kwargs.get("request"), kwargs.get("object_id")
        field = self.fields["broker"]
        field.queryset = Broker.objects.certified().select_related("agency__organisation")
        matches = Match.objects.visible_to(request.user).select_related("demand__firm", "demand__industry")
        match = matches.filter(pk=match_id).first()
        advised = suggest_brokers(match.demand, user=request.user) if match else []
        if advised:
            named = [(advice.who.pk, f"{advice.who}（{'，'.join(advice.reasons)}）") for advice in advised]
            known = {pk for pk, _label in named}
            others = [(broker.pk, str(broker)) for broker in field.queryset if broker.pk not in known]
            field.choices = [("", "请选择"), ("推荐", named), ("其他", others)]


@admin.register(Match)
class MatchAdmin(StaffAdmin):
    list_display = [
        "score_shown",
        "level_shown",
        "demand_shown",
        "achievement_shown",
        "why",
        "state",
        "run",
        "reviewed_by",
    ]
    list_display_links = ["score_shown", "demand_shown"]
    list_filter = [
        "status",
        "level",
        ("run", BatchDropdownFilter),
        ("demand__firm__stat_region", RelatedDropdownFilter),
        ("achievement__institution", RelatedDropdownFilter),
        ("achievement__industry", RelatedDropdownFilter),
        ("score", RangeNumericFilter),
        "reject_reason",
    ]
    list_select_related = ["achievement__institution", "demand__firm__stat_region", "run", "reviewed_by"]
    search_fields = ["achievement__title", "demand__title", "demand__firm__name", "achievement__institution__name"]
    search_help_text = "成果、需求、企业或院校名称"
    ordering = ["-score", "pk"]
    actions = ["accept_all", "reject_all", "export"]
    actions_detail = ["accept", "reject", "hand_over", "reopen"]
    actions_list = ["open_desk"]
    list_before_template = "matching/staff/levels.html"
    change_form_outer_before_template = "matching/staff/evidence.html"
    fields = ["state", "reject_reason", "review_note", "reviewed_by", "reviewed_at"]
    readonly_fields = fields

    def get_urls(self) -> list:
        return [*review_urls(self.admin_site), *overview_urls(self.admin_site), *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # matches are proposed by runs

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False  # decided by actions, never by editing a field

    def has_review_match_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("matching.review_match")

    def has_export_match_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("matching.export_match")

    def get_actions_detail(self, request: HttpRequest, object_id: str | None = None) -> list:
        """Only the actions possible in the present status."""
        match = self.get_object(request, object_id) if object_id else None
        possible = {
            "proposed": {"accept", "reject"},
            "accepted": {"over", "reopen"},
            "rejected": {"reopen"},
            "duplicate": {"reopen"},
            "passed": {"reopen"},
        }
        steps = possible.get(match.status if match else "", set())
        return [
            step
            for step in super().get_actions_detail(request, object_id)
            if step.action_name.rpartition("_")[2] in steps
        ]

    @display(description="匹配度", ordering="score")
    def score_shown(self, match: Match):
        return match.whole_score

    @display(description="级别", ordering="probability", label={"高": "success", "候选": "info"})
    def level_shown(self, match: Match):
        return match.get_level_display() or None

    @display(description="企业需求", ordering="demand__title", header=True)
    def demand_shown(self, match: Match):
        firm = match.demand.firm
        return match.demand.title, f"{firm.name} · {firm.stat_region or '—'}"

    @display(description="院校成果", ordering="achievement__title", header=True)
    def achievement_shown(self, match: Match):
        return match.achievement.title, match.achievement.institution.name

    @display(description="推荐理由")
    def why(self, match: Match):
        return format_html('<span class="match-why">{}</span>', match.verdict)

    @display(
        description="状态",
        ordering="status",
        label={"待审核": "warning", "已采纳": "success", "已退回": "danger", "重复": "info", "未选": "info"},
    )
    def state(self, match: Match):
        return match.get_status_display()

    @action(description="审核台", url_path="open-desk", permissions=["matching.view_match"])
    def open_desk(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:matching_triage_needs"))

    @admin.action(description="采纳所选匹配", permissions=["review_match"])
    def accept_all(self, request: HttpRequest, queryset: QuerySet[Match]):
        self.run_on(request, queryset.select_related("demand__firm"), accept_match, done="已采纳 %(count)s 条匹配。")

    @admin.action(description="退回所选匹配", permissions=["review_match"])
    def reject_all(self, request: HttpRequest, queryset: QuerySet[Match]):
        form, response = self.ask_reason(
            request, queryset, "reject_all", title="退回所选匹配", submit="退回", form_class=RejectForm
        )
        if response:
            return response
        self.run_on(
            request, queryset.select_related("demand__firm"), reject_match,
            done="已退回 %(count)s 条匹配。", **_reason_and_note(form),
        )  # fmt: skip

    @admin.action(description="导出 Excel", permissions=["export_match"])
    def export(self, request: HttpRequest, queryset: QuerySet[Match]):
        return send_download(export_matches(queryset, by=user_of(request)), "匹配.xlsx")

    @action(description="采纳", permissions=REVIEW_PERMISSIONS, dialog=confirm("采纳这条匹配？", submit="采纳"))
    def accept(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self._do(request, object_id, accept_match, "已采纳这条匹配。")

    @action(
        description="退回",
        permissions=REVIEW_PERMISSIONS,
        dialog=with_reason("退回这条匹配", submit="退回", form_class=RejectForm),
    )
    def reject(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self._do(request, object_id, reject_match, "已退回这条匹配。", **_reason_and_note(form))

    @action(
        description="委托经纪人",
        permissions=["matching.ask_broker"],
        dialog=with_reason("委托技术经纪人跟进", submit="委托", form_class=AskBrokerForm),
    )
    def hand_over(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        values = {"broker": form.cleaned_data["broker"], "note": form.cleaned_data["note"]}
        return self._do(request, object_id, ask_broker, "已委托，等待经纪人答复。", **values)

    @action(
        description="重新审核",
        permissions=REVIEW_PERMISSIONS,
        dialog=with_reason("撤回审核结果", "撤回后回到待审核，需要重新决定。", submit="撤回"),
    )
    def reopen(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self._do(request, object_id, reopen_match, "已回到待审核。", reason=form.cleaned_data["reason"])

    def _do(self, request: HttpRequest, object_id: str, service: Callable, done: str, **kwargs) -> HttpResponse:
        match = self.staff_object(request, object_id)
        self.run_on(request, [match], service, done=done, **kwargs)
        return self.back(request, self.change_url(match))


def _reason_and_note(form: BaseDialogForm) -> dict[str, str]:
    return {"reason": form.cleaned_data["reason"], "note": form.cleaned_data["note"]}


def match_badge(request: HttpRequest) -> int | None:
    """Number of matches waiting for this officer; None for users who do not review."""
    if not request.user.has_perm("matching.review_match"):
        return None
    return Match.objects.waiting_for(request.user).count() or None
