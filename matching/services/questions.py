"""Questions to one side before a match is decided, and the answers of that side."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from audit.transitions import transition
from matching.models import Decision, Match, Question
from matching.services.decisions import ReviewStep, decide
from matching.services.notifications import notify_question, notify_question_answered


def ask_question(match: Match, *, side: str, text: str, by: User, step: ReviewStep | None = None) -> Decision:
    """提问: ask the firm or the institution; the match waits for the answer. One open question per match.

    The asked side reads the text next to its own demand or achievement and nothing of the other side. Raises as
    `accept_match`, and ValidationError for an empty text or while another question is open.
    """
    text = text.strip()[:500]
    if side not in Question.Side.values or not text:
        raise ValidationError("请选择问企业还是问院校，并写下问题。")
    try:
        with transaction.atomic():
            question = Question(match=match, side=side, text=text, asked_by=by)
            extra = {"side": side, "question": question.public_id}
            decision = decide(match, Decision.Kind.ASK, {"held_until": None}, by=by, step=step, note=text, extra=extra)
            if decision.after["question"] == question.public_id:  # otherwise the step was sent before
                question.save(force_insert=True)
                notify_question(question)
    except IntegrityError as error:
        match.refresh_from_db()
        raise ValidationError("这条匹配已有一个问题在等答复。") from error
    return decision


@transaction.atomic
def answer_question(question: Question, *, text: str, by: User) -> None:
    """Record the answer; the match returns to its officer. Raises PermissionDenied for other organisations,
    ValidationError for an empty or a second answer."""
    text = text.strip()[:1000]
    if not Question.objects.addressed_to(by).filter(pk=question.pk).exists():
        raise PermissionDenied("只有被提问的单位可以答复。")
    if not text:
        raise ValidationError("请写下答复。")
    transition(
        question,
        when={"status": Question.Status.ASKED},
        values={"status": Question.Status.ANSWERED, "answer": text, "answered_by": by, "answered_at": timezone.now()},
        refusal="这个问题已经答复过，或已被撤回。",
        action="答复提问",
        by=by,
        changes={"status": ["asked", "answered"]},
    )
    notify_question_answered(question)
