"""The guest list for the check-in desks: loaded with the page, then again when it changed."""

import hashlib
import json

from django.db.models import Prefetch
from django.utils.timezone import localtime

from accounts.models import User
from rounds.fates import with_arrival
from rounds.models import Attendee, DockingRound, Party


def guest_list(docking_round: DockingRound, user: User) -> dict:
    """Return {"version", "parties": [{id, name, full, side, region, coming, absent, here, people: [{id, name, position,
    as, at, by}]}]}.

    `here`: counted as present, also by a meeting without a check-in, as in the overview and in the report. `as`: 随行,
    or in whose place the person comes. Times are HH:MM in local time, empty if a person is not here yet. The list stays
    on the desk's device, so it has no phone numbers, no needs and no invitation codes. Declined parties are included,
    since they may come after all; parties not yet invited are not.
    """
    people = Attendee.objects.select_related("checked_in_by").order_by("pk")
    parties = (
        with_arrival(Party.objects.received_by(user).filter(docking_round=docking_round))
        .exclude(answer=Party.Answer.LISTED)
        .select_related("organisation__stat_region")
        .prefetch_related(Prefetch("attendees", people))
        .order_by("organisation__name", "team", "pk")
    )
    rows = [_party(party) for party in parties]
    text = json.dumps(rows, ensure_ascii=False)
    return {"version": hashlib.sha256(text.encode()).hexdigest()[:16], "parties": rows}


def _party(party: Party) -> dict:
    region = party.organisation.stat_region
    return {
        "id": party.public_id,
        "name": str(party),
        "full": party.organisation.name,
        "side": party.side,
        "region": region.name if party.side == Party.Side.FIRM and region else str(party.get_side_display()),
        "coming": party.answer == Party.Answer.COMING,
        "absent": party.absent_at is not None,
        "here": party.has_come,
        "people": [_person(person) for person in party.attendees.all()],
    }


def _person(person: Attendee) -> dict:
    here = person.checked_in_at
    return {
        "id": person.public_id,
        "name": person.name,
        "position": person.position,
        "as": _comes_as(person),
        "at": f"{localtime(here):%H:%M}" if here else "",
        "by": str(person.checked_in_by or "") if here else "",
    }


def _comes_as(person: Attendee) -> str:
    companion = "随行" if person.role == Attendee.Role.COMPANION else ""
    return companion or (f"代替 {person.stands_in_for}" if person.stands_in_for else "")
