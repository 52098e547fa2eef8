"""Figures of a round's report about the deals and contracts that came from its meetings.

The rows, parts and definitions are those of the registry; the report only groups them by its own meetings.
"""

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from deals.models import Contract, Deal
from mechanism.kpi.contract_parts import UNPAID_WAN, between_related
from mechanism.kpi.registry import FIGURES
from rounds.report.figures import RecordKind, ReportFigure, groups, with_talk_industry


def _deals() -> QuerySet:
    rows = FIGURES["intent_money"].select_rows(Deal.objects.exclude(meeting=None), None)
    return with_talk_industry(rows, "meeting__")


def _contracts() -> QuerySet:
    """The contracts that count in the city's turnover, also those of sellers elsewhere: the round brought them too."""
    rows = Contract.objects.exclude(deal__meeting=None).turnover()
    related = ExpressionWrapper(between_related("seller", "buyer", "registered_on"), output_field=BooleanField())
    rows = rows.annotate(unpaid_wan=UNPAID_WAN, is_related=related)
    return with_talk_industry(rows, "deal__meeting__")


KINDS = {
    "deal": RecordKind(
        _deals,
        groups("meeting__firm_party__organisation", "meeting__institution_party__organisation", True),
        "meeting__docking_round",
    ),
    "contract": RecordKind(
        _contracts,
        groups("deal__meeting__firm_party__organisation", "deal__meeting__institution_party__organisation", True),
        "deal__meeting__docking_round",
    ),
}
REPORT_FIGURES = {
    "deals": ReportFigure("deal", "会后成交项目", "项", "由本场洽谈建立、双方都已确认的成交项目，不含未成的", Q()),
    "signed_sum": ReportFigure(
        "deal",
        "会后签约金额",
        "万元",
        "由本场洽谈建立、双方都已确认的成交项目的签约金额之和，不含未成的",
        Q(),
        money="signed_wan",
    ),
    "contract_sum": ReportFigure(
        "contract",
        "已登记合同成交额",
        "万元",
        "由本场洽谈形成、已认定登记、名单列出或双方确认的技术合同的成交额之和，全部是平台促成",
        Q(),
        money="amount_wan",
    ),
    "contract_unpaid": ReportFigure(
        "contract",
        "其中未到账",
        "万元",
        "已登记合同成交额减去付款方和收款方都已确认、没有划去的到账",
        Q(unpaid_wan__gt=0),
        money="unpaid_wan",
    ),
    "contract_related": ReportFigure(
        "contract",
        "其中关联",
        "万元",
        "已登记合同成交额中，买卖双方是同一单位或者登记为关联单位的",
        Q(is_related=True),
        money="amount_wan",
    ),
}
