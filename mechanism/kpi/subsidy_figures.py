"""Figures of 专项资金: budgets, grants, payouts, what was taken back, and what is left of the payouts."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db.models import DateField, F, Func, Model, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Greatest, Least, TruncDate

from accounts.models import User
from core.scope import scope_of
from mechanism.kpi.contract_parts import ZERO
from mechanism.kpi.definitions import WAN, FigureDefinition
from mechanism.kpi.period import Period
from mechanism.models import Policy, SubsidyApplication, SubsidyBudget, SubsidyPayout, SubsidyRecovery


def _visible(model: type[Model]) -> Callable[[User | None], QuerySet]:
    """For city staff and auditor only: with few applicants, sums would tell what one of them got."""
    rows = model._default_manager
    return lambda user: rows.all() if user is None or scope_of(user).sees_all else rows.none()


class PolicyTitles(Mapping[str, str]):
    """{identifier of a policy: its title} of the policies with a budget. Read when a split is asked for."""

    def _titles(self) -> dict[str, str]:
        rows = Policy.objects.filter(subsidy_budgets__isnull=False).order_by("title", "pk")
        return dict(rows.values_list("public_id", "title"))

    def __iter__(self) -> Iterator[str]:
        return iter(self._titles())

    def __len__(self) -> int:
        return len(self._titles())

    def __getitem__(self, name: str) -> str:
        return self._titles()[name]

    def items(self) -> Any:
        return self._titles().items()


def _day_of_year(month: int, day: int) -> Func:
    parts = (F("year"), Value(month), Value(day))
    return Func(*parts, function="make_date", output_field=DateField())


def _dated(rows: QuerySet, period: Period) -> QuerySet:
    """A budget belongs to its year, from the day on which it was entered."""
    entered = Greatest(_day_of_year(1, 1), TruncDate("created_at"))
    return rows.annotate(counts_on=Least(entered, _day_of_year(12, 31)))


def recovered_until(period: Period) -> Coalesce:
    """万元 of a payout that were taken back by the last counted day of a period."""
    rows = SubsidyRecovery.objects.valid().filter(payout=OuterRef("pk"), received_on__lte=period.as_of)
    sums = rows.order_by().values("payout").annotate(total=Sum("amount_wan")).values("total")
    return Coalesce(Subquery(sums), ZERO)


def _remaining(rows: QuerySet, period: Period) -> QuerySet:
    rows = rows.valid().annotate(recovered_wan=recovered_until(period))
    return rows.annotate(net_wan=F("amount_wan") - F("recovered_wan"))


def _subsidies(key: str, label: str, formula: str, model: type[Model], policy: str, **options: Any) -> FigureDefinition:
    return FigureDefinition(
        key,
        label,
        formula,
        WAN,
        model,
        visible_rows=_visible(model),
        dimensions={"kind": f"{policy}__public_id"},
        kind_labels=PolicyTitles(),
        **options,
    )


BUDGETED = _subsidies(
    "subsidy_budget",
    "专项资金预算",
    "期内列入的专项资金预算之和，按政策分。预算属于它的年度，从录入当天计起；以后调整的，按现在的金额计。",
    SubsidyBudget,
    "policy",
    select_rows=_dated,
    date_field="counts_on",
    amount_field="amount_wan",
)
GRANTED = _subsidies(
    "subsidy_granted",
    "专项资金支持金额",
    "期内决定支持、公示中和已立项的项目（含验收不通过的）的支持金额之和，按政策分；公示后撤销的不计。",
    SubsidyApplication,
    "call__budget__policy",
    select_rows=lambda rows, period: rows.committing(),
    date_field="decided_at",
    is_datetime=True,
    amount_field="granted_wan",
    audited_fields=frozenset({"status", "granted_wan"}),
)
PAID_OUT = _subsidies(
    "subsidy_paid",
    "专项资金拨付",
    "期内拨付、没有划去的各笔金额之和，按政策分。后来收回的仍计在这里，另列在“专项资金收回”。",
    SubsidyPayout,
    "application__call__budget__policy",
    select_rows=lambda rows, period: rows.valid(),
    date_field="paid_on",
    amount_field="amount_wan",
    audited_fields=frozenset({"struck_at"}),
)
RECOVERED = _subsidies(
    "subsidy_recovered",
    "专项资金收回",
    "期内退回到账、没有划去的各笔收回金额之和，按政策分。",
    SubsidyRecovery,
    "payout__application__call__budget__policy",
    select_rows=lambda rows, period: rows.valid(),
    date_field="received_on",
    amount_field="amount_wan",
    audited_fields=frozenset({"struck_at"}),
)
REMAINING = _subsidies(
    "subsidy_net",
    "专项资金拨付净额",
    "期内拨付的各笔金额，减去到期末为止对这些拨付的收回，按政策分。期末以后才收回的不改变这一期的数。",
    SubsidyPayout,
    "application__call__budget__policy",
    select_rows=_remaining,
    date_field="paid_on",
    amount_field="net_wan",
    audited_fields=frozenset({"struck_at"}),
)
FIGURES = (BUDGETED, GRANTED, PAID_OUT, RECOVERED, REMAINING)
