"""Answers to invitations: by invitation code, by a signed-in guest, or recorded by staff."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from audit.services import record
from rounds.models import Attendee, DockingRound, Party
from rounds.services import invitations
from rounds.services.guests import INVITING_STATUSES, manages_guest

MAX_ATTENDEES = 10
Answer = Party.Answer
RoundStatus = DockingRound.Status


@dataclass(frozen=True, slots=True)
class AttendeeInput:
    """A person of an answer. `public_id` names the existing attendee; empty for a new one."""

    name: str
    position: str = ""
    public_id: str = ""


@dataclass(frozen=True, slots=True)
class InvitationReply:
    """A complete answer. Times of None mean the whole event; `most_meetings` None means no limit."""

    coming: bool
    people: Sequence[AttendeeInput] = field(default_factory=tuple)
    arrives_at: datetime | None = None
    leaves_at: datetime | None = None
    most_meetings: int | None = None
    note: str = ""


def party_by_code(code: str) -> Party | None:
    """Return the party of an invitation code; None if the code was never sent or is withdrawn, or if the round is not
    announced."""
    rows = Party.objects.invited().select_related("organisation", "docking_round__host")
    return rows.filter(code=code).exclude(docking_round__status=RoundStatus.PREPARING).first()


def may_still_answer(party: Party) -> bool:
    """Whether the guest itself may answer or change its answer: until the timetable is published."""
    docking_round = party.docking_round
    return docking_round.status == RoundStatus.GATHERING and not docking_round.timetables.published().exists()


def why_closed(party: Party) -> str:
    """Return the reason why the guest can no longer answer; empty if it can."""
    if may_still_answer(party):
        return ""
    if party.docking_round.status == RoundStatus.CANCELLED:
        return "这次活动已经取消，不需要答复。"
    if party.docking_round.status in (RoundStatus.CLOSED, RoundStatus.ARCHIVED):
        return "这次活动已经结束，不能再答复。"
    return "洽谈日程已经发布，不能在这里更改；如有变化，请联系区市县科技部门或主办方。"


@transaction.atomic
def answer_invitation(party: Party, reply: InvitationReply, *, revision: int | None, by: User | None = None) -> None:
    """Record an answer. `by` is None for an answer by code, else an officer of the guest or staff.

    `revision` is the revision that the sender saw: a second device with an older one is refused unless it sends the
    same answer. Guests may change their answer until the timetable is published, staff until the round is over. Raises
    PermissionDenied, ValidationError.
    """
    is_staff = by is not None and manages_guest(by, party.organisation)
    if by is not None and not is_staff and not Party.objects.represented_by(by).filter(pk=party.pk).exists():
        raise PermissionDenied("只有被邀请的单位和负责的工作人员可以答复。")
    row = Party.objects.select_for_update(of=("self",)).select_related("docking_round", "organisation").get(pk=party.pk)
    _check_state(row, is_staff)
    if is_same_answer(row, reply):
        party.refresh_from_db()
        return
    if revision is not None and revision != row.revision:
        raise ValidationError(
            "这份邀请刚在另一台设备上答复为“%(answer)s”，没有覆盖。请核对下面的内容，再提交一次。"
            % {"answer": row.get_answer_display()},
            code="overtaken",
        )
    _check_times(row.docking_round, reply)
    before = row.answer
    columns = {
        "answer": Answer.COMING if reply.coming else Answer.DECLINED,
        "answered_at": timezone.now(),
        "answered_by": by,
        "arrives_at": reply.arrives_at if reply.coming else None,
        "leaves_at": reply.leaves_at if reply.coming else None,
        "most_meetings": reply.most_meetings if reply.coming else None,
        "answer_note": reply.note.strip()[:300],
    }
    for name, value in columns.items():
        setattr(row, name, value)
    row.clean_fields(exclude=["note"])
    Party.objects.filter(pk=row.pk).update(**columns, revision=F("revision") + 1)
    _save_people(row, reply.people if reply.coming else ())
    party.refresh_from_db()
    record(
        "答复参会邀请",
        party,
        by=by,
        changes={"answer": [before, party.answer], "people": [None, len(reply.people)]}
        | ({} if by else {"by_code": [None, True]}),
    )
    invitations.notify_answered(party, by=by)


def is_same_answer(party: Party, reply: InvitationReply) -> bool:
    """Whether this answer is already recorded, so that a form sent twice changes nothing."""
    if party.answer != (Answer.COMING if reply.coming else Answer.DECLINED):
        return False
    same = party.answer_note == reply.note.strip()[:300]
    if not reply.coming:
        return same
    people = [(person.name, person.position) for person in reply.people]
    return (
        same
        and (party.arrives_at, party.leaves_at) == (reply.arrives_at, reply.leaves_at)
        and party.most_meetings == reply.most_meetings
        and people == list(party.attendees.order_by("pk").values_list("name", "position"))
    )


def _check_state(row: Party, is_staff: bool) -> None:
    if row.answer in (Answer.LISTED, Answer.WITHDRAWN):
        raise ValidationError("“%(party)s”现在没有有效的邀请，不能答复。" % {"party": row})
    if is_staff:
        if row.docking_round.status not in INVITING_STATUSES:
            raise ValidationError("活动发布以后、结束以前才能记录答复。")
    elif closed := why_closed(row):
        raise ValidationError(closed, code="closed")


def _check_times(docking_round: DockingRound, reply: InvitationReply) -> None:
    arrives, leaves = reply.arrives_at, reply.leaves_at
    if not reply.coming:
        return
    if not reply.people:
        raise ValidationError("请至少填写一位参会人员的姓名。")
    if len(reply.people) > MAX_ATTENDEES:
        raise ValidationError("一个单位最多登记 %(most)s 人。" % {"most": MAX_ATTENDEES})
    for moment in filter(None, (arrives, leaves)):
        if not docking_round.starts_at <= moment <= docking_round.ends_at:
            raise ValidationError(
                "活动时间是 %(start)s 到 %(end)s，到场和离场时间请填在这中间。"
                % {
                    "start": f"{timezone.localtime(docking_round.starts_at):%H:%M}",
                    "end": f"{timezone.localtime(docking_round.ends_at):%H:%M}",
                }
            )
    if arrives and leaves and leaves <= arrives:
        raise ValidationError("离场时间要晚于到场时间。")


def _save_people(party: Party, people: Sequence[AttendeeInput]) -> None:
    """Replace the party's attendees. Existing rows are kept, and with them badge and check-in."""
    known = {attendee.public_id: attendee for attendee in party.attendees.order_by("pk")}
    kept = set()
    for person in people:
        row = known.pop(person.public_id, None) or Attendee(party=party)
        row.name, row.position = person.name, person.position
        row.clean_fields(exclude=["party", "same_as", "checked_in_by"])
        row.save()
        kept.add(row.public_id)
    gone = party.attendees.exclude(public_id__in=kept)
    if gone.filter(checked_in_at__isnull=False).exists():
        raise ValidationError("已经签到的人员不能从名单中去掉。")
    gone.delete()
