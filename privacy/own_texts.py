"""What a user has written or marked under the own account, for the copy of the person's data."""

from collections.abc import Iterator
from datetime import datetime

from accounts.models import User
from brokerage.models import HelpRequest, NextStep, ProfileCase, ProfileRevision
from challenges.models import ChallengeObjection, ChallengeQuestion
from enquiries.models import Approach, ApproachMessage
from favourites.models import Favourite
from mandates.models import Mandate, MandatedAct
from notes.models import TalkNote
from portfolio.models import ItemProposal
from subscriptions.models import Dismissal, SavedSearch

MOST_ROWS = 2000
"""So many rows of a kind, the newest first."""

type OwnText = tuple[str, str, datetime, str]


def own_texts(user: User) -> Iterator[OwnText]:
    """(kind, about what, when, text) of everything that is the user's own. Nothing that others have written."""
    items = ("achievement", "demand__firm")
    for approach in Approach.objects.filter(created_by=user).select_related(*items).order_by("-pk")[:MOST_ROWS]:
        yield "询问或应答", str(approach), approach.sent_at, approach.text
    messages = ApproachMessage.objects.filter(author=user, is_event=False)
    about = ("approach__achievement", "approach__demand__firm")
    for message in messages.select_related(*about).order_by("-pk")[:MOST_ROWS]:
        yield "往来消息", str(message.approach), message.sent_at, message.text
    for favourite in Favourite.objects.filter(user=user).select_related(*items).order_by("-pk")[:MOST_ROWS]:
        yield "收藏", _title(favourite), favourite.made_at, favourite.note
    for search in SavedSearch.objects.filter(user=user).order_by("-pk")[:MOST_ROWS]:
        yield "订阅", search.name, search.starts_at, search.text
    for dismissal in Dismissal.objects.filter(user=user).select_related(*items).order_by("-pk")[:MOST_ROWS]:
        text = "；".join(filter(None, (dismissal.get_reason_display(), dismissal.note)))
        yield "不再提示", _title(dismissal), dismissal.made_at, text
    for note in TalkNote.objects.filter(author=user).select_related(*items).order_by("-pk")[:MOST_ROWS]:
        yield "笔记", _title(note), note.made_at, note.text
    yield from _brokerage_texts(user)
    yield from _challenge_texts(user)
    for proposal in ItemProposal.objects.of(user).select_related("achievement").order_by("-pk")[:MOST_ROWS]:
        yield "修改建议", str(proposal.achievement), proposal.proposed_at, proposal.note


def _brokerage_texts(user: User) -> Iterator[OwnText]:
    """Requests for help, mandates and what was done under them, plans, the own public page."""
    items = ("achievement", "demand__firm")
    for request in HelpRequest.objects.filter(asked_by_user=user).select_related(*items).order_by("-pk")[:MOST_ROWS]:
        yield "帮我找", str(request), request.asked_at, request.text
    for mandate in Mandate.objects.filter(proposed_by=user).with_sides().order_by("-pk")[:MOST_ROWS]:
        yield "委托", str(mandate), mandate.proposed_at, mandate.purpose
    for act in MandatedAct.objects.filter(by=user).select_related("mandate__client").order_by("-pk")[:MOST_ROWS]:
        yield "受托办理", act.subject_title, act.at, act.action
    for step in NextStep.objects.filter(made_by=user).order_by("-pk")[:MOST_ROWS]:
        yield "下一步", "商机", step.made_at, step.text
    for revision in ProfileRevision.objects.filter(proposed_by=user).order_by("-pk")[:MOST_ROWS]:
        yield "主页的修改", "主页", revision.proposed_at, "；".join(str(value) for value in revision.after.values())
    for case in ProfileCase.objects.filter(made_by=user).order_by("-pk")[:MOST_ROWS]:
        yield "主页案例", "主页", case.made_at, case.text


def _title(row: Favourite | Dismissal | TalkNote) -> str:
    """The title as published: that of an anonymous demand does not name its firm."""
    if row.demand:
        return row.demand.public_text("title")
    return row.achievement.title if row.achievement else "对接"


def _challenge_texts(user: User) -> Iterator[OwnText]:
    about_call = "challenge__demand__firm"
    questions = ChallengeQuestion.objects.filter(asked_by=user).select_related(about_call)
    for question in questions.order_by("-pk")[:MOST_ROWS]:
        yield "榜单提问", question.challenge.public_title, question.asked_at, question.text
    for objection in ChallengeObjection.objects.of(user).select_related(about_call)[:MOST_ROWS]:
        yield "对揭榜结果的异议", objection.challenge.public_title, objection.made_at, objection.text
