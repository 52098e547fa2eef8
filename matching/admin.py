from django.contrib import admin
from django.forms import CharField, ChoiceField, ModelChoiceField
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeNumericFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from audit.staff_admin import StaffAdmin, confirm, with_reason
from brokers.models import Broker
from core.downloads import send_download
from matching.exports import export_matches
from matching.models import BrokerRequest, Match, MatchRun
from matching.services.followup import ask_broker
from matching.services.review import accept_match, reject_match, reopen_match
from matching.suggestions import suggest_brokers
from matching.views.staff.overview.pages import overview_urls
from matching.views.staff.quality import desk as _registered  # noqa: F401  registers what the engine found and learned
from matching.views.staff.quality.effects import effects
from matching.views.staff.quality.pages import quality
from matching.views.staff.review.urls import desk_urls

REVIEW = ["matching.review_match"]


class RejectForm(BaseDialogForm):
    # Nothing is chosen beforehand: a reason that nobody picked would be worth nothing.
    reason = ChoiceField(
        label=_("退回原因"),
        choices=[("", _("请选择")), *Match.RejectReason.choices],
        widget=UnfoldAdminSelectWidget,
        error_messages={"required": _("请选择退回原因。")},
    )
    note = CharField(
        label=_("补充说明（选填）"), max_length=300, required=False, widget=UnfoldAdminTextareaWidget({"rows": 2})
    )


class AskBrokerForm(BaseDialogForm):
    """Who knows the need's field or serves its district stands first, with the reasons; everybody else below."""

    broker = ModelChoiceField(label=_("技术经纪人"), queryset=Broker.objects.none(), widget=UnfoldAdminSelectWidget)
    note = CharField(label=_("嘱托（选填）"), max_length=300, required=False, widget=UnfoldAdminTextInputWidget)

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
            field.choices = [("", _("请选择")), (_("推荐"), named), (_("其他"), others)]


@admin.register(Match)
class MatchAdmin(StaffAdmin):
    list_display = ["score_shown", "level_shown", "need", "offer", "why", "state", "run", "reviewed_by"]
    list_display_links = ["score_shown", "need"]
    list_filter = [
        "status",
        "level",
        ("run", RelatedDropdownFilter),
        ("demand__firm__stat_region", RelatedDropdownFilter),
        ("achievement__institution", RelatedDropdownFilter),
        ("achievement__industry", RelatedDropdownFilter),
        ("score", RangeNumericFilter),
        "reject_reason",
    ]
    list_select_related = ["achievement__institution", "demand__firm__stat_region", "run", "reviewed_by"]
    search_fields = ["achievement__title", "demand__title", "demand__firm__name", "achievement__institution__name"]
    search_help_text = _("成果、需求、企业或院校名称")
    ordering = ["-score", "pk"]
    actions = ["accept_all", "reject_all", "export"]
    actions_detail = ["accept", "reject", "hand_over", "reopen"]
    actions_list = ["open_desk"]
    list_before_template = "matching/staff/levels.html"
    change_form_outer_before_template = "matching/staff/evidence.html"
    fields = ["state", "reject_reason", "review_note", "reviewed_by", "reviewed_at"]
    readonly_fields = fields

    def get_urls(self):
        return [*desk_urls(self.admin_site), *overview_urls(self.admin_site), *super().get_urls()]

    def has_add_permission(self, request):
        return False  # matches are proposed by runs

    def has_change_permission(self, request, obj=None):
        return False  # decided by actions, never by editing a field

    def has_review_match_permission(self, request):
        return request.user.has_perm("matching.review_match")

    def has_export_match_permission(self, request):
        return request.user.has_perm("matching.export_match")

    def get_actions_detail(self, request, object_id=None):
        """Only what can be done with this match now."""
        match = self.get_object(request, object_id) if object_id else None
        possible = {
            "proposed": {"accept", "reject"},
            "accepted": {"over", "reopen"},
            "rejected": {"reopen"},
            "duplicate": {"reopen"},
        }
        steps = possible.get(match.status if match else "", set())
        return [
            step
            for step in super().get_actions_detail(request, object_id)
            if step.action_name.rpartition("_")[2] in steps
        ]

    @display(description=_("匹配度"), ordering="score")
    def score_shown(self, match):
        return match.whole_score

    @display(description=_("级别"), ordering="probability", label={"高": "success", "中": "warning", "低": "info"})
    def level_shown(self, match):
        return match.get_level_display() or None

    @display(description=_("企业需求"), ordering="demand__title", header=True)
    def need(self, match):
        firm = match.demand.firm
        return match.demand.title, f"{firm.name} · {firm.stat_region or '—'}"

    @display(description=_("院校成果"), ordering="achievement__title", header=True)
    def offer(self, match):
        return match.achievement.title, match.achievement.institution.name

    @display(description=_("推荐理由"))
    def why(self, match):
        return format_html('<span class="match-why">{}</span>', match.verdict)

    @display(
        description=_("状态"),
        ordering="status",
        label={"待审核": "warning", "已采纳": "success", "已退回": "danger", "重复": "info"},
    )
    def state(self, match):
        return match.get_status_display()

    @action(description=_("逐条审核"), url_path="open-desk", permissions=["matching.view_match"])
    def open_desk(self, request):
        return HttpResponseRedirect(reverse("admin:matching_triage_triage"))

    @admin.action(description=_("采纳所选匹配"), permissions=["review_match"])
    def accept_all(self, request, queryset):
        self.run_on(request, queryset.select_related("demand__firm"), accept_match, done=_("已采纳 %(count)s 条匹配。"))

    @admin.action(description=_("退回所选匹配"), permissions=["review_match"])
    def reject_all(self, request, queryset):
        form, response = self.ask_reason(
            request, queryset, "reject_all", title=_("退回所选匹配"), submit=_("退回"), form_class=RejectForm
        )
        if response:
            return response
        self.run_on(
            request, queryset.select_related("demand__firm"), reject_match,
            done=_("已退回 %(count)s 条匹配。"), **_answers(form),
        )  # fmt: skip

    @admin.action(description=_("导出 Excel"), permissions=["export_match"])
    def export(self, request, queryset):
        return send_download(export_matches(queryset, by=request.user), "匹配.xlsx")

    @action(description=_("采纳"), permissions=REVIEW, dialog=confirm(_("采纳这条匹配？"), submit=_("采纳")))
    def accept(self, request, form, object_id):
        return self._do(request, object_id, accept_match, _("已采纳这条匹配。"))

    @action(
        description=_("退回"),
        permissions=REVIEW,
        dialog=with_reason(_("退回这条匹配"), submit=_("退回"), form_class=RejectForm),
    )
    def reject(self, request, form, object_id):
        return self._do(request, object_id, reject_match, _("已退回这条匹配。"), **_answers(form))

    @action(
        description=_("委托经纪人"),
        permissions=["matching.ask_broker"],
        dialog=with_reason(_("委托技术经纪人跟进"), submit=_("委托"), form_class=AskBrokerForm),
    )
    def hand_over(self, request, form, object_id):
        asked = {"broker": form.cleaned_data["broker"], "note": form.cleaned_data["note"]}
        return self._do(request, object_id, ask_broker, _("已委托，等待经纪人答复。"), **asked)

    @action(
        description=_("重新审核"),
        permissions=REVIEW,
        dialog=with_reason(_("撤回审核结果"), _("撤回后回到待审核，需要重新决定。"), submit=_("撤回")),
    )
    def reopen(self, request, form, object_id):
        return self._do(request, object_id, reopen_match, _("已回到待审核。"), reason=form.cleaned_data["reason"])

    def _do(self, request, object_id, service, done, **kwargs):
        match = self.staff_object(request, object_id)
        self.run_on(request, [match], service, done=done, **kwargs)
        return self.back(request, self.change_url(match))


