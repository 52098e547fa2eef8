"""The page and the rows behind a figure as workbooks: watermarked, written down in the trail, contacts masked."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.exports import recorded_workbook
from demands.services.exporting import export_demands
from matching.exports import export_matches
from matching.models import Decision, FollowUp
from matching.views.staff.overview.figures import (
    AFTER,
    FIGURES,
    NEEDS,
    STRIP,
    Figure,
    Where,
    by_district,
    by_level,
    by_officer,
    by_round,
    numbers,
    times,
)

FOLLOW_UP_HEADERS = (
    *("成果名称", "院校", "需求名称", "企业", "区市县", "状态", "跟进人", "征询时间", "双方同意时间", "下次跟进"),
    *("企业答复", "企业联系人", "企业联系电话", "院校答复", "院校联系人", "院校联系电话", "结束原因", "结束说明"),
)
DECISION_HEADERS = ("专员", "时间", "动作", "退回原因", "说明", "需求名称", "企业", "区市县", "成果名称", "院校")
FIRM_HEADERS = ("企业名称", "统一社会信用代码", "区市县", "公开的需求数")


def export_figure(figure: Figure, where: Where, *, by) -> bytes:
    """An .xlsx of what a figure counts."""
    found = figure.rows(where)
    if figure.kind == "matches":
        return export_matches(found, by=by)
    if figure.kind == "needs":
        return export_demands(found, by=by)
    if figure.kind == "decisions":
        return _written(figure.label, DECISION_HEADERS, list(_decisions(found)), by)
    if figure.kind == "firms":
        return _written(figure.label, FIRM_HEADERS, list(_firms(found, where)), by)
    return _written(figure.label, FOLLOW_UP_HEADERS, list(_follow_ups(found)), by)


def export_overview(where: Where, *, by) -> bytes:
    """An .xlsx of the whole page: one line a figure, the tables below."""
    return _written(_("审核进展"), (_("项目"), _("范围"), _("数值"), _("说明")), list(_overview(where)), by)


def _written(title: str, headers, lines: list, by) -> bytes:
    return recorded_workbook(_("导出审核进展"), title, headers, lines, by=by)


def _firms(found: QuerySet, where: Where) -> Iterator[tuple]:
    needs = Counter(where.needs().values_list("firm", flat=True))
    for firm in found.select_related("stat_region"):
        yield firm.name, firm.credit_code, str(firm.stat_region or ""), needs[firm.pk]


def _decisions(found: QuerySet[Decision]) -> Iterator[tuple]:
    for row in found.select_related("by", "match__achievement__institution", "match__demand__firm__stat_region"):
        match, firm = row.match, row.match.demand.firm
        said = (row.get_kind_display(), row.get_reason_display(), row.note)
        pair = (match.demand.title, firm.name, str(firm.stat_region or ""))
        yield (
            str(row.by),
            timezone.localtime(row.made_at),
            *said,
            *pair,
            match.achievement.title,
            match.achievement.institution.name,
        )


def _follow_ups(found: QuerySet[FollowUp]) -> Iterator[tuple]:
    related = ("match__achievement__institution", "match__demand__firm__stat_region", "owner")
    for row in found.select_related(*related).prefetch_related("sides__contact"):
        match, firm = row.match, row.match.demand.firm
        sides = {side.side: side for side in row.sides.all()}
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
            *_answer(sides.get("firm")),
            *_answer(sides.get("office")),
            row.get_closed_reason_display(),
            row.closed_note,
        )


def _answer(side) -> tuple[str, str, str]:
    if side is None:
        return "", "", ""
    contact = side.contact
    return (
        side.get_status_display(),
        contact.masked_name if contact else "",
        contact.masked_phone if contact else "",
    )


def _overview(where: Where) -> Iterator[tuple]:
    scope = str(where.region or _("全部"))
    counts, when = numbers(where, (*STRIP, *AFTER, *NEEDS)), times(where)
    for name, number in counts.items():
        yield FIGURES[name].label, scope, number, FIGURES[name].means
    if when["median"] is not None:
        yield _("从推荐到审核的天数（中位数）"), scope, round(when["median"].total_seconds() / 86400, 1), ""
    if when["oldest"]:
        yield _("等得最久的一条推荐于"), scope, timezone.localtime(when["oldest"]), ""
    for line in by_level(where):
        yield (
            _("级别“%(level)s”") % {"level": line["label"]},
            scope,
            line["decided"],
            _("其中采纳 %(count)s 条") % {"count": line["accepted"]},
        )
    for line in by_round(where):
        yield (
            line["title"],
            scope,
            line["proposed"],
            _("已审核 %(decided)s，采纳 %(accepted)s，双方愿意 %(agreed)s，意向 %(intent)s") % line,
        )
    for line in by_officer(where):
        yield line["name"], scope, line["decided"], _("采纳 %(accepted)s，退回 %(rejected)s") % line
    for line in by_district(where) if not where.region else ():
        yield str(line["region"] or _("未定区市县")), _("区市县"), line["waiting"], _(
            "待审核；已审核 %(decided)s，采纳 %(accepted)s，逾期对接 %(overdue)s，没有采纳成果的需求 %(unanswered)s"
        ) % line  # fmt: skip
