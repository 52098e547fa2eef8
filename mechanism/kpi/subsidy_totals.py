"""Totals of 专项资金 for each budget: applied for, granted, paid, taken back, and the contracts behind it.

Grants, payouts and recoveries are the rows and amounts of the figures in `subsidy_figures`, split by budget.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from deals.models import Contract
from mechanism.kpi.aggregation import AggregationRequest, aggregate_rows
from mechanism.kpi.definitions import FigureDefinition
from mechanism.kpi.period import year_period
from mechanism.kpi.subsidy_figures import GRANTED, PAID_OUT, RECOVERED
from mechanism.kpi.totals import Totals
from mechanism.models import SubsidyApplication, SubsidyBudget, SubsidyPayout

Status = SubsidyApplication.Status
ZERO = Decimal(0)


@dataclass(frozen=True)
class SubsidyTotals:
    """Amounts in 万元. paid_wan: with what was taken back, which is recovered_wan; net_wan: without it.

    contracts, contract_wan: the different contracts behind the grants that count as turnover now, and their 合同成交额.
    """

    budget: SubsidyBudget
    applied: int
    applied_wan: Decimal
    granted: int
    granted_wan: Decimal
    committed_wan: Decimal
    paid_wan: Decimal
    recovered_wan: Decimal
    passed: int
    contracts: int
    contract_wan: Decimal

    @property
    def left_wan(self) -> Decimal:
        return self.budget.amount_wan - self.committed_wan

    @property
    def net_wan(self) -> Decimal:
        return self.paid_wan - self.recovered_wan


def totals_of(budgets: Iterable[SubsidyBudget]) -> list[SubsidyTotals]:
    """Totals of each budget. Six queries, however many budgets."""
    budgets = list(budgets)
    keys = [budget.pk for budget in budgets]
    received = Q(submitted_at__isnull=False) & ~Q(status=Status.WITHDRAWN)
    rows = SubsidyApplication.objects.filter(call__budget__in=keys).order_by()
    applied = {
        row["call__budget"]: row
        for row in rows.values("call__budget").annotate(
            applied=Count("pk", filter=received),
            applied_wan=Sum("requested_wan", filter=received),
            passed=Count("pk", filter=Q(status=Status.PASSED)),
        )
    }
    granted = _by_budget(GRANTED, "call__budget", keys)
    failed = _by_budget(GRANTED, "call__budget", keys, status=Status.FAILED)
    paid = _by_budget(PAID_OUT, "application__call__budget", keys)
    paid_of_failed = _by_budget(PAID_OUT, "application__call__budget", keys, application__status=Status.FAILED)
    recovered = _by_budget(RECOVERED, "payout__application__call__budget", keys)
    contracts = _contracts_behind(keys)
    none = Totals()
    totals = []
    for budget in budgets:
        key = budget.pk
        grants, back = granted.get(key, none), recovered.get(key, none).total
        promised = grants.total - failed.get(key, none).total + paid_of_failed.get(key, none).total
        row: dict[str, Any] = applied.get(key, {})
        behind = contracts.get(key, {})
        totals.append(
            SubsidyTotals(
                budget,
                applied=row.get("applied") or 0,
                applied_wan=row.get("applied_wan") or ZERO,
                granted=grants.rows,
                granted_wan=grants.total,
                committed_wan=promised - back,
                paid_wan=paid.get(key, none).total,
                recovered_wan=back,
                passed=row.get("passed") or 0,
                contracts=len(behind),
                contract_wan=sum(behind.values(), ZERO),
            )
        )
    return totals


def _by_budget(figure: FigureDefinition, budget: str, keys: list[int], **conditions: str) -> dict[object, Totals]:
    """{budget: totals of the figure's rows of all periods}; `budget`: lookup from a row. One query."""
    period = year_period(timezone.localdate().year)
    rows = figure.select_rows(figure.visible_rows(None), period).filter(**{f"{budget}__in": keys}, **conditions)
    return dict(aggregate_rows(rows, [AggregationRequest(figure, F(budget), with_parts=False)])[0].totals_by_value)


def _contracts_behind(budgets: list[int]) -> dict[int, dict[int, Decimal]]:
    """{budget: {contract: 合同成交额 in 万元}}, each contract once, also if both its sides are supported."""
    behind: dict[int, dict[int, Decimal]] = {}
    applications = SubsidyApplication.objects.committing().filter(call__budget__in=budgets)
    rows = Contract.objects.turnover().filter(subsidy_applications__in=applications)
    for budget, contract, amount in rows.values_list("subsidy_applications__call__budget", "pk", "amount_wan"):
        if budget in budgets:
            behind.setdefault(budget, {})[contract] = amount or ZERO
    return behind


def committed_wan(budget: SubsidyBudget) -> Decimal:
    """What of the budget is spent or promised, in 万元: grants, of failed projects payouts, less what came back."""
    return totals_of([budget])[0].committed_wan


def paid_wan(application: SubsidyApplication) -> Decimal:
    """What was paid out on an application and not struck, in 万元."""
    return (
        SubsidyPayout.objects.valid().filter(application=application).aggregate(paid=Sum("amount_wan"))["paid"] or ZERO
    )


def recovered_wan(payout: SubsidyPayout) -> Decimal:
    """What of a payout was taken back and not struck, in 万元."""
    return payout.recoveries.valid().aggregate(back=Sum("amount_wan"))["back"] or ZERO
