"""Decide many matches at once: preview, and one decision for all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet

from accounts.models import User
from audit.services import record_many
from matching.models import Decision, Match, Reservation
from matching.services.decisions import (
    AUDIT_ACTIONS,
    ReviewStep,
    audit_changes,
    build_decision,
    may_review,
    to_json_value,
)
from matching.services.response_requests import request_responses
from matching.services.review import require_reject_reason, status_columns

MAX_MATCHES = 500
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
    lock_matches(Match.objects.filter(pk__in=[row.pk for row in rows]))
    if done := _decided_in_batch(batch, by):
        return BulkSelection(done, [])
    return _decide(_select(public_ids, by), verb, by=by, batch=batch, reason=reason, note=note)


def lock_matches(rows: QuerySet[Match]) -> None:
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
    apply_to_locked(selection.ready, kind, changes, by=by, batch=batch, reason=reason, note=note)
    return selection


def apply_to_locked(
    rows: Sequence[Match],
    kind: Decision.Kind,
    changes: dict[str, Any],
    *,
    by: User,
    batch: UUID,
    open_ms: int | None = None,
    reason: str = "",
    note: str = "",
) -> None:
    """Apply one change (column attname → value) to locked proposed matches, in a constant number of statements."""
    proposed = Match.objects.filter(pk__in=[row.pk for row in rows], status=Match.Status.PROPOSED)
    proposed.update(**changes, revision=F("revision") + 1)
    decisions = []
    for row in rows:
        before = {name: to_json_value(getattr(row, name)) for name in changes}
        for name, value in changes.items():
            setattr(row, name, value)
        row.revision += 1
        step = ReviewStep(key=uuid5(batch, str(row.pk)), batch=batch, open_ms=open_ms)
        decisions.append(build_decision(row, kind, before, by=by, step=step, reason=reason, note=note))
    Decision.objects.bulk_create(decisions)
    record_many(AUDIT_ACTIONS[kind], {decision.match: audit_changes(decision) for decision in decisions}, by=by)
    if changes.get("status") == Match.Status.ACCEPTED:
        request_responses(rows, by=by)


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
