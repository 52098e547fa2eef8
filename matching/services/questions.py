"""A question to one side before the decision, and that side's answer."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import record
from matching.models import Decision, Match, Question
from matching.services import telling
from matching.services.decisions import Step, decide


def ask_question(match: Match, *, side: str, text: str, by, step: Step | None = None) -> Decision:
    """提问 to the firm or the institution's office: the match waits for the answer. One open question per match.

    The asked side reads the text beside its own item and learns nothing of the other. Raises as `accept_match`, and
    ValidationError for an empty text or while another question is open.
    """
    text = text.strip()[:500]
    if side not in Question.Side.values or not text:
        raise ValidationError(_("请选择问企业还是问院校，并写下问题。"))
    try:
        with transaction.atomic():
            question = Question(match=match, side=side, text=text, asked_by=by)
            told = {"side": side, "question": question.public_id}
            decision = decide(match, Decision.Kind.ASK, {"held_until": None}, by=by, step=step, note=text, told=told)
            if decision.after["question"] == question.public_id:  # and not sent before
                question.save(force_insert=True)
                telling.asked(question)
    except IntegrityError as error:
        match.refresh_from_db()
        raise ValidationError(_("这条匹配已有一个问题在等答复。")) from error
    return decision


@transaction.atomic
def answer_question(question: Question, *, text: str, by) -> None:
    """The asked side answers; the match comes back to its officer. Raises PermissionDenied for anybody else."""
    text = text.strip()[:1000]
    if not Question.objects.addressed_to(by).filter(pk=question.pk).exists():
        raise PermissionDenied(_("只有被提问的单位可以答复。"))
    if not text:
        raise ValidationError(_("请写下答复。"))
    answered = Question.objects.filter(pk=question.pk, status=Question.Status.ASKED).update(
        status=Question.Status.ANSWERED, answer=text, answered_by=by, answered_at=timezone.now()
    )
    if not answered:
        raise ValidationError(_("这个问题已经答复过，或已被撤回。"))
    record("答复提问", question, by=by, changes={"status": ["asked", "answered"]})
    question.refresh_from_db()
    telling.question_answered(question)
