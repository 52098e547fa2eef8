"""Figures of a round's report about the deals and contracts that came from its meetings."""

from django.db.models import Q, QuerySet

from deals.models import Contract, Deal
from rounds.report.figures import RecordKind, ReportFigure, groups, with_industry

ACTIVE = ~Q(stage=Deal.Stage.FAILED)


def _with_industry_of_meeting(rows: QuerySet, path: str) -> QuerySet:
    return with_industry(rows, f"{path}match__achievement__")


KINDS = {
    "deal": RecordKind(
        lambda: _with_industry_of_meeting(Deal.objects.exclude(meeting=None).confirmed_by_all_parties(), "meeting__"),
        groups("meeting__firm_party__organisation", "meeting__institution_party__organisation", True),
        "meeting__docking_round",
    ),
    "contract": RecordKind(
        lambda: _with_industry_of_meeting(Contract.objects.exclude(deal__meeting=None).turnover(), "deal__meeting__"),
        groups("deal__meeting__firm_party__organisation", "deal__meeting__institution_party__organisation", True),
        "deal__meeting__docking_round",
    ),
}
FIGURES = {
    "deals": ReportFigure("deal", "会后成交项目", "项", "由本场洽谈建立、双方都已确认的成交项目，不含未成的", ACTIVE),
    "signed_sum": ReportFigure(
        "deal", "会后签约金额", "万元", "由本场洽谈建立、双方都已确认的成交项目的签约金额之和，不含未成的",
        ACTIVE, money="signed_wan",
    ),
    "contract_sum": ReportFigure(
        "contract", "已登记合同成交额", "万元", "由本场洽谈形成、已认定登记、名单列出或双方确认的技术合同的成交额之和",
        Q(status=Contract.Status.REGISTERED), money="amount_wan",
    ),
}  # fmt: skip
