"""Open work (待办) of an institution's office that has no other source: news, questions, invitations, completers."""

from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import User
from correspondence.services.handovers import page_of
from correspondence.waiting import answers_to_send, approaches_with_news, open_invitations, open_questions
from open_work.sources import Clock, OpenWork

OFFICE = "本单位"


def correspondence_work(user: User) -> list[OpenWork]:
    """For officers of institutions; nothing for others."""
    if not user.scope.institution_ids:
        return []
    return [_answers(user), _questions(user), _news(user), _invitations(user)]


def inbox_of(key: str) -> str:
    """The inbox with the rows of one kind of work."""
    return f"{reverse('inbox')}?{urlencode({'work': key})}"


def _answers(user: User) -> OpenWork:
    return OpenWork(
        "completer-answers",
        "完成人的答复，待核对发送",
        answers_to_send(user).select_related("achievement", "approach", "question", "follow_up"),
        Clock("answered_at"),
        inbox_of("completer-answers"),
        "核对并发送",
        OFFICE,
        page_of,
        title_of=lambda row: str(row.achievement),
    )


def _questions(user: User) -> OpenWork:
    return OpenWork(
        "my-questions",
        "审核人员的提问",
        open_questions(user).select_related("match__achievement"),
        Clock("asked_at"),
        inbox_of("my-questions"),
        "答复问题",
        OFFICE,
        lambda row: reverse("inbox_item", args=[f"question-{row.public_id}"]),
        title_of=lambda row: str(row.match.achievement),
    )


def _news(user: User) -> OpenWork:
    return OpenWork(
        "approach-news",
        "对方有新回复或提出了约谈时间",
        approaches_with_news(user).select_related("achievement", "demand__firm"),
        Clock("last_event_at"),
        inbox_of("approach-news"),
        "去看看",
        OFFICE,
        lambda row: reverse("inbox_item", args=[f"{row.kind}-{row.public_id}"]),
    )


def _invitations(user: User) -> OpenWork:
    return OpenWork(
        "my-invitations",
        "等您答复的活动邀请",
        open_invitations(user).select_related("docking_round"),
        Clock("invited_at"),
        inbox_of("my-invitations"),
        "答复邀请",
        OFFICE,
        lambda row: reverse("my_invitations"),
        title_of=lambda row: row.docking_round.name,
    )
