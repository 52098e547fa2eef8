"""The day of a round: the rule for late talks, announcements to everybody there."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime

from accounts.models import User
from audit.services import record
from notices.models import NoticeKind
from notices.services import notify, withdraw_notices
from notices.services.notifications import NoticeDraft
from notices.texts.writing import write_sentence
from rounds.models import Announcement, DockingRound, LateRule, Party
from rounds.services.check_in import check_round_in_progress
from rounds.services.guest_reach import recipients_by_party
from sheets.cells import clean_text

MAX_LENGTH = 80
MAX_SHOWN = 3
"""Announcements at once: more would push the talks off the phones and screens."""
MAX_LEAST_MINUTES = 120
MINUTES = (15, 30, 60, 180)
"""How long an announcement may be shown."""


def late_rule(docking_round: DockingRound) -> LateRule:
    """The rule of the round; a row that is not saved where nobody has chosen one."""
    rule = LateRule.objects.filter(docking_round=docking_round).first()
    return rule or LateRule(docking_round=docking_round)


@transaction.atomic
def set_late_rule(docking_round: DockingRound, *, kind: str, min_minutes: int, by: User) -> LateRule:
    """Raises PermissionDenied, ValidationError."""
    check_may_lead(docking_round, by)
    before = late_rule(docking_round)
    if kind not in LateRule.Kind.values:
        raise ValidationError("请选择晚开始的洽谈怎么办：顺延或缩短。")
    if not 1 <= min_minutes <= MAX_LEAST_MINUTES:
        raise ValidationError("至少洽谈分钟数请填 1 到 %d。" % MAX_LEAST_MINUTES)
    row, _made = LateRule.objects.update_or_create(
        docking_round=docking_round, defaults={"kind": kind, "min_minutes": min_minutes}
    )
    values = {name: [getattr(before, name), getattr(row, name)] for name in ("kind", "min_minutes")}
    if changes := {name: pair for name, pair in values.items() if pair[0] != pair[1]}:
        record("修改晚开始的规则", row, by=by, changes=changes)
    return row


@transaction.atomic
def announce(docking_round: DockingRound, *, text: str, minutes: int, is_sent: bool, by: User) -> Announcement:
    """Show a sentence on the pages of all guests and on the screens for some minutes. With `is_sent` the users of
    coming parties get it as a notice too, by the ways they have chosen. Raises PermissionDenied, ValidationError."""
    check_may_lead(docking_round, by)
    now = timezone.now()
    check_round_in_progress(docking_round, now)
    DockingRound.objects.select_for_update(of=["self"]).get(pk=docking_round.pk)
    if minutes not in MINUTES:
        raise ValidationError("显示时间请选 15、30、60 或 180 分钟。")
    if Announcement.objects.shown().filter(docking_round=docking_round).count() >= MAX_SHOWN:
        raise ValidationError("已有 %d 条现场通知在显示，请先撤下一条。" % MAX_SHOWN)
    text = clean_text(text)
    if not text:
        raise ValidationError("请填写现场通知的内容。")
    if len(text) > MAX_LENGTH:
        raise ValidationError("现场通知请在 %d 字以内，现在是 %d 字。" % (MAX_LENGTH, len(text)))
    announcement = Announcement(
        docking_round=docking_round,
        text=text,
        shown_until=now + timedelta(minutes=minutes),
        is_sent=is_sent,
        made_at=now,
        made_by=by,
    )
    announcement.save(force_insert=True)
    if is_sent:
        _notify(announcement)
    changes = {"text": [None, announcement.text], "shown_until": [None, announcement.shown_until.isoformat()]}
    record("发布现场通知", announcement, by=by, changes=changes)
    return announcement


@transaction.atomic
def withdraw_announcement(announcement: Announcement, *, by: User) -> bool:
    """Take it off all pages, and its notice with it. Returns False if that was done before."""
    check_may_lead(announcement.docking_round, by)
    withdrawn = Announcement.objects.filter(pk=announcement.pk, withdrawn_at=None).update(withdrawn_at=timezone.now())
    if withdrawn:
        withdraw_notices(_about(announcement))
        record("撤下现场通知", announcement, by=by)
    return bool(withdrawn)


def withdraw_ended_announcements() -> int:
    """Withdraw the notices of announcements whose time is over; return how many. Running twice changes nothing."""
    now = timezone.now()
    ended = Announcement.objects.filter(is_sent=True, shown_until__range=(now - timedelta(days=2), now))
    return sum(withdraw_notices(_about(announcement)) for announcement in ended)


def check_may_lead(docking_round: DockingRound, by: User) -> None:
    """Raise PermissionDenied unless the user leads the day: the city, or the district that hosts the round."""
    if not may_lead(docking_round, by):
        raise PermissionDenied("只有市级专员和主办活动的区县专员可以办理。")


def may_lead(docking_round: DockingRound, by: User) -> bool:
    host = docking_round.host
    own = docking_round.host_kind == "district" and host and host.stat_region_id in by.scope.region_ids
    return bool(by.scope.is_city or (by.scope.is_district and own))


def _notify(announcement: Announcement) -> None:
    coming = Party.objects.coming().filter(docking_round=announcement.docking_round)
    parties = list(coming.select_related("organisation"))
    people = recipients_by_party(parties)
    until = f"{localtime(announcement.shown_until):%H:%M}"
    values = {"活动": announcement.docking_round.name, "几点": until, "内容": announcement.text}
    text = write_sentence("rounds.announcement", values)
    notify(
        NoticeDraft(
            person,
            NoticeKind.MEETINGS,
            text,
            reverse("my_day", args=[party.public_id]),
            _about(announcement),
            _about(announcement),  # one notice for a person of two teams
        )
        for party in parties
        for person in people[party.pk]
    )


def _about(announcement: Announcement) -> str:
    return f"announcement {announcement.public_id}"
