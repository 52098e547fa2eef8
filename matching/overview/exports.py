"""The overview and the rows of a figure as workbooks: watermarked, in the audit trail, with masked contacts."""

from collections import Counter
from collections.abc import Iterator, Sequence

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from audit.exports import recorded_workbook
from demands.services.exporting import export_demands
from matching.exports import export_matches
from matching.models import Decision, FollowUp, SideResponse
from matching.overview.figures import (
    DEMAND_FIGURES,
    FIGURES,
    FOLLOW_UP_FIGURES,
    REVIEW_FIGURES,
    OverviewFigure,
    count_figures,
)
from matching.overview.scope import OverviewScope
from matching.overview.tables import by_district, by_level, by_officer, by_run, review_times

FOLLOW_UP_HEADERS = (
    *("成果名称", "院校", "需求名称", "企业", "区市县", "状态", "跟进人", "征询时间", "双方同意时间", "下次跟进"),
    *("企业答复", "企业联系人", "企业联系电话", "院校答复", "院校联系人", "院校联系电话", "结束原因", "结束说明"),
)
DECISION_HEADERS = ("专员", "时间", "动作", "退回原因", "说明", "需求名称", "企业", "区市县", "成果名称", "院校")
FIRM_HEADERS = ("企业名称", "统一社会信用代码", "区市县", "公开的需求数")


def export_figure(figure: OverviewFigure, scope: OverviewScope, *, by: User) -> bytes:
    """An .xlsx of the rows that a figure counts."""
    rows = figure.rows(scope)
    if figure.kind == "matches":
        return export_matches(rows, by=by)
    if figure.kind == "demands":
        return export_demands(rows, by=by)
    if figure.kind == "decisions":
        return _workbook(figure.label, DECISION_HEADERS, list(_decisions(rows)), by)
    if figure.kind == "firms":
        return _workbook(figure.label, FIRM_HEADERS, list(_firms(rows, scope)), by)
    return _workbook(figure.label, FOLLOW_UP_HEADERS, list(_follow_ups(rows)), by)


def export_overview(scope: OverviewScope, *, by: User) -> bytes:
    """An .xlsx of the whole page: a row for each figure, then the tables."""
    return _workbook("审核进展", ("项目", "范围", "数值", "说明"), list(_overview(scope)), by)


def _workbook(title: str, headers: Sequence[str], rows: list[tuple], by: User) -> bytes:
    return recorded_workbook("导出审核进展", title, headers, rows, by=by)


def _firms(rows: QuerySet, scope: OverviewScope) -> Iterator[tuple]:
    demand_counts = Counter(scope.demands().values_list("firm", flat=True))
    for firm in rows.select_related("stat_region"):
        yield firm.name, firm.credit_code, str(firm.stat_region or ""), demand_counts[firm.pk]


def _decisions(rows: QuerySet[Decision]) -> Iterator[tuple]:
    for row in rows.select_related("by", "match__achievement__institution", "match__demand__firm__stat_region"):
        match, firm = row.match, row.match.demand.firm
        decision = (row.get_kind_display(), row.get_reason_display(), row.note)
        pair = (match.demand.title, firm.name, str(firm.stat_region or ""))
        yield (
            str(row.by),
            timezone.localtime(row.made_at),
            *decision,
            *pair,
            match.achievement.title,
            match.achievement.institution.name,
        )


def _follow_ups(rows: QuerySet[FollowUp]) -> Iterator[tuple]:
    related = ("match__achievement__institution", "match__demand__firm__stat_region", "owner")
    for row in rows.select_related(*related).prefetch_related("responses__contact"):
        match, firm = row.match, row.match.demand.firm
        responses = {response.side: response for response in row.responses.all()}
        yield (
            match.achievement.title,
            match.achievement.institution.name,
            match.demand.title,
            firm.name,
            str(firm.stat_region or ""),
            row.get_status_display(),
            str(row.owner),
            timezone.localtime(row.opened_at),
            timezone.localtime(row.agreed_at) if row.agreed_at else None,
            row.next_on,
            *_answer(responses.get("firm")),
            *_answer(responses.get("office")),
            row.get_closed_reason_display(),
            row.closed_note,
        )


def _answer(response: SideResponse | None) -> tuple[str, str, str]:
    if response is None:
        return "", "", ""
    contact = response.contact
    return (
        response.get_status_display(),
        contact.masked_name if contact else "",
        contact.masked_phone if contact else "",
    )


def _overview(scope: OverviewScope) -> Iterator[tuple]:
    area = str(scope.region or "全部")
    counts, times = count_figures(scope, (*REVIEW_FIGURES, *FOLLOW_UP_FIGURES, *DEMAND_FIGURES)), review_times(scope)
    for name, number in counts.items():
        yield FIGURES[name].label, area, number, FIGURES[name].means
    if times["median"] is not None:
        yield "从推荐到审核的天数（中位数）", area, round(times["median"].total_seconds() / 86400, 1), ""
    if times["oldest"]:
        yield "等得最久的一条推荐于", area, timezone.localtime(times["oldest"]), ""
    for row in by_level(scope):
        yield (
            "级别“%(level)s”" % {"level": row["label"]},
            area,
            row["decided"],
            "其中采纳 %(count)s 条" % {"count": row["accepted"]},
        )
    for row in by_run(scope):
        yield (
            row["title"],
            area,
            row["proposed"],
            "已审核 %(decided)s，采纳 %(accepted)s，双方愿意 %(agreed)s，意向 %(intent)s" % row,
        )
    for row in by_officer(scope):
        yield row["name"], area, row["decided"], "采纳 %(accepted)s，退回 %(rejected)s" % row
    for row in by_district(scope) if not scope.region else ():
        progress = (
            "待审核；已审核 %(decided)s，采纳 %(accepted)s，逾期对接 %(overdue)s，没有采纳成果的需求 %(unanswered)s"
        )
        yield str(row["region"] or "未定区市县"), "区市县", row["waiting"], progress % row
