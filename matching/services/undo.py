"""Undo a decision: by the officer who made it, within ten minutes, while nothing depends on it."""

from datetime import timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from audit.services import record
from matching.models import BrokerRequest, Decision, DemandReview, Match, Question
from matching.services.decisions import require_reviewer
from matching.services.demand_destinations import recall_demand
from matching.services.notifications import (
    withdraw_assignment_notices,
    withdraw_broker_request_notices,
    withdraw_question_notices,
)
from matching.services.response_requests import apply_status_change

UNDO_WITHIN = timedelta(minutes=10)


@transaction.atomic
def undo_decision(decision: Decision, *, by: User) -> None:
    """撤销: restore the match as it was before the decision. A second call has no effect.

    Raises PermissionDenied for a colleague's decision, ValidationError if it is too late or if a later step, a broker
    or a side has built on it.
    """
    if decision.by_id != by.pk:
        raise PermissionDenied("只能撤销自己的操作。")
    require_reviewer(decision.match, by)
    if decision.undone_at:
        return
    if timezone.now() - decision.made_at > UNDO_WITHIN:
        raise ValidationError(
            "已超过 %(minutes)s 分钟，不能撤销；如需更改，请用“重新审核”。" % {"minutes": UNDO_WITHIN.seconds // 60}
        )
    # A concurrent undo of the same decision waits here and then finds it undone.
    if not Decision.objects.filter(pk=decision.pk, undone_at=None).update(undone_at=timezone.now()):
        return
    _withdraw_sent(decision)
    restored = Match.objects.filter(pk=decision.match_id, revision=decision.revision).update(
        **decision.before, revision=F("revision") + 1
    )
    if not restored:
        raise ValidationError("“%(match)s”此后已有新的处理，不能撤销。" % {"match": decision.match})
    if decision.kind == Decision.Kind.GIVE:
        withdraw_assignment_notices(decision.match)
    apply_status_change(Match.objects.get(pk=decision.match_id), decision.after.get("status"), by=by)
    record(
        "撤销审核操作",
        decision.match,
        by=by,
        changes={name: [decision.after.get(name), old] for name, old in decision.before.items()}
        | {"kind": [decision.kind, None]},
    )
    decision.refresh_from_db()


def undo_batch(batch: UUID, *, by: User) -> tuple[int, list[str]]:
    """Undo the decisions of a batch that can be undone. Returns their number and the reasons why others cannot."""
    decisions = Decision.objects.filter(batch=batch, by=by).select_related("match__demand__firm", "match__achievement")
    refused, count = [], 0
    for decision in decisions.order_by("match_id"):
        try:
            undo_decision(decision, by=by)
            count += 1
        except (ValidationError, PermissionDenied) as error:
            refused.append("；".join(error.messages) if isinstance(error, ValidationError) else str(error))
    return count, refused


@transaction.atomic
def undo_demand_review(review: DemandReview, *, by: User) -> int:
    """Undo what was decided about a demand's candidates at once, and its destination. Returns how many matches changed.

    All or nothing: raises as `undo_decision` for the first decision that cannot be undone. A second call has no effect.
    """
    if review.by_id != by.pk:
        raise PermissionDenied("只能撤销自己的操作。")
    if not DemandReview.objects.filter(pk=review.pk, undone_at=None).update(undone_at=timezone.now()):
        return 0
    recall_demand(review, by=by)
    decisions = Decision.objects.not_undone().filter(batch=review.batch, by=by).order_by("match_id")
    rows = list(decisions.select_related("match__demand__firm", "match__achievement"))
    for decision in rows:
        undo_decision(decision, by=by)
    return len(rows)


def _withdraw_sent(decision: Decision) -> None:
    """Withdraw the question or broker request sent with the decision. Raises ValidationError if it was answered."""
    if public_id := decision.after.get("question"):
        questions = Question.objects.filter(public_id=public_id, status=Question.Status.ASKED)
        if not questions.update(status=Question.Status.WITHDRAWN):
            raise ValidationError("对方已经答复，不能撤销提问。")
        withdraw_question_notices(public_id)
    if public_id := decision.after.get("request"):
        requests = BrokerRequest.objects.filter(public_id=public_id, status=BrokerRequest.Status.ASKED)
        if not requests.update(status=BrokerRequest.Status.WITHDRAWN, answered_at=timezone.now()):
            raise ValidationError("技术经纪人已经答复，不能撤销委托。")
        withdraw_broker_request_notices(public_id)
