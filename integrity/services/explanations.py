"""Asking the parties of a case for a 说明, and their answers."""

import secrets
from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import record
from audit.transitions import constraint_message, transition
from core.file_validation import CONTENT_TYPES, checked_upload
from core.workdays import add_workdays
from integrity.models import Case, Explanation
from integrity.permissions import require_handler
from integrity.services import notifications

ANSWER_WORKDAYS = settings.EXPLANATION_WORKDAYS
REMIND_BEFORE = timedelta(days=2)
LEAST_TEXT = 10
MOST_TEXT = 2000


@transaction.atomic
def ask_explanations(
    case: Case, *, organisations: Collection[Organisation], question: str, revision: int, by: User
) -> list[Explanation]:
    """→ 等说明: ask these parties of the case, who have ten working days.

    Raises PermissionDenied for who may not handle the case, ValidationError for an organisation that is no party, one
    that is asked already, or a case that has changed since it was read.
    """
    require_handler(case, by)
    question = question.strip()[:500]
    if not question:
        raise ValidationError("请写明要当事方说明什么。")
    asked = list(case.organisations.filter(pk__in=[row.pk for row in organisations]))
    if not asked or len(asked) != len(organisations):
        raise ValidationError("请从这条线索的当事方中选择要说明的单位。")
    transition(
        case,
        when={"status__in": Case.UNDECIDED, "revision": revision},
        values={"status": Case.Status.ASKED, "revision": revision + 1},
        refusal=_stale,
        action="请当事方说明",
        by=by,
        changes={"organisations": [None, [row.public_id for row in asked]]},
    )
    due_on = add_workdays(timezone.localdate(), ANSWER_WORKDAYS)
    rows = [Explanation(case=case, organisation=row, question=question, asked_by=by, due_on=due_on) for row in asked]
    try:
        with transaction.atomic():
            Explanation.objects.bulk_create(rows)
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, Explanation)) from None
    notifications.explanations_asked(rows)
    return rows


@transaction.atomic
def answer_explanation(explanation: Explanation, *, text: str, by: User, content: bytes = b"", name: str = "") -> None:
    """The party explains, once; `content` and `name`: a file as evidence.

    The case is 已说明 when nobody is left to answer. Raises PermissionDenied unless the user is an officer of the
    asked organisation, ValidationError for a short text, an unsafe file, and after an answer or the decision.
    """
    if not Explanation.objects.addressed_to(by).filter(pk=explanation.pk).exists():
        raise PermissionDenied("说明由被问到的单位的专员作出。")
    text = text.strip()
    if not LEAST_TEXT <= len(text) <= MOST_TEXT:
        raise ValidationError(
            "说明现在有 %(length)d 个字，请写 %(least)d 到 %(most)d 个字。"
            % {"length": len(text), "least": LEAST_TEXT, "most": MOST_TEXT}
        )
    values: dict[str, object] = {"text": text, "answered_by": by, "answered_at": timezone.now()}
    case = Case.objects.select_for_update(no_key=True).get(pk=explanation.case_id)
    if content:
        name, kind = checked_upload(content, name)
        storage, folder = Explanation.file.field, f"{secrets.token_hex(16)}.{kind}"
        stored = storage.storage.save(storage.generate_filename(explanation, folder), ContentFile(content))
        values |= {"file": stored, "file_name": name, "file_type": CONTENT_TYPES[kind]}
    transition(
        explanation,
        when={"answered_at": None, "withdrawn_at": None},
        values=values,
        refusal="这项说明已经答复或撤回，请刷新后再看。",
        action="作出说明",
        by=by,
        changes={"answered_at": [None, True], "file": [None, name or None]},
    )
    if case.status == Case.Status.ASKED and not case.explanations.pending().exists():
        transition(
            case,
            when={"status": Case.Status.ASKED},
            values={"status": Case.Status.ANSWERED, "revision": case.revision + 1},
            refusal=_stale,
            action="当事方已说明",
            by=by,
            changes={"status": [Case.Status.ASKED, Case.Status.ANSWERED]},
        )
    notifications.explanation_answered(explanation)


def withdraw_pending(case: Case, *, by: User | None) -> None:
    """Take back what is not answered yet, because the case is decided or gone."""
    pending = list(case.explanations.pending())
    for explanation in pending:
        Explanation.objects.filter(pk=explanation.pk, answered_at=None).update(withdrawn_at=timezone.now())
        record("撤回请求说明", explanation, by=by)
    notifications.explanations_withdrawn(pending)


def remind_of_explanations() -> int:
    """Remind parties whose day is near, and again once it has passed. Returns how many notices were new."""
    pending = Explanation.objects.pending().filter(due_on__lte=timezone.localdate() + REMIND_BEFORE)
    return sum(notifications.explanation_due(explanation) for explanation in pending)


def _stale(case: Case) -> str:
    return "这条线索刚有变化，现在是“%(now)s”，请看过最新的内容再办理。" % {"now": case.get_status_display()}
