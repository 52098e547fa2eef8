"""What happens to a published call before its deadline: questions, addenda, a later deadline."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from audit.transitions import transition
from challenges.models import Addendum, Challenge, ChallengeQuestion
from challenges.permissions import owns_challenge, require_city
from challenges.sent_texts import write_call_sentence
from challenges.services.notifications import notify_bidders, notify_firm, notify_reader
from challenges.services.steps import lock_challenge
from core.plain_text import clean_required_text
from demands.masking import find_firm_mention, identifying_names

Status = Challenge.Status
MOST_OPEN_QUESTIONS = 5
"""Unanswered questions of one user about one call."""


def check_anonymous(challenge: Challenge, text: str) -> None:
    """Raises ValidationError if a text that becomes public names a firm that is still anonymous."""
    if challenge.is_masked and (mention := find_firm_mention(text, identifying_names(challenge.demand))):
        raise ValidationError(f"“{mention}”能认出匿名的企业，请改成“本企业”。")


@transaction.atomic
def ask_question(challenge: Challenge, *, text: str, by: User) -> ChallengeQuestion:
    """A question before the deadline, by anybody with an account. Question and answer become public, who asked not.

    Raises ValidationError.
    """
    row = lock_challenge(challenge)
    if not Challenge.objects.taking_bids().filter(pk=row.pk).exists():
        raise ValidationError("这一榜已经截止，不再接受提问。")
    if owns_challenge(by, row):
        raise PermissionDenied("贵企业是发榜方，补充说明请联系市科技部门发补充公告。")
    text = clean_required_text(text, "请写下问题。", 500, name="问题")
    if row.questions.waiting().filter(asked_by=by).count() >= MOST_OPEN_QUESTIONS:
        raise ValidationError(f"您有 {MOST_OPEN_QUESTIONS} 个问题还没有答复，请等答复后再问。")
    question = ChallengeQuestion(challenge=row, text=text, asked_by=by)
    question.full_clean(exclude=["challenge", "asked_by"])
    question.save(force_insert=True)
    words = write_call_sentence("asked", 榜单号=row.list_number, 问题=text[:100])
    notify_firm(row, words, f"asked {question.public_id}")
    return question


@transaction.atomic
def answer_question(question: ChallengeQuestion, *, answer: str, by: User) -> None:
    """Answer in public, by the firm or the city. Raises PermissionDenied, ValidationError."""
    challenge = lock_challenge(question.challenge)
    if not (owns_challenge(by, challenge) or by.scope.is_city):
        raise PermissionDenied("问题由发榜企业答复。")
    answer = clean_required_text(answer, "请写下答复。", 1000, name="答复")
    check_anonymous(challenge, f"{answer} {question.text}")
    question.answer = answer
    question.full_clean(exclude=["challenge", "asked_by", "answered_by"], validate_constraints=False)
    transition(
        question,
        when={"answered_at": None},
        values={"answer": question.answer, "answered_by": by, "answered_at": timezone.now()},
        refusal="这个问题已经答复过。",
        action="答复榜单提问",
        by=by,
    )
    number = challenge.list_number
    notify_bidders(challenge, write_call_sentence("answer", 榜单号=number), f"answer {question.public_id}")
    text = write_call_sentence("question_answered", 榜单号=number, 答复=question.answer[:200])
    notify_reader(challenge, question.asked_by_id, text, f"answered {question.public_id}")


@transaction.atomic
def add_addendum(challenge: Challenge, *, text: str, by: User, closes_at: datetime | None = None) -> Addendum:
    """补充公告, dated and told to every bidder; with `closes_at` the deadline is put off. It is never brought forward.

    Raises PermissionDenied, ValidationError.
    """
    require_city(by, challenge)
    text = clean_required_text(text, "请写明补充或变动的内容。", 1000, name="补充公告")
    row = lock_challenge(challenge)
    check_anonymous(row, text)
    if closes_at is not None and closes_at <= row.closes_at:
        raise ValidationError(
            f"新的截止时间 {timezone.localtime(closes_at):%Y-%m-%d %H:%M} 不晚于现在的"
            f" {timezone.localtime(row.closes_at):%Y-%m-%d %H:%M}。发布以后只能延后。"
        )
    addendum = Addendum(challenge=row, text=text, closes_at=closes_at, made_by=by)
    addendum.full_clean(exclude=["challenge", "made_by", "closes_at"])  # may be empty; compared above
    # Before the old deadline, by the clock of the database: a call that is over is not taken up again.
    transition(
        challenge,
        when={"status": Status.PUBLISHED, "closes_at__gt": Now()},
        values={"closes_at": closes_at or row.closes_at},
        refusal="这一榜已经截止，不能再发补充公告或延期。",
        action="发补充公告",
        by=by,
        changes={"text": [None, text[:200]]}
        | ({"closes_at": [row.closes_at.isoformat(), closes_at.isoformat()]} if closes_at else {}),
    )
    addendum.save(force_insert=True)
    values = {"榜单号": row.list_number, "内容": text[:200]}
    if closes_at:
        until = f"{timezone.localtime(closes_at):%m月%d日 %H:%M}"
        words = write_call_sentence("addendum_later", 截止=until, **values)
    else:
        words = write_call_sentence("addendum", **values)
    notify_bidders(challenge, words, f"addendum {addendum.pk}")
    notify_firm(challenge, words, f"addendum {addendum.pk}")
    return addendum
