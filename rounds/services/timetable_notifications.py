"""Notices about meetings, only to parties whose own list changes. Anonymous firms appear under their public name."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.timezone import localtime

from accounts.models import Role
from notices.models import NoticeKind
from notices.recipients import officers_of
from notices.services import notify
from notices.services.notifications import NoticeDraft
from rounds.models import Meeting, Party, Placement, Timetable
from rounds.own_plan import partner_name
from rounds.planning.changes import MeetingChange, place_text

ROLE_BY_SIDE = {Party.Side.FIRM: Role.FIRM, Party.Side.INSTITUTION: Role.INSTITUTION}
MAX_NAMED = 3


def recipients_by_party(parties: Iterable[Party]) -> dict[int, list[int]]:
    """Return {party: ids of the users who represent its organisation}; two queries."""
    parties = list(parties)
    by_party: dict[int, list[int]] = {}
    for side, role in ROLE_BY_SIDE.items():
        own = [party for party in parties if party.side == side]
        officers = officers_of({party.organisation_id for party in own}, role)
        by_party |= {party.pk: officers[party.organisation_id] for party in own}
    return by_party


def notify_timetable_published(
    timetable: Timetable, changes_of: dict[int, list[MeetingChange]], *, is_first: bool
) -> int:
    """Notify each party of the changes of its own list. Returns how many users were notified."""
    parties = {party.pk: party for party in Party.objects.filter(pk__in=changes_of).select_related("organisation")}
    people = recipients_by_party(parties.values())
    about = f"timetable {timetable.public_id}"
    return notify(
        NoticeDraft(
            person,
            NoticeKind.MEETINGS,
            _first_text(timetable, changes, pk) if is_first else _change_text(timetable, changes, pk),
            plan_url(parties[pk]),
            about,
            f"{about} {parties[pk].public_id}",
        )
        for pk, changes in changes_of.items()
        for person in people[pk]
    )


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
    about = f"meeting {meeting.public_id}"
    notify(
        NoticeDraft(
            person,
            NoticeKind.MEETINGS,
            "“%(round)s”%(place)s与%(partner)s的洽谈已取消。"
            % {
                "round": meeting.docking_round,
                "place": place_text(place),
                "partner": partner_name(meeting, party.pk),
            },
            plan_url(party),
            about,
            f"{about} off {party.public_id}",
        )
        for party in sides
        for person in people[party.pk]
    )


def plan_url(party: Party) -> str:
    return reverse("my_plan", args=[party.public_id])


def _first_text(timetable: Timetable, changes: list[MeetingChange], party: int) -> str:
    places = sorted((change.after for change in changes if change.after), key=lambda place: place.slot.starts_at)
    return "“%(round)s”洽谈日程已发布：您有 %(count)d 场洽谈，第一场 %(place)s，与%(partner)s。" % {
        "round": timetable.docking_round,
        "count": len(places),
        "place": place_text(places[0]),
        "partner": partner_name(places[0].meeting, party),
    }


def _change_text(timetable: Timetable, changes: list[MeetingChange], party: int) -> str:
    phrases = "；".join(_change_phrase(change, party) for change in changes[:MAX_NAMED])
    more = "等 %(count)d 处变化" % {"count": len(changes)} if len(changes) > MAX_NAMED else ""
    return "“%(round)s”洽谈日程有变化：%(said)s%(more)s。" % {
        "round": timetable.docking_round,
        "said": phrases,
        "more": more,
    }


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
