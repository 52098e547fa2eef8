"""Load the follow-ups of accepted matches. A cycle of scenarios covers every status, some overdue."""

from datetime import timedelta
from itertools import cycle

from django.conf import settings
from django.db.models import F, Value
from django.db.models.functions import Replace
from django.utils import timezone

from matching.models import FollowUp, FollowUpStep, SideResponse
from matching.services.follow_ups import close_follow_up, record_intent, record_progress
from matching.services.side_responses import (
    answer_unwilling,
    answer_willing,
    inquire,
    reply_to_inquiry,
    response_due_on,
)
from notices.models import Notice, NoticeKind
from portal.demo.people import DemoContext

LONG_AGO = timedelta(days=60)
SEEN_AFTER = timedelta(days=7)
"""Notices older than this are marked as read."""


def load_answers(demo: DemoContext) -> None:
    """Answer for each side as its own officer, or by telephone if it has no user."""
    rows = FollowUp.objects.asking().select_related("match__demand__firm", "match__achievement__institution", "owner")
    untouched = rows.exclude(responses__status__in=["more", "willing", "unwilling"])
    untouched = untouched.order_by("match__reviewed_at", "pk")
    scenarios = cycle((_agree, _one_says_yes, _reach_intent, _refuse, _wait, _ask_more, _agree_late, _give_up))
    for row, scenario in zip(list(untouched), scenarios, strict=False):
        opened = row.match.reviewed_at
        due_on = timezone.localdate(opened) + timedelta(days=settings.ANSWER_DAYS)
        # Written directly: services only record today's date.
        FollowUp.objects.filter(pk=row.pk).update(opened_at=opened)
        row.responses.update(due_on=due_on)
        if row.match.demand.contact and row.match.achievement.contact:
            scenario(row, demo)
        elif opened < timezone.now() - LONG_AGO:
            close_follow_up(row, reason="no_answer", note="电话联系三次没有答复", by=row.match.reviewed_by)
        _date_back(row, opened)


def _agree(row: FollowUp, demo: DemoContext) -> None:
    _yes(row, "firm", demo)
    _yes(row, "office", demo)
    day = timezone.localdate() + timedelta(days=5)
    record_progress(row, note="已约企业到实验室看样品", next_on=day, by=row.owner)


def _agree_late(row: FollowUp, demo: DemoContext) -> None:
    _yes(row, "office", demo)
    _yes(row, "firm", demo)
    FollowUp.objects.filter(pk=row.pk).update(next_on=timezone.localdate() - timedelta(days=3))


def _reach_intent(row: FollowUp, demo: DemoContext) -> None:
    _agree(row, demo)
    day = timezone.localdate() + timedelta(days=20)
    record_intent(row, note="双方签了意向书，企业先做一轮试用", next_on=day, by=row.owner)


def _one_says_yes(row: FollowUp, demo: DemoContext) -> None:
    _yes(row, "office", demo)


def _refuse(row: FollowUp, demo: DemoContext) -> None:
    _yes(row, "office", demo)
    words = {"reason": "timing", "note": "今年的研发预算已经用完", "share_reason": True}
    answer_unwilling(row.responses.get(side="firm"), **words, **_answered_by(row, "firm", demo))


def _ask_more(row: FollowUp, demo: DemoContext) -> None:
    """One inquiry is answered, another is open; the deadline is extended, so only these are due soon."""
    side = row.responses.get(side="office")
    first = inquire(side, text="企业现有产线能否停机一周做试验？", **_answered_by(row, "office", demo))
    reply_to_inquiry(first, text="可以，最好安排在春节前后。", by=demo.district_of(row.match.demand.firm))
    inquire(side, text="试验费用由哪一方承担？", **_answered_by(row, "office", demo))


def _wait(row: FollowUp, demo: DemoContext) -> None:
    """No answer: overdue, unless the match was accepted a few days ago."""


def _give_up(row: FollowUp, demo: DemoContext) -> None:
    _agree(row, demo)
    close_follow_up(row, reason="no_deal", note="对试用费用没有谈拢", by=row.owner)


def _yes(row: FollowUp, side: str, demo: DemoContext) -> None:
    contact = row.match.demand.contact if side == "firm" else row.match.achievement.contact
    answer_willing(row.responses.get(side=side), contact=contact, consents=True, **_answered_by(row, side, demo))


def _answered_by(row: FollowUp, side: str, demo: DemoContext) -> dict:
    """Arguments of the services that name who answers for a side."""
    organisation = row.match.demand.firm_id if side == "firm" else row.match.achievement.institution_id
    name = next(key for key, entry in demo.organisations.items() if entry.pk == organisation)
    own = demo.officer_of(name)
    return {"by": own} if own else {"by": demo.district_of(row.match.demand.firm), "spoken_with": "单位联系人"}


def _date_back(row: FollowUp, opened) -> None:
    """Move the dates to the days after the match was accepted."""
    now = timezone.now()

    def after(days: int):
        return min(opened + timedelta(days=days, hours=days), now)

    for days, side in enumerate(row.responses.exclude(answered_at=None).order_by("answered_at"), start=2):
        SideResponse.objects.filter(pk=side.pk).update(answered_at=after(days))
    row.steps.filter(status="asking").update(made_at=opened)
    for number, step in enumerate(row.steps.exclude(status="asking").order_by("made_at", "pk")):
        FollowUpStep.objects.filter(pk=step.pk).update(made_at=after(3 + 6 * number))
    FollowUp.objects.filter(pk=row.pk).exclude(agreed_at=None).update(agreed_at=after(3))
    FollowUp.objects.filter(pk=row.pk, status="closed").update(closed_at=after(14))
    notices = Notice.objects.filter(about=row.about)
    notices.update(made_at=after(3))
    requests = notices.filter(kind=NoticeKind.ACCEPTED)
    limit = timezone.localdate(opened) + timedelta(days=settings.ANSWER_DAYS)
    requests.update(made_at=opened, text=Replace("text", Value(_day(response_due_on())), Value(_day(limit))))
    waits = FollowUp.objects.asking().filter(pk=row.pk).exists()
    read = notices.exclude(kind=NoticeKind.ACCEPTED) if waits else notices  # unanswered requests stay unread
    read.filter(made_at__lt=now - SEEN_AFTER).update(read_at=F("made_at") + timedelta(days=1))


def _day(day) -> str:
    return f"{day.month} 月 {day.day} 日"
