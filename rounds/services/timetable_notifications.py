"""Notices about meetings, only to parties whose own list changes. Anonymous firms appear under their public name."""

from django.conf import settings
from django.urls import reverse
from django.utils.timezone import localtime

from notices.models import NoticeKind
from notices.services import notify
from notices.services.notifications import NoticeDraft
from notices.texts.writing import TextWriter, write_sentence
from rounds.models import GuestMessage, Meeting, MeetingRequest, Party, Placement, Timetable
from rounds.own_plan import partner_name
from rounds.planning.changes import MeetingChange, place_text
from rounds.services.guest_messages import GuestText, send_to_guests
from rounds.services.guest_reach import WayCounts, recipients_by_party

MAX_NAMED = 3


def notify_timetable_published(
    timetable: Timetable, changes_of: dict[int, list[MeetingChange]], *, is_first: bool
) -> WayCounts:
    """Tell each party the changes of its own list, each by its way. Returns how many parties by way."""
    parties = Party.objects.filter(pk__in=changes_of).select_related("organisation", "docking_round")
    about = timetable_topic(timetable)
    writer, texts = TextWriter("rounds.plan" if is_first else "rounds.plan_changed"), {}
    for party in parties:
        changes = changes_of[party.pk]
        written = writer.write(
            {
                "单位": party.full_name,
                "活动": timetable.docking_round.name,
                "安排": _first_text(changes, party.pk) if is_first else _change_text(changes, party.pk),
                "日程链接": settings.SITE_ADDRESS + _plan_by_code(party),
            }
        )
        key = f"{about} {party.public_id}"
        texts[party] = GuestText(written.subject, written.body, written.line, plan_url(party), about, key)
    return send_to_guests(
        texts, kind=GuestMessage.Kind.PLAN, notice_kind=NoticeKind.MEETINGS, by=timetable.published_by
    )


def timetable_topic(timetable: Timetable) -> str:
    return f"timetable {timetable.public_id}"


def _plan_by_code(party: Party) -> str:
    return reverse("party_plan", args=[party.code])


def notify_meeting_dropped(meeting: Meeting) -> None:
    """Notify both sides of a published meeting that it is cancelled. The reason is for staff only: it may be the other
    side's."""
    place = (
        Placement.objects.filter(timetable__status=Timetable.Status.PUBLISHED, meeting=meeting)
        .select_related("slot", "hall")
        .first()
    )
    if place is None:
        return
    sides = [meeting.firm_party, meeting.institution_party]
    people = recipients_by_party(sides)
    about, writer = f"meeting {meeting.public_id}", TextWriter("rounds.meeting_dropped")
    values = {"活动": meeting.docking_round.name, "时间和桌号": place_text(place)}
    notify(
        NoticeDraft(
            person,
            NoticeKind.MEETINGS,
            writer.sentence(values | {"对方": partner_name(meeting, party.pk)}),
            plan_url(party),
            about,
            f"{about} off {party.public_id}",
        )
        for party in sides
        for person in people[party.pk]
    )


def notify_request_refused(request: MeetingRequest) -> None:
    """Tell the party that its request was refused, with the reason that it may read."""
    party = request.party
    values = {"活动": party.docking_round.name, "意愿": request.about[:60], "原因": request.refused_reason}
    text = write_sentence("rounds.request_refused", values)
    about = f"own wish {request.public_id}"
    people = recipients_by_party([party])[party.pk]
    notify(
        NoticeDraft(person, NoticeKind.MEETINGS, text, plan_url(party), about, f"{about} refused") for person in people
    )


def plan_url(party: Party) -> str:
    return reverse("my_plan", args=[party.public_id])


def _first_text(changes: list[MeetingChange], party: int) -> str:
    places = sorted((change.after for change in changes if change.after), key=lambda place: place.slot.starts_at)
    return "您有 %(count)d 场洽谈，第一场 %(place)s，与%(partner)s" % {
        "count": len(places),
        "place": place_text(places[0]),
        "partner": partner_name(places[0].meeting, party),
    }


def _change_text(changes: list[MeetingChange], party: int) -> str:
    phrases = "；".join(_change_phrase(change, party) for change in changes[:MAX_NAMED])
    more = "等 %(count)d 处变化" % {"count": len(changes)} if len(changes) > MAX_NAMED else ""
    return phrases + more


def _change_phrase(change: MeetingChange, party: int) -> str:
    partner = partner_name(change.meeting, party)
    before, after = change.before, change.after
    if before is None:
        place = place_text(after) if after else ""
        return "新增 %(place)s与%(partner)s的洽谈" % {"place": place, "partner": partner}
    if after is None:
        return "%(time)s与%(partner)s的洽谈取消" % {"time": _time(before), "partner": partner}
    return "%(time)s与%(partner)s的洽谈改到 %(place)s" % {
        "time": _time(before),
        "partner": partner,
        "place": place_text(after),
    }


def _time(place: Placement) -> str:
    return localtime(place.slot.starts_at).strftime("%H:%M")
