"""Decide many matches at once: preview, one decision for all, the best proposals of one demand."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet

from accounts.models import User
from audit.services import record_many
from demands.models import Demand
from matching.models import Decision, Match, Reservation
from matching.services.decisions import ReviewStep, audit_changes, build_decision, may_review, to_json_value
from matching.services.review import require_reject_reason, status_columns
from matching.services.side_responses import request_responses

MAX_MATCHES = 500
MAX_ACCEPTED_PER_DEMAND = 3
STATUS_AND_KIND = {"accept": ("accepted", Decision.Kind.ACCEPT), "reject": ("rejected", Decision.Kind.REJECT)}


@dataclass(frozen=True, slots=True)
class BulkSelection:
    """`ready`: the matches that a common decision applies to. `excepted`: the others, each with a sentence why."""

    ready: list[Match]
    excepted: list[tuple[Match, str]]


def preview(public_ids: Collection[str], *, by: User) -> BulkSelection:
    """What a decision would apply to now; changes nothing. Raises ValidationError for none or too many matches."""
    return _partition(_select(public_ids, by), by)


@transaction.atomic
def decide_many(
    public_ids: Collection[str], verb: str, *, by: User, batch: UUID, reason: str = "", note: str = ""
) -> BulkSelection:
    """Accept or reject (`verb`) the matches that can be decided. A repeated `batch` only returns its first result.

    Raises ValidationError for none, too many, or a rejection without a reason.
    """
    if verb == "reject":
        require_reject_reason(reason)
    rows = _select(public_ids, by)
    _lock(Match.objects.filter(pk__in=[row.pk for row in rows]))
    if done := _decided_in_batch(batch, by):
        return BulkSelection(done, [])
    return _decide(_select(public_ids, by), verb, by=by, batch=batch, reason=reason, note=note)


@transaction.atomic
def choose_for_demand(
    demand: Demand,
    chosen: Collection[str],
    *,
    by: User,
    batch: UUID,
    rest: Collection[str] = (),
    reason: str = "",
) -> tuple[BulkSelection, BulkSelection]:
    """Accept up to three proposals of one demand and reject those of `rest` that are still proposed.

    `rest`: the proposals the officer has seen and not chosen. Returns the results for the chosen and for the rest.
    Raises ValidationError if more than three would be accepted.
    """
    of_demand = Match.objects.managed_by(by).filter(demand=demand)
    _lock(of_demand)
    if done := _decided_in_batch(batch, by):
        return (
            BulkSelection([row for row in done if row.status == Match.Status.ACCEPTED], []),
            BulkSelection([row for row in done if row.status == Match.Status.REJECTED], []),
        )
    wanted = set(chosen)
    accepted_before = of_demand.accepted().exclude(public_id__in=wanted).count()
    if accepted_before + len(wanted) > MAX_ACCEPTED_PER_DEMAND:
        raise ValidationError(
            "一项需求最多采纳 %(most)s 条：已采纳 %(standing)s 条，又选了 %(chosen)s 条。"
            % {"most": MAX_ACCEPTED_PER_DEMAND, "standing": accepted_before, "chosen": len(wanted)}
        )
    if of_demand.filter(public_id__in=wanted).count() != len(wanted):
        raise ValidationError("所选匹配不属于这项需求，请刷新后重选。")
    if rest := sorted(set(rest) - wanted):
        require_reject_reason(reason)
        proposed = of_demand.filter(status=Match.Status.PROPOSED, public_id__in=rest)
        rest = list(proposed.values_list("public_id", flat=True))
    if not wanted and not rest:
        raise ValidationError("请先选择要采纳的成果。")
    accepted = rejected = BulkSelection([], [])
    if wanted:
        accepted = _decide(_select(wanted, by), "accept", by=by, batch=batch)
    if rest:
        rejected = _decide(_select(rest, by), "reject", by=by, batch=batch, reason=reason)
    return accepted, rejected


def _lock(rows: QuerySet[Match]) -> None:
    """Lock the rows in a fixed order, so that concurrent decisions wait instead of deadlocking."""
    list(rows.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))


def _decided_in_batch(batch: UUID, by: User) -> list[Match]:
    """The matches that an earlier request with this batch has decided."""
    rows = Match.objects.filter(decisions__batch=batch, decisions__by=by)
    return list(rows.select_related("achievement", "demand").order_by("pk"))


def _decide(rows: list[Match], verb: str, *, by: User, batch: UUID, reason: str = "", note: str = "") -> BulkSelection:
    """Apply the decision to those of the locked rows that can be decided."""
    selection = _partition(rows, by)
    status, kind = STATUS_AND_KIND[verb]
    changes = status_columns(status, by, note, reject_reason=reason)
    ready = Match.objects.filter(pk__in=[row.pk for row in selection.ready], status=Match.Status.PROPOSED)
    ready.update(**changes, revision=F("revision") + 1)
    decisions = []
    for row in selection.ready:
        before = {name: to_json_value(getattr(row, name)) for name in changes}
        for name, value in changes.items():
            setattr(row, name, value)
        row.revision += 1
        step = ReviewStep(key=uuid5(batch, str(row.pk)), batch=batch)
        decisions.append(build_decision(row, kind, before, by=by, step=step, reason=reason, note=note))
    Decision.objects.bulk_create(decisions)
    record_many("审核匹配", {decision.match: audit_changes(decision) for decision in decisions}, by=by)
    if status == Match.Status.ACCEPTED:
        request_responses(selection.ready, by=by)
    return selection


def _select(public_ids: Collection[str], by: User) -> list[Match]:
    if not public_ids or len(public_ids) > MAX_MATCHES:
        raise ValidationError("请选择 1 到 %(most)s 条匹配。" % {"most": MAX_MATCHES})
    rows = Match.objects.managed_by(by).filter(public_id__in=public_ids)
    return list(rows.select_related("run", "achievement", "demand__firm", "assigned_to", "reviewed_by").order_by("pk"))


def _partition(rows: list[Match], by: User) -> BulkSelection:
    ready, excepted = [], []
    asked = set(Match.objects.filter(pk__in=[row.pk for row in rows]).with_open_question().values_list("pk", flat=True))
    viewers = dict(
        Reservation.objects.current()
        .filter(match__in=[row.pk for row in rows], is_open=True)
        .exclude(user=by)
        .values_list("match_id", "user__name")
    )
    for row in rows:
        why = _exception(row, by, row.pk in asked, viewers.get(row.pk))
        if why:
            excepted.append((row, why))
        else:
            ready.append(row)
    return BulkSelection(ready, excepted)


def _exception(match: Match, by: User, is_asked: bool, viewer: str | None) -> str:
    """Why a common decision leaves this match out; empty if it applies. `viewer`: a colleague who has it open."""
    if not may_review(match, by):
        return "不在您负责的区市县"
    if match.status != Match.Status.PROPOSED:
        return "已由%(who)s审核（%(what)s）" % {"who": match.reviewed_by, "what": match.get_status_display()}
    if match.assigned_to_id not in (None, by.pk):
        return "已交给%(who)s" % {"who": match.assigned_to}
    if is_asked:
        return "有一个问题在等答复"
    return "%(who)s正在看" % {"who": viewer} if viewer else ""
