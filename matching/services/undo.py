"""Taking a step back: by whoever took it, soon, and only while nothing has followed from it."""

from datetime import timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import record
from matching.models import BrokerRequest, Decision, Match, Question
from matching.services import telling
from matching.services.asking import after_verdict
from matching.services.decisions import check_reviewer

UNDO_WITHIN = timedelta(minutes=10)


@transaction.atomic
def undo_decision(decision: Decision, *, by) -> None:
    """撤销: the match is as before the step. Undone twice is undone once.

    Raises PermissionDenied for a colleague's step, ValidationError when it is too late or something has followed: a
    later step, a broker's or a side's answer.
    """
    if decision.by_id != by.pk:
        raise PermissionDenied(_("只能撤销自己的操作。"))
    check_reviewer(decision.match, by)
    if decision.undone_at:
        return
    if timezone.now() - decision.made_at > UNDO_WITHIN:
        raise ValidationError(
            _("已超过 %(minutes)s 分钟，不能撤销；如需更改，请用“重新审核”。") % {"minutes": UNDO_WITHIN.seconds // 60}
        )
    # Whoever undoes the same step at the same time waits here, and then finds it undone.
    if not Decision.objects.filter(pk=decision.pk, undone_at=None).update(undone_at=timezone.now()):
        return
    _withdraw_what_was_sent(decision)
    restored = Match.objects.filter(pk=decision.match_id, revision=decision.revision).update(
        **decision.before, revision=F("revision") + 1
    )
    if not restored:
        raise ValidationError(_("“%(match)s”此后已有新的处理，不能撤销。") % {"match": decision.match})
    if decision.kind == Decision.Kind.GIVE:
        telling.giving_undone(decision.match)
    after_verdict(Match.objects.get(pk=decision.match_id), decision.after.get("status"), by=by)
    record(
        "撤销审核操作",
        decision.match,
        by=by,
        changes={name: [decision.after.get(name), old] for name, old in decision.before.items()}
        | {"kind": [decision.kind, None]},
    )
    decision.refresh_from_db()


def undo_batch(batch: UUID, *, by) -> tuple[int, list[str]]:
    """Undo every step of a batch that can be undone. Returns their number and, for the others, why not."""
    decisions = Decision.objects.filter(batch=batch, by=by).select_related("match__demand__firm", "match__achievement")
    refused, count = [], 0
    for decision in decisions.order_by("match_id"):
        try:
            undo_decision(decision, by=by)
            count += 1
        except (ValidationError, PermissionDenied) as error:
            refused.append("；".join(error.messages) if isinstance(error, ValidationError) else str(error))
    return count, refused


def _withdraw_what_was_sent(decision: Decision) -> None:
    """A question or a request that went out with the step is withdrawn, unless it is answered already."""
    if public_id := decision.after.get("question"):
        sent = Question.objects.filter(public_id=public_id, status=Question.Status.ASKED)
        if not sent.update(status=Question.Status.WITHDRAWN):
            raise ValidationError(_("对方已经答复，不能撤销提问。"))
        telling.question_withdrawn(public_id)
    if public_id := decision.after.get("request"):
        sent = BrokerRequest.objects.filter(public_id=public_id, status=BrokerRequest.Status.ASKED)
        if not sent.update(status=BrokerRequest.Status.WITHDRAWN, answered_at=timezone.now()):
            raise ValidationError(_("技术经纪人已经答复，不能撤销委托。"))
        telling.request_withdrawn(public_id)
