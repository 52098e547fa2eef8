"""A party's own meeting requests with their state, and the talks that it is asked to accept.

Of another party's request it reads who wants to talk, as far as it may know the name, and about what.
"""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.names import name_for
from achievements.models import Achievement
from demands.models import Demand
from rounds.models import DockingRound, Meeting, MeetingRequest, Party, Placement, Timetable
from rounds.own_plan import partner_name, topic_text

Status = Meeting.Status
ASKED_BY: dict[str, str] = {
    Meeting.Origin.FIRM: "企业提出",
    Meeting.Origin.INSTITUTION: "院校提出",
    Meeting.Origin.MATCH: "匹配推荐",
}


@dataclass(frozen=True)
class RequestLine:
    """A request. `partner` as this party may read it; `state` as short text."""

    request: MeetingRequest
    partner: str
    state: str

    @property
    def is_active(self) -> bool:
        return self.request.status == MeetingRequest.Status.REQUESTED


@dataclass(frozen=True)
class AskedTalk:
    """A talk that somebody asked the party for. `partner` and `topic` as this party may read them. `address`: of the
    public page about the topic, if it has one. `waits`: the other side has not said yet whether it wants the talk.
    `is_told_next`: the institution learns of the talk about the firm's anonymous demand only when the firm accepts."""

    meeting: Meeting
    partner: str
    topic: str
    asked_by: str
    address: str = ""
    waits: bool = False
    is_told_next: bool = False


def asked_talks(party: Party) -> list[AskedTalk]:
    """The talks that the party has to accept or refuse, in a fixed number of queries."""
    return _talks(party, Meeting.objects.asking([party]))


def accepted_talks(party: Party) -> list[AskedTalk]:
    """The talks that the party has accepted without having asked for them, in a fixed number of queries."""
    word = "firm_word" if party.side == Party.Side.FIRM else "institution_word"
    rows = Meeting.objects.known_to(party).filter(**{word: Meeting.Word.ACCEPTED}).exclude(status=Status.DROPPED)
    own = MeetingRequest.objects.active().filter(party=party)
    return _talks(party, rows.exclude(pk__in=own.values("meeting")))


def _talks(party: Party, rows: QuerySet[Meeting]) -> list[AskedTalk]:
    is_firm = party.side == Party.Side.FIRM
    rows = rows.select_related(
        "match__demand__firm",
        "match__achievement",
        "match__follow_up",
        "unmatched_demand__firm",
        "firm_party__organisation",
        "institution_party__organisation",
    )
    meetings = list(rows.order_by("made_at", "pk"))
    pages = _achievement_pages(meetings) if is_firm else _demand_pages(meetings)
    return [
        AskedTalk(
            meeting,
            partner_name(meeting, party.pk),
            topic_text(meeting, party.pk) or meeting.topic,
            ASKED_BY.get(meeting.origin, "主办方建议"),
            pages.get(meeting.pk, ""),
            any(side.pk != party.pk for side in meeting.silent_sides),
            is_firm and meeting.waits_for_firm,
        )
        for meeting in meetings
    ]


def _achievement_pages(meetings: list[Meeting]) -> dict[int, str]:
    """{meeting: the public page of the achievement that it is about}"""
    about = {meeting.pk: meeting.match.achievement_id for meeting in meetings if meeting.match}
    rows = Achievement.objects.published().filter(pk__in=about.values()).values_list("pk", "public_id")
    return _addresses("achievement_detail", about, dict(rows))


def _demand_pages(meetings: list[Meeting]) -> dict[int, str]:
    """{meeting: the public page of the demand that it is about}; under the public name of an anonymous firm."""
    about = {meeting.pk: meeting.demand.pk for meeting in meetings if meeting.demand}
    rows = Demand.objects.published().filter(pk__in=about.values()).values_list("pk", "public_id")
    return _addresses("demand_detail", about, dict(rows))


def _addresses(view: str, about: dict[int, int], public_ids: dict[int, str]) -> dict[int, str]:
    return {meeting: reverse(view, args=[public_ids[row]]) for meeting, row in about.items() if row in public_ids}


def wishes_of_cancelled_rounds(party: Party) -> set[int]:
    """What the party asked for in rounds that were cancelled, and in no other round since: ids of achievements for a
    firm, of demands for an institution. One query."""
    column = "achievement" if party.side == Party.Side.FIRM else "demand"
    own = MeetingRequest.objects.filter(party__organisation=party.organisation_id, party__team=party.team)
    own = own.exclude(**{column: None}).exclude(status=MeetingRequest.Status.WITHDRAWN)
    is_cancelled = Q(party__docking_round__status=DockingRound.Status.CANCELLED)
    elsewhere = own.exclude(is_cancelled).values(column)
    return set(own.active().filter(is_cancelled).exclude(**{f"{column}__in": elsewhere}).values_list(column, flat=True))


def request_lines(party: Party) -> list[RequestLine]:
    """Return active requests, most wanted first, then refused ones, in a fixed number of queries."""
    rows = party.meeting_requests.exclude(status=MeetingRequest.Status.WITHDRAWN).select_related(
        "party",
        "achievement",
        "demand__firm",
        "meeting__match__demand__firm",
        "meeting__match__follow_up",
        "meeting__unmatched_demand__firm",
        "meeting__firm_party__organisation",
        "meeting__institution_party__organisation",
    )
    is_out = Timetable.objects.published().filter(docking_round=party.docking_round_id).exists()
    current = Placement.objects.current().filter(meeting__meeting_requests__party=party)
    placed = set(current.values_list("meeting", flat=True))
    lines = [
        RequestLine(request, _partner(request), _state(request, is_out=is_out, is_placed=request.meeting_id in placed))
        for request in rows.order_by("pk")
    ]
    return sorted(lines, key=lambda line: (not line.is_active, not line.request.is_most))


def _partner(request: MeetingRequest) -> str:
    """For a demand as its own matter names the firm, even if the meeting was about another one."""
    if request.demand and request.demand != request.meeting.demand:
        return name_for(request.demand.firm, request.party.reader, request.demand)
    return partner_name(request.meeting, request.party_id)


def _state(request: MeetingRequest, *, is_out: bool, is_placed: bool) -> str:
    if request.status == MeetingRequest.Status.REFUSED:
        return "未采纳：%(why)s" % {"why": request.refused_reason or "工作人员取消了这场洽谈，详情请问主办方"}
    if request.meeting.status in (Status.BEGUN, Status.HELD, Status.MISSED):
        return str(request.meeting.get_status_display())
    if is_placed:
        return "已排入日程"
    if any(side.pk != request.party_id for side in request.meeting.silent_sides):
        return "已提出，等对方接受"
    return "这次没有排上，现场有空桌时可以补排" if is_out else "对方已接受，排期时优先考虑"
