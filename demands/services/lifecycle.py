"""The lifecycle of a published demand: docking, solved, challenge, tracking, closed, reopened."""

from django.core.exceptions import ValidationError

from accounts.models import Organisation, User
from core.plain_text import clean_reason
from demands.models import Demand
from demands.models.standing import SOLUTION_NOTE_LENGTH, Solution
from demands.permissions import manages, owns_or_manages
from demands.services.pauses import exposure_objection
from demands.services.transitions import Status, Transition, bulk_change_status, change_status, raise_if_skipped
from sheets.cells import clean_text

CHOSEN_SOLUTIONS = tuple(choice for choice in Solution if choice != Solution.CONTRACT)


def _checked_by_caller(by: User, firm: Organisation) -> bool:
    return True


def start_docking(demand: Demand, *, by: User) -> None:
    """已发布 or 长期跟踪 → 对接中: talks with an institution have begun."""
    change_status(
        demand, Transition("开始对接", (Status.PUBLISHED, Status.TRACKING), Status.DOCKING, owns_or_manages), by=by
    )


def mark_solved(
    demand: Demand, *, by: User, solution: str = "", solver: Organisation | None = None, note: str = ""
) -> None:
    """Any status in OPEN, or 暂停 → 已解决, with what the firm says of it: a `Solution`, the institution, a note.

    That a contract solved it is said only by `settle_demand`.
    """
    if solution and solution not in CHOSEN_SOLUTIONS:
        raise ValidationError({"solution": "请选择需求是怎样解决的。"})
    if solver and solver.kind != Organisation.Kind.INSTITUTION:
        raise ValidationError({"solver": "请选择一个院所；其他供应商请写在说明里。"})
    if not solution and (solver or note.strip()):
        raise ValidationError({"solution": "请先选择需求是怎样解决的。"})
    note = clean_text(note)
    if len(note) > SOLUTION_NOTE_LENGTH:
        raise ValidationError({"note": "说明有 %d 个字，最多 %d 个字，请精简。" % (len(note), SOLUTION_NOTE_LENGTH)})
    change_status(
        demand,
        Transition("标为已解决", Demand.REVISABLE, Status.SOLVED, owns_or_manages),
        by=by,
        solution=solution,
        solver=solver,
        solution_note=note,
    )


def settle_demand(demand: Demand, *, by: User | None, solver: Organisation | None = None) -> None:
    """`mark_solved` by a contract that counts, also of a challenge. The calling deal service checks permissions."""
    sources = (*Demand.REVISABLE, Status.CHALLENGE)
    transition = Transition("标为已解决", sources, Status.SOLVED, _checked_by_caller)
    result = bulk_change_status([demand], transition, by=by, solution=Solution.CONTRACT, solver=solver)
    raise_if_skipped(result, demand)


def unsettle_demand(demand: Demand, *, by: User | None, reason: str) -> None:
    """`revert_solved` when no contract counts any more. The calling deal service checks permissions."""
    reason = clean_reason(reason, "合同登记已注销")
    transition = Transition("撤回已解决", (Status.SOLVED,), Status.DOCKING, _checked_by_caller)
    raise_if_skipped(bulk_change_status([demand], transition, by=by, reason=reason), demand)


def revert_solved(demand: Demand, *, by: User, reason: str) -> None:
    """已解决 → 对接中, with a reason: by staff, or by the firm unless a registered contract solved it."""
    reason = clean_reason(reason, "试用后没有达到指标，继续寻找")

    def objection(demand: Demand) -> str:
        if demand.solution != Solution.CONTRACT or manages(by, demand.firm):
            return exposure_objection(demand)
        return "这项需求由登记的技术合同解决。合同有变化时，请联系区县科技部门。"

    transition = Transition("撤回已解决", (Status.SOLVED,), Status.DOCKING, owns_or_manages)
    change_status(demand, transition, by=by, reason=reason, objection=objection)


def convert_to_challenge(demand: Demand, *, by: User) -> None:
    """Any status in OPEN → 转揭榜挂帅, if the firm has agreed (`wants_challenge`)."""

    def objection(demand: Demand) -> str:
        return "" if demand.wants_challenge else "企业没有表示愿意揭榜挂帅，请先与企业确认并修改需求。"

    change_status(demand, Transition("转揭榜挂帅", Demand.OPEN, Status.CHALLENGE), by=by, objection=objection)


def put_on_challenge(demand: Demand, *, by: User) -> None:
    """→ 转揭榜挂帅, because its call is published: the firm has agreed to it. The calling service checks permissions.

    Nothing if the demand is there already.
    """
    if demand.status == Status.CHALLENGE:
        return
    transition = Transition("转揭榜挂帅", Demand.OPEN, Status.CHALLENGE, _checked_by_caller)
    raise_if_skipped(bulk_change_status([demand], transition, by=by, wants_challenge=True), demand)


def return_from_challenge(demand: Demand, *, by: User, reason: str) -> None:
    """转揭榜挂帅 → 长期跟踪: the call ended without a winner, so that the demand takes part in matching again."""
    reason = clean_reason(reason, "没有合格的揭榜方案")
    transition = Transition("撤榜", (Status.CHALLENGE,), Status.TRACKING, _checked_by_caller)
    raise_if_skipped(bulk_change_status([demand], transition, by=by, reason=reason), demand)


def track_demand(demand: Demand, *, by: User, reason: str = "") -> None:
    """已发布 or 对接中 → 长期跟踪: no solution yet; it stays in matching."""
    reason = clean_reason(reason, "暂无合适的成果") if reason.strip() else ""
    change_status(
        demand, Transition("转长期跟踪", (Status.PUBLISHED, Status.DOCKING), Status.TRACKING), by=by, reason=reason
    )


def return_to_diagnosis(demand: Demand, *, by: User, reason: str = "") -> None:
    """已发布 or 长期跟踪 → 需求诊断中: staff clarify with the firm what it needs. Not public until published again."""
    reason = clean_reason(reason, "请说明电池的工作温度") if reason.strip() else ""
    transition = Transition("转需求诊断", (Status.PUBLISHED, Status.TRACKING), Status.DIAGNOSIS)
    change_status(demand, transition, by=by, reason=reason)


def restore_status(demand: Demand, *, changed_to: Demand.Status, before: Demand.Status, by: User) -> None:
    """Undo a change of an open demand to `changed_to`, a moment ago. Raises ValidationError if it has changed since."""
    if before not in Demand.OPEN:
        raise ValidationError("需求不能恢复到原来的状态，请在需求页面处理。")
    change_status(demand, Transition("恢复原来的状态", (changed_to,), before), by=by)


def close_demand(demand: Demand, *, by: User, reason: str) -> None:
    """Any status but 已解决 → 已关闭, with a reason, by the firm or staff. It is no longer public."""
    sources = tuple(status for status in Status if status not in (Status.SOLVED, Status.CLOSED))
    reason = clean_reason(reason, "企业已自行解决")
    change_status(demand, Transition("关闭", sources, Status.CLOSED, owns_or_manages), by=by, reason=reason)


def reopen_demand(demand: Demand, *, by: User) -> None:
    """已关闭 → 草稿, to be reviewed again. Raises ValidationError if the firm has another demand with this title."""
    change_status(demand, Transition("重新打开", (Status.CLOSED,), Status.DRAFT, owns_or_manages), by=by)
