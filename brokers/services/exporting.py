"""Export the directory to watermarked workbooks with masked contacts, and record the export."""

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from audit.exports import recorded_workbook
from brokers.models import Agency, Broker

AGENCY_HEADERS = (
    *("编号", "机构名称", "统一社会信用代码", "机构类别", "服务类型", "服务领域", "服务区市县", "所在区市县"),
    *("机构简介", "网址", "联系人", "联系电话", "邮箱", "核验时间"),
)
BROKER_HEADERS = (
    *("编号", "姓名", "所属机构", "等级", "证书号", "发证单位", "发证日期", "有效期至", "职称"),
    *("擅长领域", "服务区市县", "联系电话", "邮箱", "执业中"),
)


def export_agencies(queryset: QuerySet[Agency], *, by: User) -> bytes:
    """Return an .xlsx of those agencies of `queryset` that `by` may see."""
    rows = queryset.filter(pk__in=Agency.objects.visible_to(by).values("pk"))
    rows = rows.select_related("organisation__stat_region", "contact").prefetch_related("industries", "regions")
    lines = [
        (
            agency.public_id,
            agency.organisation.name,
            agency.organisation.credit_code,
            agency.get_kind_display(),
            agency.service_labels,
            [str(industry) for industry in agency.industries.all()],
            [str(region) for region in agency.regions.all()],
            str(agency.organisation.stat_region or ""),
            agency.organisation.profile,
            agency.organisation.website,
            agency.contact.masked_name if agency.contact else "",
            agency.contact.masked_phone if agency.contact else "",
            agency.contact.masked_email if agency.contact else "",
            timezone.localtime(agency.verified_at) if agency.verified_at else None,
        )
        for agency in rows
    ]
    return recorded_workbook("导出服务机构", "服务机构", AGENCY_HEADERS, lines, by=by)


def export_brokers(queryset: QuerySet[Broker], *, by: User) -> bytes:
    """Return an .xlsx of those brokers of `queryset` that `by` may see."""
    rows = queryset.filter(pk__in=Broker.objects.visible_to(by).values("pk"))
    rows = rows.select_related("agency__organisation", "contact").prefetch_related("industries", "regions")
    lines = [
        (
            broker.public_id,
            broker.name,
            str(broker.agency or ""),
            broker.get_level_display(),
            broker.certificate_number,
            broker.certified_by,
            broker.issued_on,
            broker.expires_on,
            broker.title,
            [str(industry) for industry in broker.industries.all()],
            [str(region) for region in broker.regions.all()],
            broker.contact.masked_phone if broker.contact else "",
            broker.contact.masked_email if broker.contact else "",
            broker.is_active,
        )
        for broker in rows
    ]
    return recorded_workbook("导出技术经纪人", "技术经纪人", BROKER_HEADERS, lines, by=by)
