"""Export achievements to a watermarked workbook with masked contacts."""

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from audit.exports import watermark
from audit.services import record
from sheets.writing import write_workbook

HEADERS = (
    *(
        "入库编号",
        "成果名称",
        "第一完成单位",
        "合作单位",
        "负责人",
        "完成人",
        "成果类别",
        "成果体现形式",
        "产业链",
        "学科",
    ),
    *(
        "关键词",
        "成果简介",
        "技术指标",
        "技术要点与创新点",
        "应用场景",
        "适用边界",
        "知识产权",
        "所处阶段",
        "成熟度",
        "成果水平",
    ),
    *("拟转化方式", "意向价格", "是否可先使用后付费", "转化意愿", "状态", "联系人", "联系电话", "入库时间", "有效期至"),
)


def export_achievements(queryset: QuerySet[Achievement], *, by: User | AnonymousUser) -> bytes:
    """Return an .xlsx of those rows of `queryset` that `by` may see, and record who exported how many.

    Raises PermissionDenied for anonymous users.
    """
    if not by.is_authenticated:
        raise PermissionDenied("请登录后再导出。")
    rows = (
        Achievement.objects.visible_to(by)
        .filter(pk__in=queryset.order_by().values("pk"))
        .select_related("institution", "industry", "contact")
        .prefetch_related("indicators", "intellectual_property", "completers")
        .order_by("pk")
    )
    count = rows.count()
    mark = watermark(by, "共 %(count)d 项，联系方式已隐去" % {"count": count})
    record("导出成果", by, by=by, changes={"count": [None, count]})
    return write_workbook("科技成果", HEADERS, map(_export_row, rows.iterator(chunk_size=1000)), watermark=mark)


def _export_row(row: Achievement) -> tuple[object, ...]:
    contact = row.contact
    return (
        row.registry_number,
        row.title,
        row.institution.name,
        row.partner_names,
        row.lead_person,
        [f"{person.name}（{person.unit}）" if person.unit else person.name for person in row.completers.all()],
        row.get_category_display(),
        row.get_form_display(),
        row.industry.name,
        row.discipline,
        row.keywords,
        row.summary,
        [indicator.sheet_text for indicator in row.indicators.all()],
        row.innovation,
        row.scenario,
        row.limits,
        [str(right) for right in row.intellectual_property.all()],
        row.get_stage_display(),
        f"{row.get_maturity_scale_display()} {row.maturity_level} 级" if row.maturity_level else "",
        row.get_standing_display(),
        row.way_labels,
        row.price_text,
        row.pay_later,
        row.get_willingness_display(),
        row.get_status_display(),
        contact.masked_name if contact else "",
        contact.masked_phone if contact else "",
        timezone.localtime(row.registered_at) if row.registered_at else None,
        row.expires_on,
    )
