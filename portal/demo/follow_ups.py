"""What became of the demo city's accepted matches: by turns, so that every state can be seen, some of it overdue."""

from datetime import timedelta
from itertools import cycle

from django.conf import settings
from django.db.models import F, Value
from django.db.models.functions import Replace
from django.utils import timezone

from matching.models import FollowUp, FollowUpStep, Willingness
from matching.services import asking
from matching.services.asking import answer_unwilling, answer_willing, inquire, reply_to_inquiry
from matching.services.following import close_follow_up, note_progress, reach_intent
from notices.models import Notice, NoticeKind
from portal.demo.people import Cast

LONG_AGO = timedelta(days=60)
SEEN_AFTER = timedelta(days=7)
"""What was told longer ago than this has been read."""


def answer_sides(cast: Cast) -> None:
    """Each side answered through its own officer, or by telephone where none of it can sign in."""
    rows = FollowUp.objects.asking().select_related("match__demand__firm", "match__achievement__institution", "owner")
    untouched = rows.exclude(sides__status__in=["more", "willing", "unwilling"]).order_by("match__reviewed_at", "pk")
    stories = cycle((_agree, _one_says_yes, _reach_intent, _refuse, _wait, _ask_more, _agree_late, _give_up))
    for row, tell in zip(list(untouched), stories, strict=False):
        opened = row.match.reviewed_at
        due_on = timezone.localdate(opened) + timedelta(days=settings.ANSWER_DAYS)
        # Straight into the columns: no service may say that something happened on another day than today.
        FollowUp.objects.filter(pk=row.pk).update(opened_at=opened)
        row.sides.update(due_on=due_on)
        if row.match.demand.contact and row.match.achievement.contact:
            tell(row, cast)
        elif opened < timezone.now() - LONG_AGO:
            close_follow_up(row, reason="no_answer", note="电话联系三次没有答复", by=row.match.reviewed_by)
        _date_back(row, opened)


def _agree(row: FollowUp, cast: Cast) -> None:
    _yes(row, "firm", cast)
    _yes(row, "office", cast)
    day = timezone.localdate() + timedelta(days=5)
    note_progress(row, note="已约企业到实验室看样品", next_on=day, by=row.owner)


def _agree_late(row: FollowUp, cast: Cast) -> None:
    _yes(row, "office", cast)
    _yes(row, "firm", cast)
    FollowUp.objects.filter(pk=row.pk).update(next_on=timezone.localdate() - timedelta(days=3))


def _reach_intent(row: FollowUp, cast: Cast) -> None:
    _agree(row, cast)
    day = timezone.localdate() + timedelta(days=20)
    reach_intent(row, note="双方签了意向书，企业先做一轮试用", next_on=day, by=row.owner)


def _one_says_yes(row: FollowUp, cast: Cast) -> None:
    _yes(row, "office", cast)


def _refuse(row: FollowUp, cast: Cast) -> None:
    _yes(row, "office", cast)
    words = {"reason": "timing", "note": "今年的研发预算已经用完", "share_reason": True}
    answer_unwilling(row.sides.get(side="firm"), **words, **_speaker(row, "firm", cast))


def _ask_more(row: FollowUp, cast: Cast) -> None:
    """One question answered, another open, and time again: the only ones whose limit is near."""
    side = row.sides.get(side="office")
    first = inquire(side, text="企业现有产线能否停机一周做试验？", **_speaker(row, "office", cast))
    reply_to_inquiry(first, text="可以，最好安排在春节前后。", by=cast.district_of(row.match.demand.firm))
    inquire(side, text="试验费用由哪一方承担？", **_speaker(row, "office", cast))


def _wait(row: FollowUp, cast: Cast) -> None:
    """Nobody answers: overdue, unless it was accepted within these days."""


def _give_up(row: FollowUp, cast: Cast) -> None:
    _agree(row, cast)
    close_follow_up(row, reason="no_deal", note="对试用费用没有谈拢", by=row.owner)


def _yes(row: FollowUp, side: str, cast: Cast) -> None:
    contact = row.match.demand.contact if side == "firm" else row.match.achievement.contact
    answer_willing(row.sides.get(side=side), contact=contact, consents=True, **_speaker(row, side, cast))


def _speaker(row: FollowUp, side: str, cast: Cast) -> dict:
    """Who answers for a side, as the services want it."""
    organisation = row.match.demand.firm_id if side == "firm" else row.match.achievement.institution_id
    name = next(key for key, one in cast.organisations.items() if one.pk == organisation)
    own = cast.officer_of(name)
    return {"by": own} if own else {"by": cast.district_of(row.match.demand.firm), "spoken_with": "单位联系人"}


def _date_back(row: FollowUp, opened) -> None:
    """What was just written happened in the days after the nod."""
    now = timezone.now()

    def after(days: int):
        return min(opened + timedelta(days=days, hours=days), now)

    for days, side in enumerate(row.sides.exclude(answered_at=None).order_by("answered_at"), start=2):
        Willingness.objects.filter(pk=side.pk).update(answered_at=after(days))
    row.steps.filter(status="asking").update(made_at=opened)
    for number, step in enumerate(row.steps.exclude(status="asking").order_by("made_at", "pk")):
        FollowUpStep.objects.filter(pk=step.pk).update(made_at=after(3 + 6 * number))
    FollowUp.objects.filter(pk=row.pk).exclude(agreed_at=None).update(agreed_at=after(3))
    FollowUp.objects.filter(pk=row.pk, status="closed").update(closed_at=after(14))
    told = Notice.objects.filter(about=row.about)
    told.update(made_at=after(3))
    asked = told.filter(kind=NoticeKind.ACCEPTED)
    limit = timezone.localdate(opened) + timedelta(days=settings.ANSWER_DAYS)
    asked.update(made_at=opened, text=Replace("text", Value(_day(asking.answer_by())), Value(_day(limit))))
    waits = FollowUp.objects.asking().filter(pk=row.pk).exists()
    seen = told.exclude(kind=NoticeKind.ACCEPTED) if waits else told  # who has not answered has it before them still
    seen.filter(made_at__lt=now - SEEN_AFTER).update(read_at=F("made_at") + timedelta(days=1))


def _day(day) -> str:
    return f"{day.month} 月 {day.day} 日"
