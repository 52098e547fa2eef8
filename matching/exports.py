"""Matches as a workbook, for staff who may see them; contacts are not in it."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.exports import watermark
from audit.services import record
from matching.models import Match
from matching.wordings import RESULTS
from sheets.writing import write_workbook

HEADERS = (
    *(
        "批次",
        "名次",
        "匹配度",
        "需求名称",
        "企业",
        "区市县",
        "成果名称",
        "院校",
        "入库编号",
        "推荐理由",
        "共同术语",
        "相关术语",
        "事实比对",
    ),
    *("状态", "退回原因", "审核意见", "审核人", "审核时间"),
)


def export_matches(queryset: QuerySet, *, by) -> bytes:
    """An .xlsx of those of `queryset` that `by` may see, watermarked and written down in the trail.

    Firms stand there by name: the door is for staff (permission export_match), who see only their own district's.
    """
    # The rows are named by number: one condition within the other, each with its joins, took PostgreSQL 20 seconds.
    chosen = list(queryset.order_by().values_list("pk", flat=True))
    rows = (
        Match.objects.visible_to(by)
        .filter(pk__in=chosen)
        .select_related("run", "demand__firm__stat_region", "achievement__institution", "reviewed_by")
        .order_by("-score", "pk")
    )
    count = rows.count()
    record(_("导出匹配"), by, by=by, changes={"rows": [None, count]})
    mark = watermark(by, _("系统推荐仅供参考"))
    return write_workbook(_("匹配"), HEADERS, map(_line, rows.iterator(chunk_size=1000)), watermark=mark)


def _line(match: Match) -> tuple:
    region = match.demand.firm.stat_region
    return (
        match.run.title,
        match.rank,
        round(match.score),
        match.demand.title,
        match.demand.firm.name,
        region.name if region else "",
        match.achievement.title,
        match.achievement.institution.name,
        match.achievement.registry_number,
        match.verdict,
        match.shared_terms,
        match.related_terms,
        [line for fact in match.facts for line in _told(fact)],
        match.get_status_display(),
        match.get_reject_reason_display(),
        match.review_note,
        str(match.reviewed_by or ""),
        timezone.localtime(match.reviewed_at) if match.reviewed_at else None,
    )


def _told(fact: dict) -> Iterator[str]:
    """A fact's sentence and, of the one about indicators, each with both originals."""
    yield fact["sentence"]
    for row in fact.get("rows", ()):
        yield f"{row['name']}：{RESULTS[row['result']]}（需求：{row['need']}；成果：{row['offer'] or _('未说明')}）"
