"""Answers to invitations: by invitation code, by a signed-in guest, or recorded by staff.

Guests answer until the event begins. After the timetable is published a yes is a proposal to the planner
(`late_answers`), and a no takes effect at once and frees its places. If all places of a side are taken, a yes waits.
"""

from enum import StrEnum

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from rounds.models import Attendee, DockingRound, Party
from rounds.services.guest_places import free_place, has_place
from rounds.services.guests import INVITING_STATUSES, manages_guest
from rounds.services.invitation_replies import AttendeeInput, InvitationReply, is_same_answer, is_same_busy
from rounds.services.late_answers import is_planned, propose_answer
from rounds.services.saved_answers import save_answer

MAX_ATTENDEES = 10
Answer = Party.Answer
RoundStatus = DockingRound.Status
__all__ = ["AttendeeInput", "InvitationReply", "answer_invitation", "is_same_answer"]


class AnswerEffect(StrEnum):
    """What became of an answer."""

    SAVED = "saved"
    PROPOSED = "proposed"
    """It waits for the planner, because the timetable is published."""
    WAITING = "waiting"
    """It waits for a place."""


def party_by_code(code: str) -> Party | None:
    """Return the party of an invitation code; None if the code was never sent or is withdrawn, or if the round is not
    announced."""
    rows = Party.objects.invited().select_related("organisation", "docking_round__host")
    return rows.filter(code=code).exclude(docking_round__status=RoundStatus.PREPARING).first()


def may_still_answer(party: Party) -> bool:
    """Whether the guest itself may answer or change its answer: until the event begins."""
    docking_round = party.docking_round
    return docking_round.status in DockingRound.ANSWERABLE and docking_round.ends_at > timezone.now()


def why_closed(party: Party) -> str:
    """Return the reason why the guest can no longer answer here, with whom to call; empty if it can."""
    if may_still_answer(party):
        return ""
    docking_round = party.docking_round
    if docking_round.status == RoundStatus.CANCELLED:
        return "这次活动已经取消，不需要答复。公开的需求和成果照常参加匹配。"
    if docking_round.status in (RoundStatus.CLOSED, RoundStatus.ARCHIVED) or docking_round.ends_at <= timezone.now():
        return "这次活动已经结束，不能再答复。"
    return "活动已经开始，不能在这里更改；如有变化，请打电话告诉主办方。"


@transaction.atomic
def answer_invitation(
    party: Party, reply: InvitationReply, *, revision: int | None, by: User | None = None
) -> AnswerEffect:
    """Record an answer, or propose it to the planner. `by` is None for an answer by code, else an officer of the guest
    or staff.

    `revision` is the revision that the sender saw: a second device with an older one is refused unless it sends the
    same answer. Guests may change their answer until the event begins, staff until the round is over. Raises
    PermissionDenied, ValidationError.
    """
    is_staff = by is not None and manages_guest(by, party.organisation)
    if by is not None and not is_staff and not Party.objects.represented_by(by).filter(pk=party.pk).exists():
        raise PermissionDenied("只有被邀请的单位和负责的工作人员可以答复。")
    # The round's row, too: of two guests who take the last place one waits.
    DockingRound.objects.select_for_update(of=("self",)).get(pk=party.docking_round_id)
    row = Party.objects.select_for_update(of=("self",)).select_related("docking_round", "organisation").get(pk=party.pk)
    _check_state(row, is_staff)
    if is_same_answer(row, reply):
        party.refresh_from_db()
        return AnswerEffect.WAITING if row.answer == Answer.WAITING else AnswerEffect.SAVED
    if revision is not None and revision != row.revision:
        raise ValidationError(
            "这份邀请刚在另一台设备上答复为“%(answer)s”，没有覆盖。请核对下面的内容，再提交一次。"
            % {"answer": row.get_answer_display()},
            code="overtaken",
        )
    _check_reply(row.docking_round, reply)
    planned = is_planned(row.docking_round)
    if planned and not is_staff and changes_plan(row, reply):
        propose_answer(row, reply, by=by)
        party.refresh_from_db()
        return AnswerEffect.PROPOSED
    before = row.answer
    waits = reply.coming and not is_staff and before != Answer.COMING and not has_place(row)
    save_answer(row, reply, Answer.WAITING if waits else Answer.COMING if reply.coming else Answer.DECLINED, by=by)
    party.refresh_from_db()
    if before == Answer.COMING and not reply.coming:
        free_place(party, by=by, is_planned=planned)
    return AnswerEffect.WAITING if waits else AnswerEffect.SAVED


def changes_plan(party: Party, reply: InvitationReply) -> bool:
    """Whether the answer needs the planner once the timetable is published: a new guest, or other times of one."""
    if not reply.coming:
        return False
    if party.answer != Answer.COMING:
        return True
    times = (party.arrives_at, party.leaves_at, party.most_meetings)
    return times != (reply.arrives_at, reply.leaves_at, reply.most_meetings) or not is_same_busy(party, reply)


def _check_state(row: Party, is_staff: bool) -> None:
    if row.answer in (Answer.LISTED, Answer.WITHDRAWN):
        raise ValidationError("“%(party)s”现在没有有效的邀请，不能答复。" % {"party": row})
    if is_staff:
        if row.docking_round.status not in INVITING_STATUSES:
            raise ValidationError("活动发布以后、结束以前才能记录答复。")
    elif closed := why_closed(row):
        raise ValidationError(closed, code="closed")


def _check_reply(docking_round: DockingRound, reply: InvitationReply) -> None:
    arrives, leaves = reply.arrives_at, reply.leaves_at
    if not reply.coming:
        return
    if not reply.people:
        raise ValidationError("请至少填写一位参会人员的姓名。")
    if all(person.role == Attendee.Role.COMPANION for person in reply.people):
        raise ValidationError("随行人员之外，请至少填写一位参会人员。")
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