def _answers(form) -> dict[str, str]:
    return {"reason": form.cleaned_data["reason"], "note": form.cleaned_data["note"]}


@admin.register(MatchRun)
class MatchRunAdmin(StaffAdmin):
    list_display = ["title", "state", "engine", "queued_at", "finished_at", "matches", "unanswered"]
    list_filter = ["status"]
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
    ]
    readonly_fields = fields

    def get_urls(self):
        guard = self.admin_site.admin_view
        return [
            path("quality/", guard(self.quality), name="matching_quality"),
            path("effects/", guard(self.effects), name="matching_effects"),
            *super().get_urls(),
        ]

    def effects(self, request):
        return effects(request, self.admin_site.each_context(request))

    def quality(self, request):
        return quality(request, self.admin_site.each_context(request))

    def managed_by(self, queryset, user):
        return queryset  # what a run counted names nobody

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    @display(description=_("状态"), ordering="status", label={"排队中": "warning", "已完成": "success"})
    def state(self, run):
        return run.get_status_display()

    @display(description=_("匹配数"))
    def matches(self, run):
        return run.counts.get("matches")

    @display(description=_("暂无高匹配的需求"))
    def unanswered(self, run):
        return run.counts.get("demands_without_match")


@admin.register(BrokerRequest)
class BrokerRequestAdmin(StaffAdmin):
    list_display = ["match", "broker", "state", "asked_by", "asked_at", "answered_at"]
    list_filter = ["status"]
    list_select_related = ["match__achievement", "match__demand", "broker", "asked_by"]
    search_fields = ["broker__name", "match__achievement__title", "match__demand__title"]
    readonly_fields = ["match", "broker", "status", "note", "asked_by", "asked_at", "answered_at"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    @display(
        description=_("状态"),
        ordering="status",
        label={"待答复": "warning", "已接受": "success", "已谢绝": "danger", "已撤回": "info"},
    )
    def state(self, request):
        return request.get_status_display()


def match_badge(request) -> int | None:
    """How many matches wait for this officer; nothing for those who do not decide."""
    if not request.user.has_perm("matching.review_match"):
        return None
    return Match.objects.waiting_for(request.user).count() or None
