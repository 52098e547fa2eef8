"""Both sides accept a talk before it is planned: who is asked, what each says, and how the question reaches it.

A side that asked for the talk, or was willing in its answer to the match, has accepted. The institution is asked about
a talk on an anonymous demand only after its firm has accepted it (`Meeting.waits_for_firm`). Talks made before this
rule (empty words) and talks arranged on the spot are not asked about.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.transitions import transition
from matching.models import Match, SideResponse
from notices.models import NoticeKind
from notices.texts.writing import TextWriter
from rounds.models import DockingRound, GuestMessage, Meeting, MeetingRequest, Party
from rounds.planning.stored_plans import remove_from_drafts
from rounds.services import timetable_notifications
from rounds.services.guest_messages import GuestText, send_to_guests
from rounds.services.guest_reach import WayCounts

Word, Status, Origin = Meeting.Word, Meeting.Status, Meeting.Origin
WORD_FIELDS = {Party.Side.FIRM: "firm_word", Party.Side.INSTITUTION: "institution_word"}
REFUSED_BY_OTHER = "对方这次不能谈"


def first_words(docking_round: DockingRound, origin: str, willing: Collection[str] = ()) -> dict[str, str]:
    """The words of a new talk. `willing`: sides that have agreed before. On the day both sit at the table."""
    if origin == Origin.ON_SITE or docking_round.status == DockingRound.Status.RUNNING:
        return dict.fromkeys(WORD_FIELDS.values(), "")
    accepted = {Origin.FIRM: Party.Side.FIRM, Origin.INSTITUTION: Party.Side.INSTITUTION}.get(Origin(origin))
    return {
        name: Word.ACCEPTED if side == accepted or side in willing else Word.ASKED for side, name in WORD_FIELDS.items()
    }


def willing_sides(match: Match | None) -> set[str]:
    """The sides that were willing when they were asked about the match.

    An anonymous firm is asked again while the institution does not know it: that it comes tells more than its answer.
    """
    follow_up = getattr(match, "follow_up", None)
    if match is None or follow_up is None:
        return set()
    if follow_up.is_agreed:
        return {str(side) for side in WORD_FIELDS}
    willing = {row.side for row in follow_up.responses.all() if row.status == SideResponse.Status.WILLING}
    return willing - {Party.Side.FIRM} if match.demand.is_anonymous else willing


def accept_own(meeting: Meeting, side: str) -> None:
    """A side that asks for a talk accepts it."""
    name = WORD_FIELDS[Party.Side(side)]
    Meeting.objects.filter(pk=meeting.pk, **{name: Word.ASKED}).update(**_accepted(side))
    meeting.refresh_from_db(fields=[name])


def _accepted(side: str) -> dict[str, Any]:
    """With the moment for the firm, since which the institution may be asked."""
    values: dict[str, Any] = {WORD_FIELDS[Party.Side(side)]: Word.ACCEPTED}
    return values | {"firm_accepted_at": timezone.now()} if side == Party.Side.FIRM else values


def why_not_answerable(meeting: Meeting) -> str:
    if meeting.docking_round.status not in DockingRound.OPEN:
        return "这次活动已经结束，不能再答复。"
    return "" if meeting.status == Status.WANTED else "这场洽谈现在是“%s”，不用再答复。" % meeting.get_status_display()


@transaction.atomic
def answer_talk(meeting: Meeting, party: Party, *, accepts: bool, by: User | None, note: str = "") -> None:
    """接受 or 不接受 of one side: by its officers, by code (`by` None), or recorded by staff after a call.

    A refused talk is dropped; whoever asked for it reads only that the other side cannot. Raises PermissionDenied,
    ValidationError.
    """
    if by is not None and not _may_answer(party, by):
        raise PermissionDenied("只有被邀请洽谈的单位和负责的工作人员可以答复。")
    if party.pk not in (meeting.firm_party_id, meeting.institution_party_id):
        raise PermissionDenied("这场洽谈不是这家单位的。")
    if closed := why_not_answerable(meeting):
        raise ValidationError(closed)
    is_first = meeting.waits_for_firm
    if is_first and party.pk != meeting.firm_party_id:
        raise ValidationError("这场洽谈的需求是匿名发布的，企业接受以后再问院校。")
    name = WORD_FIELDS[Party.Side(party.side)]
    word = Word.ACCEPTED if accepts else Word.REFUSED
    values: dict[str, Any] = _accepted(party.side) if accepts else {name: word}
    if not accepts:
        reason = "%(side)s不接受%(note)s" % {
            "side": party.get_side_display(),
            "note": f"：{note.strip()}" if note else "",
        }
        values |= {"status": Status.DROPPED, "dropped_reason": reason[:200]}
    transition(
        meeting,
        when={"status": Status.WANTED, name: Word.ASKED},
        values=values,
        refusal="这场洽谈已经答复过，或者已经取消；请刷新。",
        action="答复洽谈邀约",
        by=by,
        changes={name: [str(Word.ASKED.label), str(word.label)]} | ({} if by else {"by_code": [None, True]}),
    )
    if not accepts:
        _settle_refused(meeting)
    elif is_first:
        ask_sides([side for side in meeting.asked_sides if side.pk != party.pk], by=by)


def _settle_refused(meeting: Meeting) -> None:
    asked = MeetingRequest.objects.active().filter(meeting=meeting)
    requests = list(asked.select_related("party__organisation", "party__docking_round", "achievement", "demand__firm"))
    asked.update(status=MeetingRequest.Status.REFUSED, is_most=False, refused_reason=REFUSED_BY_OTHER)
    remove_from_drafts([meeting.pk])
    for request in requests:
        request.refused_reason = REFUSED_BY_OTHER
        timetable_notifications.notify_request_refused(request)


def _may_answer(party: Party, by: User) -> bool:
    if Party.objects.represented_by(by).filter(pk=party.pk).exists():
        return True
    may_manage = by.scope.is_city or by.scope.is_district
    return may_manage and Party.objects.managed_by(by).filter(pk=party.pk).exists()


# --- Asking -----------------------------------------------------------------------------------------------------------
def unasked_parties(docking_round: DockingRound) -> list[Party]:
    """Parties with a talk to accept that have not been asked today."""
    parties: dict[int, Party] = {}
    rows = docking_round.meetings.awaiting_acceptance().select_related(
        "firm_party__organisation", "institution_party__organisation", "firm_party__docking_round__host",
        "institution_party__docking_round__host", "match__demand", "match__follow_up", "unmatched_demand",
    )  # fmt: skip
    for meeting in rows.order_by("pk"):
        parties |= {party.pk: party for party in meeting.asked_sides if party.answer == Party.Answer.COMING}
    asked = GuestMessage.objects.filter(
        party__in=parties, kind=GuestMessage.Kind.TALK, made_at__gte=_start_of_today()
    ).values_list("party", flat=True)
    return [party for pk, party in parties.items() if pk not in set(asked)]


def ask_sides(parties: Iterable[Party], *, by: User | None) -> WayCounts:
    """Ask parties to accept or refuse the talks that wait for them, each once a day. Returns how many by way."""
    parties = list(parties)
    asked = GuestMessage.objects.filter(
        party__in=parties, kind=GuestMessage.Kind.TALK, made_at__gte=_start_of_today()
    ).values_list("party", flat=True)
    silent = [party for party in parties if party.pk not in set(asked)]
    writer = TextWriter("rounds.talks")
    texts = {party: talk_text(party, writer) for party in silent}
    return send_to_guests(texts, kind=GuestMessage.Kind.TALK, notice_kind=NoticeKind.MEETINGS, by=by)


def talk_text(party: Party, writer: TextWriter) -> GuestText:
    """What a party reads that has talks to accept."""
    about = f"party {party.public_id} talks"
    link = settings.SITE_ADDRESS + reverse("party_meeting_requests", args=[party.code])
    written = writer.write({"单位": party.full_name, "活动": party.docking_round.name, "洽谈链接": link})
    return GuestText(
        written.subject,
        written.body,
        written.line,
        reverse("my_meeting_requests", args=[party.public_id]),
        about,
        f"{about} {timezone.localdate()}",
    )


def _start_of_today() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
