"""Excel workbooks of the lists, with the columns and the rows that the user sees there."""

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.models import User
from audit.exports import recorded_workbook
from deals.lists.filters import ContractFilter, DealFilter
from deals.lists.sums import ListSum, contract_sums, deal_money, deal_sums
from deals.models import Contract, Deal

MAX_ROWS = 10_000
DEAL_HEADERS = (
    *("项目名称", "阶段", "进入该阶段", "来源", "转让方", "受让方", "受让方区市县", "技术经纪人"),
    *("意向金额（万元）", "签约金额（万元）", "登记成交额（万元）", "到账金额（万元）"),
)
CONTRACT_HEADERS = (
    *("登记编号", "合同名称", "合同类别", "状态", "卖方", "卖方统计归口", "买方", "买方统计归口"),
    *("合同成交额（万元）", "核定技术交易额（万元）", "是否计入统计", "签订日期", "登记日期"),
)


def export_deals(deals: QuerySet[Deal], chosen: DealFilter, *, by: User) -> bytes:
    """An .xlsx of the rows; the audit trail records it. Raises ValidationError for too many rows."""
    _check_number(deals)
    rows = list(deals.order_by(*chosen.ordering))
    money = deal_money(rows)
    cells = [
        (
            *(deal.name, deal.get_stage_display(), deal.stage_on, deal.get_origin_display()),
            *(deal.seller_label, deal.buyer_label, _region(deal), str(deal.broker or "")),
            *(deal.intent_wan, deal.signed_wan, money[deal.pk].registered_wan, money[deal.pk].received_wan),
        )
        for deal in rows
    ]
    return recorded_workbook(
        "导出成交项目", "成交项目", DEAL_HEADERS, cells, by=by, notes=_notes(chosen, deal_sums(deals))
    )


def export_contracts(contracts: QuerySet[Contract], chosen: ContractFilter, *, by: User) -> bytes:
    """An .xlsx of the rows; the audit trail records it. Raises ValidationError for too many rows."""
    _check_number(contracts)
    rows = list(contracts.select_related("seller_region", "buyer_region").order_by(*chosen.ordering))
    counted = set(Contract.objects.turnover().filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    cells = [
        (
            *(row.number, row.name, row.get_kind_display(), row.get_status_display()),
            *(row.seller_name, str(row.seller_region or ""), row.buyer_name, str(row.buyer_region or "")),
            *(row.amount_wan, row.tech_amount_wan, row.pk in counted, row.signed_on, row.registered_on),
        )
        for row in rows
    ]
    notes = _notes(chosen, contract_sums(contracts))
    return recorded_workbook("导出技术合同", "技术合同", CONTRACT_HEADERS, cells, by=by, notes=notes)


def _check_number(rows: QuerySet) -> None:
    if (number := rows.order_by().count()) > MAX_ROWS:
        raise ValidationError(
            f"符合条件的有 {number} 项，一次最多导出 {MAX_ROWS} 项，请再缩小范围，例如按年或按区市县。"
        )


def _region(deal: Deal) -> str:
    return str((deal.buyer and deal.buyer.stat_region) or "")


def _notes(chosen: DealFilter | ContractFilter, sums: list[ListSum]) -> list[str]:
    filters = "，".join(chosen.descriptions)
    totals = "；".join(f"{total.label} {total.amount_wan:,.2f} 万元（{total.rows} 项）" for total in sums)
    return [f"条件：{filters or '全部'}", f"本列表合计：{totals}。各种金额口径不同，不相加。"]
