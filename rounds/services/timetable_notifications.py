"""What people are told about their meetings: those whose own list is another one than before, and nobody else. An
anonymous firm stands in each text as the other side may know it."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.models import Role
from notices.models import NoticeKind
from notices.recipients import officers_of
from notices.services import notify
from notices.services.notifications import NoticeDraft
from rounds.models import Meeting, Party, Placement, Timetable
from rounds.own_plan import partner_of
from rounds.planning.changes import Change, place_words

ROLE = {Party.Side.FIRM: Role.FIRM, Party.Side.OFFICE: Role.INSTITUTION}
MOST_NAMED = 3


def people_of(parties: Iterable[Party]) -> dict[int, list[int]]:
    """{party: ids of the users who speak for its organisation}; two questions, however many parties."""
    parties = list(parties)
    found = {}
    for side, role in ROLE.items():
        own = [party for party in parties if party.side == side]
        officers = officers_of({party.organisation_id for party in own}, role)
        found |= {party.pk: officers[party.organisation_id] for party in own}
    return found


def timetable_published(timetable: Timetable, told: dict[int, list[Change]], *, is_first: bool) -> int:
    """Each party of `told` learns what changes on its own list. Returns how many people were told."""
    parties = {party.pk: party for party in Party.objects.filter(pk__in=told).select_related("organisation")}
    people = people_of(parties.values())
    about = f"timetable {timetable.public_id}"
    return notify(
        NoticeDraft(
            person,
            NoticeKind.MEETINGS,
            _first_words(timetable, changes, pk) if is_first else _change_words(timetable, changes, pk),
            plan_path(parties[pk]),
            about,
            f"{about} {parties[pk].public_id}",
        )
        for pk, changes in told.items()
        for person in people[pk]
    )


def called_off(meeting: Meeting) -> None:
    """Both sides of a meeting that stands in the published timetable learn that it is called off. The reason is for
    staff: it may be the other side's."""
    place = (
        Placement.objects.filter(timetable__status=Timetable.Status.PUBLISHED, meeting=meeting)
        .select_related("slot", "hall")
        .first()
    )
    if place is None:
        return
    sides = [meeting.firm_party, meeting.office_party]
    people = people_of(sides)
    about = f"meeting {meeting.public_id}"
    notify(
        NoticeDraft(
            person,
            NoticeKind.MEETINGS,
            _("“%(round)s”%(place)s与%(partner)s的洽谈已取消。")
            % {
                "round": meeting.docking_round,
                "place": place_words(place),
                "partner": partner_of(meeting, party.pk),
            },
            plan_path(party),
            about,
            f"{about} off {party.public_id}",
        )
        for party in sides
        for person in people[party.pk]
    )


def plan_path(party: Party) -> str:
    return reverse("my_plan", args=[party.public_id])


def _first_words(timetable: Timetable, changes: list[Change], party: int) -> str:
    places = sorted((change.after for change in changes if change.after), key=lambda place: place.slot.starts_at)
    return _("“%(round)s”洽谈日程已发布：您有 %(count)d 场洽谈，第一场 %(place)s，与%(partner)s。") % {
        "round": timetable.docking_round,
        "count": len(places),
        "place": place_words(places[0]),
        "partner": partner_of(places[0].meeting, party),
    }


def _change_words(timetable: Timetable, changes: list[Change], party: int) -> str:
    said = "；".join(_one(change, party) for change in changes[:MOST_NAMED])
    more = _("等 %(count)d 处变化") % {"count": len(changes)} if len(changes) > MOST_NAMED else ""
    return _("“%(round)s”洽谈日程有变化：%(said)s%(more)s。") % {
        "round": timetable.docking_round,
        "said": said,
        "more": more,
    }


def _one(change: Change, party: int) -> str:
    partner = partner_of(change.meeting, party)
    if change.after is None:
        return _("%(time)s与%(partner)s的洽谈取消") % {"time": _time(change.before), "partner": partner}
    if change.before is None:
        return _("新增 %(place)s与%(partner)s的洽谈") % {"place": place_words(change.after), "partner": partner}
    return _("%(time)s与%(partner)s的洽谈改到 %(place)s") % {
        "time": _time(change.before),
        "partner": partner,
        "place": place_words(change.after),
    }


def _time(place: Placement) -> str:
    return localtime(place.slot.starts_at).strftime("%H:%M")
