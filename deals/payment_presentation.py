"""What pages show of money: the payment plan of a contract, and how far each payment is on its way to count."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils import timezone

from deals.models import Contract, Instalment, Landing, Payment

State = Instalment.State
STATE_BADGES = {State.PAID: "b-ok", State.PARTLY: "b-go", State.PLANNED: "plain", State.OVERDUE: "b-no"}


@dataclass(frozen=True)
class PlanLine:
    instalment: Instalment
    state: str
    badge: str


@dataclass(frozen=True)
class PaymentPlan:
    """Amounts in 万元; `unplanned_wan`: what of the contract is in no instalment."""

    lines: list[PlanLine] = field(default_factory=list)
    planned_wan: Decimal = Decimal(0)
    paid_wan: Decimal = Decimal(0)
    unplanned_wan: Decimal | None = None


def payment_plan(contract: Contract) -> PaymentPlan:
    """The instalments with their states as of today. Two queries."""
    rows = list(contract.instalments.with_paid().select_related("made_by"))
    today = timezone.localdate()
    lines = []
    for row in rows:
        state = State(row.state_on(today))
        lines.append(PlanLine(row, state.label, STATE_BADGES.get(state, "plain")))
    planned = sum((row.amount_wan for row in rows if row.withdrawn_at is None), Decimal(0))
    paid = rows[0].paid_wan if rows else Decimal(0)
    unplanned = None if contract.amount_wan is None else contract.amount_wan - planned
    return PaymentPlan(lines, planned, paid, unplanned)


def evidence_state(row: Payment | Landing) -> tuple[str, str]:
    """(text, class of the badge): what a payment or landing still needs to count. `row.answers` are set."""
    if isinstance(row, Landing) and row.kind != Landing.Kind.COMPANY:
        return "", ""
    if row.is_refused:
        return "核实不符，不计入", "b-no"
    if isinstance(row, Payment) and row.voucher_id is None:
        return "缺凭证，不计入", "b-wait"
    if isinstance(row, Landing) and not row.credit_code:
        return "缺公司登记信息，不计入", "b-wait"
    if row.is_checked:
        return "登记部门已核实", "b-ok"
    return "待登记部门核实", "b-wait"


def sides_text(row: Payment | Landing) -> str:
    """单方, as long as only one of the two sides says so."""
    sides = [answer for answer in row.answers if answer.role in ("seller", "buyer")]
    standing = [answer for answer in sides if answer.is_standing]
    if any(answer.is_blocking for answer in sides):
        return "有异议"
    if len(standing) == 1:
        return f"单方（只有{standing[0].get_role_display()}确认）"
    return "" if standing else "双方都未确认"


def set_states(rows: Iterable[Payment | Landing]) -> None:
    """Set `state`, `state_badge` and `sides` for a page."""
    for row in rows:
        row.state, row.state_badge = evidence_state(row)
        row.sides = sides_text(row)
