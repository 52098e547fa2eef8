"""Let the second reader propose what a form may be filled with. Nothing is stored but that a question was asked."""

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from matching.models import PageQuestion
from matching.reader.client import ChatClient
from matching.reader.drafts import Draft, DraftField, check_draft, draft_question
from matching.reader.errors import Fault, ReaderError
from matching.reader.indicators import FoundIndicators, check_indicators, indicator_question
from matching.reader.page_asker import PageAsker
from matching.reader.page_asker import PageQuestion as Question
from matching.readings.configuration import configured_reader
from matching.readings.form_texts import FormMasking, secrecy_marking

log = logging.getLogger(__name__)

PAGE_SECONDS = 20.0
"""Longest time for one question, in which a thread of the web server waits."""
MAX_TOKENS = 4096
PER_USER, WINDOW = 10, timedelta(minutes=10)
KEPT_SECONDS = 3600
"""How long a process keeps answers in its memory. They quote texts that nobody may have saved, so no table has them."""
NO_ANSWER = "语言模型暂时没有回应，请手工填写。您填写的内容都还在。"
page_asker = PageAsker()


def propose_indicators(texts: Sequence[tuple[str, str]], masking: FormMasking, *, by: User) -> FoundIndicators:
    """Return the indicators that stand in (label, text) of a form. Raises ValidationError if there is no answer."""
    _refuse_secrets([text for _label, text in texts])
    question = indicator_question([(label, masking(text)) for label, text in texts])
    if not question.texts:
        raise ValidationError("还没有可以查找的文字，请先填写简介或主要问题等栏目。")
    return _answer(question, lambda content: check_indicators(question, content), by)


def propose_draft(fields: Sequence[DraftField], document: str, masking: FormMasking, *, by: User) -> Draft:
    """Return values for the fields out of a document. Raises ValidationError if there is no answer."""
    _refuse_secrets([document])
    question = draft_question(fields, masking(document))
    return _answer(question, lambda content: check_draft(question, content), by)


def _answer[A: (FoundIndicators, Draft)](question: Question, check: Callable[[str], A], by: User) -> A:
    """The checked answer of the model, given now or within the last hour."""
    reader = configured_reader()
    if reader is None:
        raise ValidationError(NO_ANSWER)
    key = f"reader-{hashlib.sha256(reader.model.encode()).hexdigest()[:16]}-{question.hash}"
    content = caches["process"].get(key)
    if content is None:
        _take_from_budget(by)
        content = _asked(reader.client, question)
    answer = check(content)
    if answer.problem is not None:
        raise ValidationError("语言模型的回答不合要求，没有采用，请手工填写。您填写的内容都还在。")
    caches["process"].set(key, content, KEPT_SECONDS)
    return answer


def _asked(client: ChatClient, question: Question) -> str:
    """Ask now. Raises ValidationError after PAGE_SECONDS at the latest."""
    client = replace(client, timeout=min(client.timeout, PAGE_SECONDS), max_tokens=min(client.max_tokens, MAX_TOKENS))
    try:
        return page_asker.ask(client, question).content
    except ReaderError as error:
        log.warning("a question of a form got no answer: %s", error)
        if error.fault == Fault.BUSY and error.status is None:
            raise ValidationError("正在使用语言模型的人较多，请一分钟后再试，或手工填写。") from None
        raise ValidationError(NO_ANSWER) from None


def _take_from_budget(by: User) -> None:
    """Count a question. Raises ValidationError if the user or the installation has asked too many."""
    now = timezone.now()
    day = PageQuestion.objects.filter(asked_at__gt=now - timedelta(days=1))
    if day.filter(user=by, asked_at__gt=now - WINDOW).count() >= PER_USER:
        raise ValidationError(f"十分钟内最多请语言模型阅读 {PER_USER} 次，请稍后再试，或手工填写。")
    if day.count() >= settings.READER_PAGE_REQUESTS_PER_DAY:
        raise ValidationError("平台今天请语言模型阅读的次数已用完，请手工填写。")
    PageQuestion.objects.filter(asked_at__lte=now - timedelta(days=1)).delete()
    PageQuestion.objects.create(user=by, asked_at=now)


def _refuse_secrets(texts: Sequence[str]) -> None:
    if marking := secrecy_marking(texts):
        raise ValidationError(
            "文字带有密级标志“%(marking)s”，没有交给语言模型。涉密内容不能录入平台。" % {"marking": marking}
        )
