"""Load the follow-ups of accepted matches. A cycle of scenarios covers every status, some overdue.

Each side speaks for itself: its own user, or its link. Some words still wait for the other side.
"""

from datetime import datetime, timedelta
from itertools import cycle

from django.conf import settings
from django.db.models import F, Value
from django.db.models.functions import Replace
from django.utils import timezone

from accounts.models import User
from core.due_days import month_and_day
from matching.models import FollowUp, FollowUpStep, SideResponse
from matching.services.confirmations import confirm_call, confirm_stance, state_stance
from matching.services.follow_up_status import read_again
from matching.services.follow_ups import close_follow_up, record_intent, record_progress
from matching.services.response_requests import response_due_on
from matching.services.side_responses import answer_unwilling, answer_willing, inquire, reply_to_inquiry
from notices.models import Notice, NoticeKind
from portal.demo.people import DemoContext

LONG_AGO = timedelta(days=60)
SEEN_AFTER = timedelta(days=7)
"""Notices older than this are marked as read."""


def load_answers(demo: DemoContext) -> None:
    """Answer for each side as its own officer, or with its link if it has no user."""
    rows = FollowUp.objects.asking().select_related("match__demand__firm", "match__achievement__institution", "owner")
    untouched = rows.exclude(responses__status__in=["more", "willing", "unwilling"])
    untouched = untouched.order_by("match__reviewed_at", "pk")
    scenarios = cycle(
        (_agree, _one_says_yes, _reach_intent, _refuse, _wait, _ask_more, _agree_late, _give_up, _call, _intend_alone)
    )
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
    if _is_old(row):
        _intend(row, demo)


def _agree_late(row: FollowUp, demo: DemoContext) -> None:
    _yes(row, "office", demo)
    _yes(row, "firm", demo)
    if _is_old(row):
        _intend(row, demo)
    FollowUp.objects.filter(pk=row.pk).update(next_on=timezone.localdate() - timedelta(days=3))


def _reach_intent(row: FollowUp, demo: DemoContext) -> None:
    _agree(row, demo)
    if not _is_old(row):
        _intend(row, demo)


def _intend(row: FollowUp, demo: DemoContext) -> None:
    """The owner records an intent, and each side confirms it."""
    day = timezone.localdate() + timedelta(days=20)
    record_intent(row, note="双方签了意向书，企业先做一轮试用", next_on=day, by=row.owner)
    for question in row.requests.open():
        by = _officer(row, question.side, demo)
        confirm_stance(question, stance="intent", by=by, at=_said_at(row, 9))
    read_again(row)


def _intend_alone(row: FollowUp, demo: DemoContext) -> None:
    """One side says that it has an intent; the other one has not confirmed."""
    _yes(row, "firm", demo)
    _yes(row, "office", demo)
    read_again(row)
    if by := _officer(row, "firm", demo) or _officer(row, "office", demo):
        side = "firm" if _officer(row, "firm", demo) else "office"
        state_stance(row, side=side, stance="intent", by=by)


def _call(row: FollowUp, demo: DemoContext) -> None:
    """An officer records a call of the firm, which has not confirmed it."""
    by, contact = demo.district_of(row.match.demand.firm), row.match.demand.contact
    answer_willing(row.responses.get(side="firm"), contact=contact, consents=True, by=by, spoken_with="单位联系人")


def _one_says_yes(row: FollowUp, demo: DemoContext) -> None:
    _yes(row, "office", demo)


def _refuse(row: FollowUp, demo: DemoContext) -> None:
    _yes(row, "office", demo)
    words = {"reason": "timing", "note": "今年的研发预算已经用完", "share_reason": True}
    by = _officer(row, "firm", demo)
    speaker = {"by": by} if by else {"by": demo.district_of(row.match.demand.firm), "spoken_with": "单位联系人"}
    answer_unwilling(row.responses.get(side="firm"), **words, **speaker, at=_said_at(row, 3))


def _ask_more(row: FollowUp, demo: DemoContext) -> None:
    """One inquiry is answered, another is open; the deadline is extended, so only these are due soon."""
    side, by = row.responses.get(side="office"), _officer(row, "office", demo)
    speaker = {"by": by} if by else {"by": demo.district_of(row.match.demand.firm), "spoken_with": "单位联系人"}
    first = inquire(side, text="企业现有产线能否停机一周做试验？", **speaker)
    reply_to_inquiry(first, text="可以，最好安排在春节前后。", by=demo.district_of(row.match.demand.firm))
    inquire(side, text="试验费用由哪一方承担？", **speaker)


def _wait(row: FollowUp, demo: DemoContext) -> None:
    """No answer: overdue, unless the match was accepted a few days ago."""


def _give_up(row: FollowUp, demo: DemoContext) -> None:
    _agree(row, demo)
    close_follow_up(row, reason="no_deal", note="对试用费用没有谈拢", by=row.owner)


def _yes(row: FollowUp, side: str, demo: DemoContext) -> None:
    """The side's own user answers; without one an officer records a call, and the side confirms it by its link."""
    contact = row.match.demand.contact if side == "firm" else row.match.achievement.contact
    response, at = row.responses.get(side=side), _said_at(row, 2)
    if by := _officer(row, side, demo):
        answer_willing(response, contact=contact, consents=True, by=by, at=at)
    else:
        district = demo.district_of(row.match.demand.firm)
        answer_willing(response, contact=contact, consents=True, by=district, spoken_with="单位联系人")
        confirm_call(row.requests.open().get(side=side), contact=contact, consents=True, at=at)
    read_again(row)


def _officer(row: FollowUp, side: str, demo: DemoContext) -> User | None:
    """A user of the side, if it has one."""
    organisation = row.match.demand.firm_id if side == "firm" else row.match.achievement.institution_id
    name = next(key for key, entry in demo.organisations.items() if entry.pk == organisation)
    return demo.officer_of(name)


def _is_old(row: FollowUp) -> bool:
    reviewed_at = row.match.reviewed_at
    return reviewed_at is not None and reviewed_at < timezone.now() - LONG_AGO


def _said_at(row: FollowUp, days: int) -> datetime:
    """Some days after the match was accepted, at the latest now."""
    now = timezone.now()
    return min((row.match.reviewed_at or now) + timedelta(days=days, hours=days), now)


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
    requests.update(
        made_at=opened, text=Replace("text", Value(month_and_day(response_due_on())), Value(month_and_day(limit)))
    )
    waits = FollowUp.objects.asking().filter(pk=row.pk).exists()
    read = notices.exclude(kind=NoticeKind.ACCEPTED) if waits else notices  # unanswered requests stay unread
    read.filter(made_at__lt=now - SEEN_AFTER).update(read_at=F("made_at") + timedelta(days=1))
