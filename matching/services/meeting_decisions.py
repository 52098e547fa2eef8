"""Decisions on a match that come from a meeting instead of its review: accepted because both sides agreed, or unfit."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import User
from audit.services import record
from matching.models import Decision, FollowUp, Match
from matching.services.decisions import ReviewStep, audit_changes, build_decision, to_json_value
from matching.services.follow_up_owners import choose_owner
from matching.services.meeting_notifications import notify_unfit

RELATED = ("demand__firm", "achievement__institution", "reviewed_by", "run")


def lock_match(pk: int) -> Match:
    """Return the row, locked until the transaction ends."""
    return Match.objects.select_for_update(of=("self",)).select_related(*RELATED).get(pk=pk)


@transaction.atomic
def record_unfit(
    match: Match, *, key: str, reason: str, by: User | None, notify_institution: bool = True
) -> Decision | None:
    """Record that a side found at a meeting that the pair does not fit; the matching learns from it.

    `key` identifies the meeting; `reason` is one of `Match.RejectReason`, no free text is stored. `notify_institution`
    is False if the institution gave the reason itself. Returns None if the same reason was recorded before. Raises
    ValidationError for an unknown reason.
    """
    if reason not in Match.RejectReason.values:
        raise ValidationError("请选择不合适的原因。")
    match = lock_match(match.pk)
    known = _decisions_of_meeting(match, Decision.Kind.UNFIT, key).first()
    if known and known.reason == reason:
        return None
    row = FollowUp.objects.filter(match=match).first()
    actor = by or (row.owner if row else choose_owner(match))
    undo_unfit(match, key)
    decision = _decide(match, Decision.Kind.UNFIT, {}, key, actor, by, reason=reason)
    if notify_institution:
        notify_unfit(match, reason, key)
    return decision


def undo_unfit(match: Match, key: str) -> None:
    """The side has replaced its word about the same meeting."""
    _decisions_of_meeting(match, Decision.Kind.UNFIT, key).update(undone_at=timezone.now())


def accept_met(match: Match, *, actor: User, by: User | None) -> None:
    """Accept a match whatever its review said, because both sides agreed. `match` is changed in place."""
    row = lock_match(match.pk)
    if row.status == Match.Status.ACCEPTED:
        return
    changes = {
        "status": Match.Status.ACCEPTED,
        "reject_reason": "",
        "duplicate_of_id": None,
        "held_until": None,
        "reviewed_by_id": actor.pk,
        "reviewed_at": timezone.now(),
    }
    _decide(row, Decision.Kind.MET, changes, "", actor, by)
    match.refresh_from_db()


def _decisions_of_meeting(match: Match, kind: str, key: str) -> QuerySet[Decision]:
    return match.decisions.not_undone().filter(kind=kind, after__talk=key)


def _decide(
    match: Match, kind: str, changes: dict[str, Any], key: str, actor: User, by: User | None, *, reason: str = ""
) -> Decision:
    """Change a locked match and store the decision. The scope of `by` is not checked: the sides have spoken.

    `actor` fills columns that need a person: `by`, or else the owner. The audit record names only `by`, and nobody for
    a guest without an account.
    """
    Match.objects.filter(pk=match.pk).update(**changes, revision=F("revision") + 1)
    before = {name: to_json_value(getattr(match, name)) for name in changes}
    for name, value in changes.items():
        setattr(match, name, value)
    match.revision += 1
    decision = build_decision(match, kind, before, by=actor, step=ReviewStep(), reason=reason, extra={"talk": key})
    decision.save(force_insert=True)
    record("洽谈结果计入匹配", match, by=by, changes=audit_changes(decision))
    return decision
