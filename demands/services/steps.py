"""How a demand moves from one state to the next, one at a time or many at once.

Every step locks its rows and is one UPDATE conditional on their own columns: of two opposite clicks one wins, and the
other is told what the demand has become meanwhile.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import record_many
from demands.masking import leaks
from demands.models import Demand
from demands.scope import check_scope, manages, owns_or_manages

Status = Demand.Status
SHOWN_FOR = timedelta(days=365)
"""How long a published demand is shown when nobody says otherwise."""


class Refusal(NamedTuple):
    demand: Demand
    message: str


class StepResult(NamedTuple):
    """What a step on many demands did: those it moved, and why it left the others alone."""

    moved: list[Demand]
    refusals: list[Refusal]


@dataclass(frozen=True)
class Step:
    """One verb: from which states to which, and who may say it."""

    action: str
    sources: tuple[Status, ...]
    target: Status
    allowed: Callable = manages


def submit_demand(demand: Demand, *, by) -> None:
    """草稿 → 待区县初审, by the firm or by staff in its place."""
    _take(demand, _submission(), by=by)


def submit_demands(demands: QuerySet | Iterable[Demand], *, by) -> StepResult:
    """As `submit_demand`, for many, in a constant number of queries. Those refused are listed with their reason."""
    return move_many(demands, _submission(), by=by)


def return_demand(demand: Demand, *, by, reason: str) -> None:
    """Give it back to the firm as a draft, with the reason that the firm reads."""
    step = Step(_("退回"), (Status.DISTRICT_REVIEW, Status.DIAGNOSIS), Status.DRAFT)
    _take(demand, step, by=by, reason=checked_reason(reason, _("技术指标不明确，请补充数值和单位")))


def start_diagnosis(demand: Demand, *, by) -> None:
    """待区县初审 → 需求诊断中: staff work out with the firm what is really needed."""
    _take(demand, Step(_("进入诊断"), (Status.DISTRICT_REVIEW,), Status.DIAGNOSIS), by=by)


def publish_demand(demand: Demand, *, by, expires_on: date | None = None) -> None:
    """The district's first review is passed: everybody may read it, for a year unless `expires_on` says otherwise.

    Raises ValidationError when an anonymous firm's name stands in a published field (it names the field), when the
    last day has passed, and in any state but 待区县初审 and 需求诊断中.
    """
    check_scope(manages, demand, by)
    _only(publish_demands([demand], by=by, expires_on=expires_on), demand)


def publish_demands(demands: QuerySet | Iterable[Demand], *, by, expires_on: date | None = None) -> StepResult:
    """As `publish_demand`, for many, in a constant number of queries. Those refused are listed with their reason."""
    today = timezone.localdate()
    last_day = expires_on or today + SHOWN_FOR
    step = Step(_("初审通过并发布"), (Status.DISTRICT_REVIEW, Status.DIAGNOSIS), Status.PUBLISHED)
    dates = {
        "published_at": timezone.now(),
        "expires_on": last_day if expires_on else Coalesce("expires_on", last_day),
    }
    return move_many(demands, step, by=by, objection=lambda demand: _unfit(demand, expires_on, today), **dates)


def start_docking(demand: Demand, *, by) -> None:
    """已发布 or 长期跟踪 → 对接中: somebody who may solve it is at the table."""
    _take(demand, Step(_("开始对接"), (Status.PUBLISHED, Status.TRACKING), Status.DOCKING, owns_or_manages), by=by)


def mark_solved(demand: Demand, *, by) -> None:
    """Any open state → 已解决."""
    _take(demand, Step(_("标为已解决"), Demand.OPEN, Status.SOLVED, owns_or_manages), by=by)


def take_back_solved(demand: Demand, *, by, reason: str) -> None:
    """已解决 → 对接中, when the contract that solved it is cancelled: by staff."""
    reason = checked_reason(reason, _("合同登记已注销"))
    _take(demand, Step(_("撤回已解决"), (Status.SOLVED,), Status.DOCKING), by=by, reason=reason)


def turn_to_challenge(demand: Demand, *, by) -> None:
    """Any open state → 转揭榜挂帅, if the firm said that it is willing."""

    def objection(demand):
        return "" if demand.wants_challenge else _("企业没有表示愿意揭榜挂帅，请先与企业确认并修改需求。")

    _take(demand, Step(_("转揭榜挂帅"), Demand.OPEN, Status.CHALLENGE), by=by, objection=objection)


def track(demand: Demand, *, by, reason: str = "") -> None:
    """已发布 or 对接中 → 长期跟踪: no solution yet; it goes on taking part in matching."""
    reason = checked_reason(reason, "") if reason.strip() else ""
    _take(demand, Step(_("转长期跟踪"), (Status.PUBLISHED, Status.DOCKING), Status.TRACKING), by=by, reason=reason)


def close_demand(demand: Demand, *, by, reason: str) -> None:
    """Any state but 已解决 → 已关闭, by the firm or its staff, with a reason. It is no longer shown."""
    sources = tuple(status for status in Status if status not in (Status.SOLVED, Status.CLOSED))
    reason = checked_reason(reason, _("企业已自行解决"))
    _take(demand, Step(_("关闭"), sources, Status.CLOSED, owns_or_manages), by=by, reason=reason)


def reopen_demand(demand: Demand, *, by) -> None:
    """已关闭 → 草稿, so that it is reviewed again. Refused while the firm has another demand of the same name."""
    _take(demand, Step(_("重新打开"), (Status.CLOSED,), Status.DRAFT, owns_or_manages), by=by)


@transaction.atomic
def move_many(
    demands: QuerySet | Iterable[Demand],
    step: Step,
    *,
    by,
    reason: str = "",
    objection: Callable[[Demand], str] | None = None,
    **fields,
) -> StepResult:
    """Take `step` with each demand that allows it, in a constant number of queries.

    `objection` looks at a locked demand and returns why it may not move (empty: it may); `fields` are set beside it.
    """
    keys = demands.values("pk") if isinstance(demands, QuerySet) else [demand.pk for demand in demands]
    # Locked in the order of their keys: two bulk steps wait for each other instead of colliding.
    locked = list(
        Demand.objects.filter(pk__in=keys)
        .order_by("pk")
        .select_for_update(of=("self",))
        .select_related("firm")
        .prefetch_related("indicators")
    )
    refusals = [Refusal(demand, why) for demand in locked if (why := _why_not(demand, step, by, objection))]
    refused = {refusal.demand.pk for refusal in refusals}
    going = [demand for demand in locked if demand.pk not in refused]
    now = timezone.now()
    Demand.objects.filter(pk__in=[demand.pk for demand in going], status__in=step.sources).update(
        status=step.target, status_reason=reason, status_changed_at=now, updated_at=now, **fields
    )
    extra = {"reason": [None, reason]} if reason else {}
    record_many(step.action, {demand: {"status": [demand.status, step.target]} | extra for demand in going}, by=by)
    return StepResult(going, refusals)


def checked_reason(reason: str, example: str) -> str:
    """The reason without blanks around it. Raises ValidationError when it is missing or longer than can be kept."""
    reason = reason.strip()
    longest = Demand._meta.get_field("status_reason").max_length
    if not reason:
        raise ValidationError(_("请写明原因，例如“%(example)s”。") % {"example": example})
    if len(reason) > longest:
        raise ValidationError(
            _("原因有 %(length)d 个字，最多 %(longest)d 个字，请精简。") % {"length": len(reason), "longest": longest}
        )
    return reason


def anonymity_problem(demand: Demand, indicators: Iterable | None = None) -> str:
    """Where an anonymous demand would give its firm away, as one sentence; empty when nowhere.

    `indicators` are those it is about to have; its own by default.
    """
    places = "、".join(f"{field}（“{words}”）" for field, words in leaks(demand, indicators))
    if not places:
        return ""
    return _("匿名需求里出现了能认出企业的文字：%(places)s。请改成“本企业”等说法，或改为不匿名。") % {"places": places}


def explained(error: IntegrityError) -> str:
    """The violated constraint's own sentence; raises the error again when it is none of the demand's."""
    for constraint in Demand._meta.constraints:
        if constraint.name in str(error):
            return constraint.get_violation_error_message()
    raise error


def _submission() -> Step:
    return Step(_("提交初审"), (Status.DRAFT,), Status.DISTRICT_REVIEW, owns_or_manages)


def _take(demand: Demand, step: Step, *, by, **options) -> None:
    check_scope(step.allowed, demand, by)
    try:
        result = move_many([demand], step, by=by, **options)
    except IntegrityError as error:
        raise ValidationError(explained(error)) from None
    _only(result, demand)


def _only(result: StepResult, demand: Demand) -> None:
    demand.refresh_from_db()
    if result.refusals:
        raise ValidationError(result.refusals[0].message)


def _why_not(demand: Demand, step: Step, by, objection) -> str:
    if not step.allowed(by, demand.firm):
        return _("不在您的管理范围内。")
    if demand.status not in step.sources:
        return _("“%(title)s”现在是“%(now)s”，不能%(action)s。请刷新页面查看最新状态。") % {
            "title": demand,
            "now": demand.get_status_display(),
            "action": step.action,
        }
    return objection(demand) if objection else ""


def _unfit(demand: Demand, expires_on: date | None, today: date) -> str:
    last_day = expires_on or demand.expires_on
    if last_day and last_day < today:
        return _("有效期至 %(day)s，已经过去，请先改成今后的日期。") % {"day": last_day.isoformat()}
    return anonymity_problem(demand)
