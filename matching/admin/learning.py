"""Admin of the results of a run for each demand, and of what was learned from decisions."""

from collections.abc import Callable

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm

from accounts.models import User
from audit.staff_admin import ReadOnlyAdmin, confirm
from matching.admin.run_filters import BatchDropdownFilter
from matching.evaluation import formatting
from matching.models import PART_LABELS, DemandResult, Learned
from matching.services.learning import disable_ranker, enable_ranker

SWITCH_PERMISSIONS = ["matching.switch_ranker"]
WEIGHT_LABELS = PART_LABELS | {
    "prior": "基础方法的匹配度",
    "indicators": "指标",
    "stage": "阶段",
    "price": "价格",
    "ways": "合作方式",
    "period": "时限",
    "exclusivity": "独占",
    "district": "区域",
    "indicators unknown": "指标未说明",
    "stage unknown": "阶段未说明",
}


@admin.register(DemandResult)
class DemandResultAdmin(ReadOnlyAdmin):
    """The result of a run for each demand; without candidates also the nearest achievements."""

    list_display = ["demand_shown", "state", "no_match_probability_shown", "nearest_shown", "run"]
    list_filter = [
        "has_no_match",
        ("run", BatchDropdownFilter),
        ("demand__firm__stat_region", RelatedDropdownFilter),
        ("demand__industry", RelatedDropdownFilter),
    ]
    list_select_related = ["demand__firm__stat_region", "run"]
    search_fields = ["demand__title", "demand__firm__name"]
    fields = ["demand_link", "state", "no_match_probability_shown", "nearest_shown", "run"]
    readonly_fields = fields

    @display(description="企业需求", ordering="demand__title", header=True)
    def demand_shown(self, result: DemandResult):
        firm = result.demand.firm
        return result.demand.title, f"{firm.name} · {firm.stat_region or '—'}"

    @display(description="企业需求")
    def demand_link(self, result: DemandResult):
        address = reverse("admin:demands_demand_change", args=[result.demand_id])
        return format_html('<a href="{}">{}</a>', address, result.demand.title)

    @display(description="结论", ordering="has_no_match", label={"没有候选": "warning", "有候选": "success"})
    def state(self, result: DemandResult):
        return "没有候选" if result.has_no_match else "有候选"

    @display(description="没有合适成果的可能", ordering="no_match_probability")
    def no_match_probability_shown(self, result: DemandResult):
        return f"{result.no_match_probability:.0%}"

    @display(description="最接近的成果（仅供参考）")
    def nearest_shown(self, result: DemandResult):
        return format_html_join(
            "", '<span class="match-why">{}</span>', ((achievement["title"],) for achievement in result.nearest)
        )


@admin.register(Learned)
class LearnedAdmin(ReadOnlyAdmin):
    """What was learned from decisions; city staff enable and disable a ranker."""

    list_display = ["name", "state", "verdict", "engine", "decisions", "made_at", "switched_by"]
    list_filter = ["kind", "is_in_force", "is_winner"]
    list_select_related = ["switched_by"]
    fields = [
        *("name", "state", "verdict", "engine", "decisions", "made_at", "switched_by", "switched_at"),
        *("compared", "levels_shown", "weights_shown"),
    ]
    readonly_fields = fields
    actions_detail = ["switch_on", "switch_off"]

    def managed_by(self, queryset: QuerySet, user: User) -> QuerySet:
        return queryset  # has no data of single firms or institutions

    def get_actions_detail(self, request: HttpRequest, object_id: str | None = None) -> list:
        row = self.get_object(request, object_id) if object_id else None
        if row is None or row.kind != Learned.Kind.RANKER:
            return []
        wanted = "switch_off" if row.is_in_force else "switch_on" if row.is_winner else ""
        return [
            step for step in super().get_actions_detail(request, object_id) if step.action_name.endswith(wanted or "-")
        ]

    @display(description="内容", ordering="kind")
    def name(self, row: Learned):
        return str(row)

    @display(description="状态", ordering="is_in_force", label={"正在使用": "success", "未使用": "info"})
    def state(self, row: Learned):
        return "正在使用" if row.is_in_force else "未使用"

    @display(description="与基础方法比较")
    def verdict(self, row: Learned):
        if not row.is_intact:
            return "参数已损坏，不会使用"
        if row.kind == Learned.Kind.LEVELS:
            return "—"
        return "明显更好，可以启用" if row.is_winner else "差别在误差之内，沿用基础方法"

    @display(description="留出检验：学习前 → 学习后（差，95% 区间）")
    def compared(self, row: Learned):
        rows = [
            (
                formatting.METRIC_LABELS[name],
                formatting.format_value(name, row.figures["prior"][name]["value"]),
                formatting.format_value(name, row.figures["learned"][name]["value"]),
                formatting.format_interval(name, difference),
            )
            for name, difference in row.figures.get("differences", {}).items()
            if name in formatting.METRIC_LABELS and difference["value"] is not None
        ]
        return format_html_join("", "<div>{}：{} → {}，{}</div>", rows) or "—"

    @display(description="各级别的采纳比例")
    def levels_shown(self, row: Learned):
        from matching.learning.level_precision import precisions_of

        return format_html_join("", "<div>{}</div>", ((level.sentence,) for level in precisions_of(row))) or "—"

    @display(description="权重")
    def weights_shown(self, row: Learned):
        weights = row.parameters.get("ranker", {}).get("weights", {})
        return format_html_join(
            "",
            "<div>{}：{}</div>",
            ((WEIGHT_LABELS.get(name, name), f"{value:+.2f}") for name, value in weights.items()),
        )

    @action(
        description="启用",
        permissions=SWITCH_PERMISSIONS,
        dialog=confirm("从下一批次起用学习排序？", "随时可以停用，回到基础方法。", submit="启用"),
    )
    def switch_on(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self._do(request, object_id, enable_ranker, "从下一批次起使用学习排序。")

    @action(
        description="停用",
        permissions=SWITCH_PERMISSIONS,
        dialog=confirm("从下一批次起回到基础方法？", submit="停用"),
    )
    def switch_off(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self._do(request, object_id, disable_ranker, "从下一批次起使用基础方法。")

    def _do(self, request: HttpRequest, object_id: str, service: Callable, done: str) -> HttpResponse:
        row = self.staff_object(request, object_id)
        self.run_on(request, [row], service, done=done)
        return self.back(request, self.change_url(row))
