"""Export of matches to a workbook, without contacts."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from audit.exports import watermark
from audit.services import record
from matching.labels import RESULT_LABELS, offer_text
from matching.models import Match
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


def export_matches(queryset: QuerySet[Match], *, by: User) -> bytes:
    """An .xlsx of those of `queryset` that `by` may see, watermarked, with an audit record.

    Firms are named: callers require the permission `export_match`, which only staff have.
    """
    # Two queries: with one queryset nested in the other, each with its joins, PostgreSQL needed 20 seconds.
    chosen = list(queryset.order_by().values_list("pk", flat=True))
    rows = (
        Match.objects.visible_to(by)
        .filter(pk__in=chosen)
        .select_related("run", "demand__firm__stat_region", "achievement__institution", "reviewed_by")
        .order_by("-score", "pk")
    )
    count = rows.count()
    record("导出匹配", by, by=by, changes={"rows": [None, count]})
    mark = watermark(by, "系统推荐仅供参考")
    return write_workbook("匹配", HEADERS, map(_row, rows.iterator(chunk_size=1000)), watermark=mark)


def _row(match: Match) -> tuple:
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
        [text for fact in match.facts for text in _fact_texts(fact)],
        match.get_status_display(),
        match.get_reject_reason_display(),
        match.review_note,
        str(match.reviewed_by or ""),
        timezone.localtime(match.reviewed_at) if match.reviewed_at else None,
    )


def _fact_texts(fact: dict) -> Iterator[str]:
    """The sentence of a fact, then one text per indicator with the original values of both sides."""
    yield fact["sentence"]
    for row in fact.get("rows", ()):
        offer = offer_text(row) or "未说明"
        yield f"{row['name']}：{RESULT_LABELS[row['result']]}（需求：{row['need']}；成果：{offer}）"
