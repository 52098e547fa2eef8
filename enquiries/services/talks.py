"""A talk at a time both choose: one side proposes one to three times, the other picks one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import record
from audit.transitions import constraint_message, transition
from enquiries.models import Approach, ApproachMessage, TalkTime
from enquiries.permissions import speaking_side
from enquiries.services.notifications import notify_event, notify_talk, people_of, settle_approach_notices
from enquiries.services.texts import checked_text
from enquiries.services.thread import add_event, behalf_of, lock_approach, mark_answered

Status = TalkTime.Status
AGENT = ApproachMessage.Origin.AGENT
MAX_TIMES = 3
LONGEST_AHEAD = timedelta(days=90)
SHORTEST_AHEAD = timedelta(minutes=30)
LENGTHS = (30, 60, 90, 120)
"""Minutes that the form offers."""


@transaction.atomic
def propose_times(
    approach: Approach, *, starts: Sequence[datetime], minutes: int, place: str, by: User, origin: str = ""
) -> list[TalkTime]:
    """Propose one to three times (aware) for a talk; earlier proposals lapse. `place`: a room or how to meet online.

    Counts as the answer of the recipient. origin: as in `post_message`. Raises PermissionDenied, ValidationError.
    """
    row = lock_approach(approach)
    side = speaking_side(row, by)
    if row.status == Approach.Status.ENDED:
        raise ValidationError("这里已经结束，不能再约时间。")
    starts = sorted(set(starts))
    if not 1 <= len(starts) <= MAX_TIMES:
        raise ValidationError("请提出 1 到 3 个时间，供对方选一个。")
    require_reasonable(starts)
    if minutes not in LENGTHS:
        raise ValidationError("请选择约谈时长。")
    if row.talk_times.upcoming().exists():
        raise ValidationError("已经约好了时间；如要改期，请先取消。")
    hides_firm = row.hides_firm and row.organisation_of(side) == row.firm
    prompt = "请写明地点，或怎样在线见面。"
    place = checked_text(place, author=row.organisation_of(side), hides_firm=hides_firm, prompt=prompt, longest=100)
    now = timezone.now()
    row.talk_times.proposed().update(status=Status.DROPPED, decided_at=now, decided_by=by)
    try:
        with transaction.atomic():
            times = TalkTime.objects.bulk_create(
                TalkTime(approach=row, side=side, proposed_by=by, starts_at=at, minutes=minutes, place=place)
                for at in starts
            )
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, TalkTime)) from None
    if side == row.recipient_side:
        mark_answered(row, by=by)
    settle_approach_notices(row, people_of(row, side))
    behalf = behalf_of(row, side, "提出约谈时间", by)
    origin = AGENT if behalf else origin
    add_event(row, f"{_label(side)}提出 {len(times)} 个约谈时间", by=by, side=side, origin=origin)
    notify_event(row, _other(side), "对方提出约谈时间，请选一个。", f"times {times[0].public_id}")
    record("提出约谈时间", row, by=by, changes={"times": [None, ", ".join(map(str, times))], **behalf})
    approach.refresh_from_db()
    return times


@transaction.atomic
def choose_time(talk: TalkTime, *, by: User) -> None:
    """The other side picks one of the proposed times; the others lapse. Raises PermissionDenied, ValidationError."""
    row = lock_approach(talk.approach)
    talk.refresh_from_db()
    talk.approach = row
    side = speaking_side(row, by)
    if side == talk.side:
        raise PermissionDenied("时间由对方选定。")
    if row.status == Approach.Status.ENDED:
        raise ValidationError("这里已经结束，不能再约时间。")
    if talk.starts_at <= timezone.now():
        raise ValidationError("这个时间已经过去，请另提时间。")
    now = timezone.now()
    transition(
        talk,
        when={"status": Status.PROPOSED},
        values={"status": Status.CHOSEN, "decided_at": now, "decided_by": by},
        refusal="这个时间已不能选，请刷新后再看。",
        action="选定约谈时间",
        by=by,
        changes=(behalf := behalf_of(row, side, "选定约谈时间", by)),
    )
    row.talk_times.proposed().update(status=Status.DROPPED, decided_at=now, decided_by=by)
    if side == row.recipient_side:
        mark_answered(row, by=by)
    if row.is_open:
        _set_status(row, Approach.Status.TALK, by=by)
    settle_approach_notices(row, people_of(row, side))
    moment = timezone.localtime(talk.starts_at)
    text = f"约谈定在 {moment.month} 月 {moment.day} 日 {moment:%H:%M}，{talk.minutes} 分钟，{talk.place}"
    add_event(row, text, by=by, side=side, origin=AGENT if behalf else "")
    for people in (side, talk.side):
        notify_talk(talk, people)


@transaction.atomic
def cancel_talk(talk: TalkTime, *, by: User) -> None:
    """Cancel an agreed talk that has not begun. Raises PermissionDenied, ValidationError."""
    row = lock_approach(talk.approach)
    side = speaking_side(row, by)
    talk.refresh_from_db()
    if talk.status == Status.CHOSEN and talk.starts_at <= timezone.now():
        raise ValidationError("约谈已经开始，不能取消。")
    transition(
        talk,
        when={"status": Status.CHOSEN},
        values={"status": Status.CANCELLED, "decided_at": timezone.now(), "decided_by": by},
        refusal="这次约谈已经取消了。",
        action="取消约谈",
        by=by,
        changes=(behalf := behalf_of(row, side, "取消约谈", by)),
    )
    if row.status == Approach.Status.TALK:
        _set_status(row, Approach.Status.ANSWERED, by=by)
    add_event(row, f"{_label(side)}取消了 {talk} 的约谈", by=by, side=side, origin=AGENT if behalf else "")
    notify_event(row, _other(side), f"对方取消了 {talk} 的约谈。", f"cancelled {talk.public_id}")


def clashing_talks(organisation: Organisation, talk: TalkTime) -> list[TalkTime]:
    """Other agreed talks of the organisation that overlap with `talk`."""
    longest = timedelta(minutes=480)
    near = (
        TalkTime.objects.chosen()
        .filter(starts_at__gt=talk.starts_at - longest, starts_at__lt=talk.ends_at)
        .filter(Q(approach__firm=organisation) | Q(approach__institution=organisation))
        .exclude(approach=talk.approach_id)
    )
    return [other for other in near if other.ends_at > talk.starts_at]


def require_reasonable(starts: Sequence[datetime]) -> None:
    """Raise ValidationError for a time that has passed, is too near or too far ahead."""
    now = timezone.now()
    for moment in starts:
        text = timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")
        if moment < now + SHORTEST_AHEAD:
            raise ValidationError("“%(moment)s”已经过去或太近，请选半小时以后的时间。" % {"moment": text})
        if moment > now + LONGEST_AHEAD:
            raise ValidationError("“%(moment)s”太远，请选 90 天以内的时间。" % {"moment": text})


def _set_status(row: Approach, status: str, *, by: User) -> None:
    transition(
        row,
        when={"status__in": Approach.OPEN},
        values={"status": status},
        refusal="状态刚被改变，请刷新后再看。",
        action="主动对接：约谈",
        by=by,
        changes={"status": [row.status, status]},
    )


def _label(side: str) -> str:
    return "企业" if side == "firm" else "院校"


def _other(side: str) -> str:
    return "office" if side == "firm" else "firm"
