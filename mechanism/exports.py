"""Funds with their investments as a watermarked workbook, recorded in the audit trail."""

from django.db.models import QuerySet

from accounts.models import User
from audit.exports import recorded_workbook
from mechanism.models import Fund

HEADERS = (
    *("基金名称", "类别", "管理人", "认缴规模（万元）", "实缴规模（万元）", "投资领域", "设立日期", "存续期至", "说明"),
    *("投资笔数", "投资合计（万元）"),
)


def export_funds(queryset: QuerySet, *, by: User) -> bytes:
    """An .xlsx of the funds of `queryset` that `by` may see."""
    rows = queryset.filter(pk__in=Fund.objects.visible_to(by).values("pk")).prefetch_related("focus", "investments")
    lines = [
        (
            fund.name,
            fund.get_kind_display(),
            fund.manager,
            fund.subscribed_wan,
            fund.paid_in_wan,
            [str(industry) for industry in fund.focus.all()],
            fund.valid_from,
            fund.valid_to,
            fund.note,
            len(fund.investments.all()),
            sum(investment.amount_wan for investment in fund.investments.all()),
        )
        for fund in rows
    ]
    return recorded_workbook("导出基金", "基金", HEADERS, lines, by=by, purpose="仅供工作使用")
