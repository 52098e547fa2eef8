"""Totals of 专项资金: what of a budget was applied for, granted and paid, and the contracts behind it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, Count, F, Q, Sum, When

from deals.models import Contract
from mechanism.models import SubsidyApplication, SubsidyBudget, SubsidyPayout

Status = SubsidyApplication.Status
ZERO = Decimal(0)


@dataclass(frozen=True)
class SubsidyTotals:
    """Amounts in 万元. contracts, contract_wan: the different contracts behind the grants that count as turnover now,
    and their 合同成交额.
    """

    budget: SubsidyBudget
    applied: int
    applied_wan: Decimal
    granted: int
    granted_wan: Decimal
    committed_wan: Decimal
    paid_wan: Decimal
    passed: int
    contracts: int
    contract_wan: Decimal

    @property
    def left_wan(self) -> Decimal:
        return self.budget.amount_wan - self.committed_wan


def totals_of(budgets: Iterable[SubsidyBudget]) -> list[SubsidyTotals]:
    """Totals of each budget. Three queries, however many budgets."""
    budgets = list(budgets)
    keys = [budget.pk for budget in budgets]
    received = Q(submitted_at__isnull=False) & ~Q(status=Status.WITHDRAWN)
    granted = Q(status__in=SubsidyApplication.COMMITTING)
    rows = SubsidyApplication.objects.filter(call__budget__in=keys).order_by()
    counted = {
        row["call__budget"]: row
        for row in rows.values("call__budget").annotate(
            applied=Count("pk", filter=received),
            applied_wan=Sum("requested_wan", filter=received),
            grants=Count("pk", filter=granted),
            all_wan=Sum("granted_wan", filter=granted),
            full_wan=Sum("granted_wan", filter=granted & ~Q(status=Status.FAILED)),
            passed=Count("pk", filter=Q(status=Status.PASSED)),
        )
    }
    payouts = SubsidyPayout.objects.valid().filter(application__call__budget__in=keys).order_by()
    of_failed = Case(When(application__status=Status.FAILED, then=F("amount_wan")))
    paid = {
        row["application__call__budget"]: row
        for row in payouts.values("application__call__budget").annotate(
            paid_wan=Sum("amount_wan"), failed_wan=Sum(of_failed)
        )
    }
    contracts = _contracts_behind(keys)
    return [
        _totals(budget, counted.get(budget.pk, {}), paid.get(budget.pk, {}), contracts.get(budget.pk, {}))
        for budget in budgets
    ]


def _totals(budget: SubsidyBudget, counted: dict, paid: dict, contracts: dict[int, Decimal]) -> SubsidyTotals:
    return SubsidyTotals(
        budget,
        applied=counted.get("applied") or 0,
        applied_wan=counted.get("applied_wan") or ZERO,
        granted=counted.get("grants") or 0,
        granted_wan=counted.get("all_wan") or ZERO,
        committed_wan=(counted.get("full_wan") or ZERO) + (paid.get("failed_wan") or ZERO),
        paid_wan=paid.get("paid_wan") or ZERO,
        passed=counted.get("passed") or 0,
        contracts=len(contracts),
        contract_wan=sum(contracts.values(), ZERO),
    )


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
    """What of the budget is spent or promised, in 万元: grants, and of failed projects what was paid."""
    return totals_of([budget])[0].committed_wan


def paid_wan(application: SubsidyApplication) -> Decimal:
    """What was paid out on an application and not struck, in 万元."""
    return (
        SubsidyPayout.objects.valid().filter(application=application).aggregate(paid=Sum("amount_wan"))["paid"] or ZERO
    )
