"""Meeting requests of a party: a firm asks about achievements of the round, an institution about demands of coming
firms. Sent by its officers or by code until the timetable is published; the other side accepts or refuses the talk
(`meeting_acceptance`); staff may refuse with a reason."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from achievements.models import Achievement
from audit.services import record
from demands.models import Demand
from matching.models import FollowUp
from rounds.models import DockingRound, Meeting, MeetingRequest, Party
from rounds.planning.stored_plans import remove_from_drafts
from rounds.services import timetable_notifications
from rounds.services.anonymous_numbers import assign_anonymous_numbers
from rounds.services.invitation_answers import may_still_answer
from rounds.services.late_answers import is_planned
from rounds.services.meeting_acceptance import accept_own, ask_sides, first_words
from rounds.services.meetings import asked_anew, institution_party_for

MAX_REQUESTS, MAX_MOST_WANTED = 12, 3
"""Limits of one party in one round: requests, and requests marked as most wanted."""
PARTY_ORIGINS = (Meeting.Origin.FIRM, Meeting.Origin.INSTITUTION)
Status = MeetingRequest.Status


def why_requests_closed(party: Party) -> str:
    """Return the reason why a party cannot send or withdraw requests; empty if it can."""
    docking_round = party.docking_round
    if docking_round.status == DockingRound.Status.CANCELLED:
        return "这次活动已经取消。提出过的都保留：答复参加下一场以后，在那一场的“想和谁谈”里可以接着提出。"
    if docking_round.status in (DockingRound.Status.CLOSED, DockingRound.Status.ARCHIVED):
        return "这次活动已经结束，不能再提出或撤回。"
    if not may_still_answer(party) or is_planned(docking_round):
        return "洽谈日程已经发布，不能再提出或撤回；如有变化，请联系主办方。"
    if party.answer != Party.Answer.COMING:
        return "答复参加以后，就可以提出想和谁谈。"
    return ""


NOT_REQUESTABLE = "这一项现在不能提出：可能已经下架，或对方还没有答复参加。请刷新后再选。"


def requestable_achievements(party: Party) -> QuerySet[Achievement]:
    """Return the featured achievements on offer whose institutions come, in list order."""
    docking_round = party.docking_round
    there = docking_round.parties.coming().filter(side=Party.Side.INSTITUTION).values("organisation")
    offered = Achievement.objects.on_offer().filter(features__docking_round=docking_round, institution__in=there)
    return offered.select_related("institution").order_by("features__rank", "features__pk")


def requestable_demands(party: Party) -> QuerySet[Demand]:
    """Return the open demands of coming firms that name their firm, and those whose firm the institution knows.

    Not the other anonymous ones: beside the list of who comes, and before and after each answer, a demand that is
    listed because its firm comes tells whose it is, however many firms come.
    """
    there = party.docking_round.parties.coming().filter(side=Party.Side.FIRM).values("organisation")
    agreed = FollowUp.objects.filter(agreed_at__isnull=False, match__achievement__institution=party.organisation_id)
    is_named = Q(is_anonymous=False) | Q(pk__in=agreed.values("match__demand"))
    return (
        Demand.objects.open().filter(is_named, firm__in=there).select_related("firm").order_by("-published_at", "-pk")
    )


@transaction.atomic
def request_meeting(
    party: Party, target: Achievement | Demand | None, *, by: User | None, is_most: bool = False
) -> MeetingRequest:
    """Request a meeting about an achievement (by a firm) or a demand (by an institution).

    `by` is None for a request by code, `target` None for an unknown id. A withdrawn request is renewed. Raises
    PermissionDenied, ValidationError.
    """
    row = _lock_open_party(party, by)
    is_firm = row.side == Party.Side.FIRM
    column = "achievement" if is_firm else "demand"
    offered = requestable_achievements(row) if is_firm else requestable_demands(row)
    if target is None or isinstance(target, Achievement) != is_firm or not offered.filter(pk=target.pk).exists():
        raise ValidationError(NOT_REQUESTABLE)
    request = MeetingRequest.objects.filter(party=row, **{column: target}).first()
    if request is not None and request.status != Status.WITHDRAWN:
        words = (
            "“%(about)s”已经提出过了。" if request.status == Status.REQUESTED else "“%(about)s”未被采纳，不能再提出。"
        )
        raise ValidationError(words % {"about": request.about})
    if MeetingRequest.objects.active().filter(party=row).count() >= MAX_REQUESTS:
        raise ValidationError("最多提出 %(most)d 项，请先撤回一项。" % {"most": MAX_REQUESTS})
    if isinstance(target, Achievement):
        meeting = _meeting_about_achievement(row, target, by)
    else:
        meeting = _meeting_about_demand(row, target, by)
    request = request or MeetingRequest(party=row, made_by=by, **{column: target})
    request.meeting, request.status = meeting, Status.REQUESTED
    request.save()
    accept_own(meeting, row.side)
    ask_sides([party for party in meeting.asked_sides if party.pk != row.pk], by=by)
    record("提出洽谈意愿", meeting, by=by, changes={"wish": [None, request.about]} | _by_code(by))
    if is_most:
        mark_most_wanted(request, is_most=True, by=by)
    return request


@transaction.atomic
def withdraw_request(request: MeetingRequest, *, by: User | None) -> None:
    """Withdraw a request; a meeting that only requests asked for is dropped. Raises as `request_meeting`."""
    _lock_open_party(request.party, by)
    gone = MeetingRequest.objects.active().filter(pk=request.pk).update(status=Status.WITHDRAWN, is_most=False)
    request.refresh_from_db()
    if not gone:
        raise ValidationError("这一项现在是“%(now)s”，不能撤回。" % {"now": request.get_status_display()})
    record("撤回洽谈意愿", request.meeting, by=by, changes={"wish": [request.about, None]} | _by_code(by))
    _drop_if_unrequested(request.meeting, "提出方撤回了意愿")


@transaction.atomic
def mark_most_wanted(request: MeetingRequest, *, is_most: bool, by: User | None) -> None:
    """Set or clear the mark “most wanted”. The party's row is locked, so two devices cannot exceed the limit. Raises as
    `request_meeting`."""
    row = _lock_open_party(request.party, by)
    others = MeetingRequest.objects.most_wanted().filter(party=row).exclude(pk=request.pk).count()
    if is_most and others >= MAX_MOST_WANTED:
        raise ValidationError("最想谈的最多选 %(most)d 项，请先取消一项。" % {"most": MAX_MOST_WANTED})
    marked = MeetingRequest.objects.active().filter(pk=request.pk).update(is_most=is_most)
    request.refresh_from_db()
    if not marked:
        raise ValidationError("这一项现在是“%(now)s”，不能再改。" % {"now": request.get_status_display()})
    record("标记最想谈", request.meeting, by=by, changes={"is_most": [not is_most, is_most]} | _by_code(by))


@transaction.atomic
def refuse_request(request: MeetingRequest, *, reason: str, by: User) -> None:
    """Refuse a request with a reason that the party reads. A meeting that only this request asked for is dropped; a
    meeting of an accepted match or of staff stays. Raises PermissionDenied, ValidationError."""
    if not by.scope.is_city:
        raise PermissionDenied("只有市级专员可以退回洽谈意愿。")
    reason = reason.strip()[:200]
    if not reason:
        raise ValidationError("退回意愿请说明原因，提出的单位会看到。")
    refused = MeetingRequest.objects.active().filter(pk=request.pk)
    done = refused.update(status=Status.REFUSED, is_most=False, refused_reason=reason)
    request.refresh_from_db()
    if not done:
        raise ValidationError("这项意愿现在是“%(now)s”，不需要退回。" % {"now": request.get_status_display()})
    record("退回洽谈意愿", request.meeting, by=by, changes={"wish": [request.about, None], "reason": [None, reason]})
    _drop_if_unrequested(request.meeting, reason)
    timetable_notifications.notify_request_refused(request)


def _meeting_about_achievement(row: Party, target: Achievement, by: User | None) -> Meeting:
    """Return the meeting of an accepted match about it, else the general meeting of the two parties."""
    of_match = row.meetings_as_firm.filter(match__achievement=target, status=Meeting.Status.WANTED).first()
    if of_match is not None:
        return of_match
    teams = row.docking_round.parties.coming().filter(organisation=target.institution).order_by("team", "pk")
    values = {"topic": target.title[:120], "origin": Meeting.Origin.FIRM}
    return _get_or_restore_meeting(row.docking_round, row, institution_party_for(target, list(teams)), by, values)


def _meeting_about_demand(row: Party, target: Demand, by: User | None) -> Meeting:
    of_match = row.meetings_as_institution.filter(match__demand=target, status=Meeting.Status.WANTED).first()
    if of_match is not None:
        return of_match
    firm = row.docking_round.parties.coming().filter(organisation=target.firm).order_by("pk").first()
    if firm is None:  # it declined since the check of the request
        raise ValidationError(NOT_REQUESTABLE)
    values = {"topic": target.public_text("title")[:120], "origin": Meeting.Origin.INSTITUTION}
    return _get_or_restore_meeting(row.docking_round, firm, row, by, values, demand=target)


def _get_or_restore_meeting(
    docking_round: DockingRound,
    firm: Party,
    institution: Party,
    by: User | None,
    values: dict[str, Any],
    demand: Demand | None = None,
) -> Meeting:
    pair = {
        "docking_round": docking_round,
        "firm_party": firm,
        "institution_party": institution,
        "match": None,
        "unmatched_demand": demand,
    }
    values = values | first_words(docking_round, values["origin"])
    meeting, is_new = Meeting.objects.get_or_create(**pair, defaults=values | {"made_by": by})
    if is_new:
        assign_anonymous_numbers(docking_round)
        meeting.refresh_from_db(fields=["anonymous_number"])
    if is_new or meeting.status == Meeting.Status.WANTED:
        return meeting
    taken_back = not meeting.meeting_requests.exclude(status=Status.WITHDRAWN).exists()
    again = Meeting.objects.filter(pk=meeting.pk, status=Meeting.Status.DROPPED, origin__in=PARTY_ORIGINS)
    if not taken_back or not again.update(**asked_anew(by), **values):
        raise ValidationError("这场洽谈已由工作人员取消；想恢复请联系主办方。")
    meeting.refresh_from_db()
    return meeting


def _drop_if_unrequested(meeting: Meeting, reason: str) -> None:
    if MeetingRequest.objects.active().filter(meeting=meeting).exists():
        return
    asked = Meeting.objects.filter(pk=meeting.pk, status=Meeting.Status.WANTED, origin__in=PARTY_ORIGINS)
    if asked.update(status=Meeting.Status.DROPPED, dropped_reason=reason):
        remove_from_drafts([meeting.pk])
        meeting.refresh_from_db()
        timetable_notifications.notify_meeting_dropped(meeting)


def _lock_open_party(party: Party, by: User | None) -> Party:
    """Return the party's row, locked, while it may send requests. Raises PermissionDenied, ValidationError."""
    if by is not None and not Party.objects.represented_by(by).filter(pk=party.pk).exists():
        raise PermissionDenied("只有参会单位自己可以提出洽谈意愿。")
    rows = Party.objects.select_for_update(of=("self",)).select_related("docking_round", "organisation")
    row = rows.get(pk=party.pk)
    if closed := why_requests_closed(row):
        raise ValidationError(closed, code="closed")
    return row


def _by_code(by: User | None) -> dict[str, Any]:
    return {} if by else {"by_code": [None, True]}
