"""Export demands to a watermarked workbook, masked as on the pages of the exporting user."""

from collections.abc import Iterable, Iterator

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.names import knows_name, name_for
from audit.exports import recorded_workbook
from demands.models import Demand

HEADERS = (
    *("编号", "需求名称", "企业名称", "统一社会信用代码", "所属区市县", "企业类型", "产业链", "应用行业", "需求类型"),
    *(
        "主要问题",
        "预期目标",
        "技术指标",
        "现有基础条件",
        "期望合作方式",
        "拟投入资金",
        "需求时限",
        "意向单位",
        "关键词",
    ),
    *("是否匿名发布", "对外名称", "是否愿意揭榜挂帅", "联系人", "联系电话", "邮箱"),
    *("状态", "状态说明", "发布时间", "有效期至"),
)


def export_demands(queryset: QuerySet[Demand], *, by: User) -> bytes:
    """Return an .xlsx of those rows of `queryset` that `by` may see, and record the export.

    Contacts are masked. Anonymous firms are named only for users who manage the demand.
    """
    readable = queryset.filter(pk__in=Demand.objects.visible_to(by).values("pk"))
    rows = list(
        readable.select_related("firm__stat_region", "industry__parent", "contact").prefetch_related("indicators")
    )
    managed = set(Demand.objects.managed_by(by).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    return recorded_workbook("导出技术需求", "技术需求", HEADERS, list(_export_rows(rows, managed, by)), by=by)


def _export_rows(rows: Iterable[Demand], managed: set[int], by: User) -> Iterator[tuple[object, ...]]:
    for demand in rows:
        is_managed = demand.pk in managed
        firm, contact = demand.firm, demand.contact
        names_firm = knows_name(firm, by, demand)

        indicators = demand.indicators.all() if is_managed else demand.public_indicators
        yield (
            demand.public_id,
            _text(demand, "title", is_managed=is_managed),
            name_for(firm, by, demand),
            firm.credit_code if names_firm else "",
            str((firm.stat_region if is_managed else demand.public_region) or ""),
            firm.firm_type if names_firm else "",
            str((demand.industry if is_managed else demand.public_industry) or ""),
            _text(demand, "applied_industry", is_managed=is_managed),
            demand.get_kind_display(),
            _text(demand, "problem", is_managed=is_managed),
            _text(demand, "goal", is_managed=is_managed),
            [str(indicator) for indicator in indicators],
            _text(demand, "conditions", is_managed=is_managed),
            demand.way_labels,
            demand.budget_text,
            _text(demand, "period_text", is_managed=is_managed),
            _text(demand, "intended_partner", is_managed=is_managed),
            _text(demand, "keywords", is_managed=is_managed),
            demand.is_anonymous,
            _text(demand, "public_alias", is_managed=is_managed),
            demand.wants_challenge,
            contact.masked_name if contact and is_managed else "",
            contact.masked_phone if contact and is_managed else "",
            contact.masked_email if contact and is_managed else "",
            demand.get_status_display(),
            demand.status_reason if is_managed else "",
            timezone.localtime(demand.published_at) if demand.published_at else None,
            demand.expires_on,
        )


def _text(demand: Demand, field: str, *, is_managed: bool) -> str:
    if not is_managed:
        return demand.public_text(field)
    value = getattr(demand, field)
    return "、".join(value) if isinstance(value, list) else value
