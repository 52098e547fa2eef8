"""The overview of a round's day: arrivals, meetings, free places, agreements to sign, signage screens."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from core.json_body import JsonBody
from rounds.day.free_slots import free_slots
from rounds.fates import with_arrival
from rounds.models import (
    Announcement,
    Attendee,
    DockingRound,
    Hall,
    LateRule,
    Meeting,
    Outcome,
    Party,
    Placement,
    SignageScreen,
)
from rounds.services.check_in import has_day_come
from rounds.services.event_day import MINUTES, late_rule, may_lead
from rounds.services.reassign import reassign_place
from rounds.services.replanning import NoShow, replan
from rounds.services.signage import close_screen, open_screen
from rounds.views.staff.check_in import BEFORE, mark_party_absent, mark_party_returned, posted_party
from rounds.views.staff.round_access import event_day_view, is_city_or_district


@require_safe
@event_day_view
def overview(request: UserRequest, docking_round: DockingRound) -> HttpResponse:
    hosted = Meeting.objects.hosted_by(request.user).filter(docking_round=docking_round)
    hosted_ids = set(hosted.values_list("pk", flat=True))
    screens = SignageScreen.objects.open().filter(docking_round=docking_round)
    is_day = has_day_come(docking_round)
    context = {
        "round": docking_round,
        "is_day": is_day,
        "is_early": docking_round.status in BEFORE and not is_day,
        "may_act": is_city_or_district(request.user),
        "may_receive": is_day and is_city_or_district(request.user),
        "may_fill": is_day and request.user.scope.is_city,
        "states": _meeting_counts(hosted),
        "free_slots": [
            slot for slot in free_slots(docking_round, timezone.now()) if slot.place.meeting_id in hosted_ids
        ],
        "signed": _signed_meetings(request, docking_round),
        "screens": screens.select_related("hall", "docking_round"),
        "halls": docking_round.halls.filter(tables__gt=0),
        "may_lead": may_lead(docking_round, request.user),
        "announcements": Announcement.objects.shown().filter(docking_round=docking_round).select_related("made_by"),
        "announcement_minutes": MINUTES,
        "late_rule": late_rule(docking_round),
        "late_rules": LateRule.Kind.choices,
    }
    return render(request, "rounds/staff/event_day/overview.html", context | _arrivals(request, docking_round))


def _meeting_counts(meetings: QuerySet[Meeting]) -> list[tuple[str, int]]:
    """(label, number) of each status that some meeting has."""
    counts = {status: 0 for status, _label in Meeting.Status.choices}
    for status in meetings.values_list("status", flat=True):
        counts[status] += 1
    return [(Meeting.Status(status).label, number) for status, number in counts.items() if number]


def _arrivals(request: UserRequest, docking_round: DockingRound) -> dict:
    parties = Party.objects.received_by(request.user).filter(docking_round=docking_round)
    people = Attendee.objects.received_by(request.user).filter(party__docking_round=docking_round)
    not_come = with_arrival(parties.present()).filter(has_come=False)
    return {
        "parties_expected": parties.coming().count(),
        "parties_here": with_arrival(parties).filter(has_come=True).count(),
        "people_expected": people.filter(party__answer=Party.Answer.COMING).count(),
        "people_here": people.checked_in().count(),
        "absent": parties.exclude(absent_at=None).select_related("organisation"),
        "missing": not_come.select_related("organisation").order_by("organisation__name", "team", "pk"),
    }


def _signed_meetings(request: UserRequest, docking_round: DockingRound) -> list[dict]:
    """A row for each meeting whose outcome says that it was signed: who recorded it, the first sum and time."""
    outcomes = (
        Outcome.objects.managed_by(request.user)
        .signed()
        .filter(meeting__docking_round=docking_round)
        .select_related(
            "meeting__firm_party__organisation",
            "meeting__institution_party__organisation",
            "meeting__match__achievement",
        )
        .order_by("meeting_id", "recorded_at")
    )
    rows: dict[int, dict] = {}
    for outcome in outcomes:
        row = rows.setdefault(
            outcome.meeting_id, {"meeting": outcome.meeting, "by": [], "sides": set(), "wan": None, "at": None}
        )
        row["by"].append(str(outcome.get_side_display()))
        row["sides"].add(outcome.side)
        row["wan"] = outcome.intent_wan if row["wan"] is None else row["wan"]
        row["at"] = row["at"] or outcome.recorded_at
    for row in rows.values():
        row["is_confirmed"] = row["sides"].issuperset(Outcome.OWN_SIDES)
    return list(rows.values())


def _replan_without(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> dict:
    """Make a draft of the timetable without the absent parties. Staff compare it before it is published."""
    party = posted_party(request, docking_round, data)
    draft = replan(docking_round, NoShow(party), by=request.user)
    if draft is None:
        return {"message": "还没有发布的排期，不需要改期。"}
    message = "改期方案已生成，请市级专员核对变化后发布，发布后通知有变化的单位。"
    return {"message": message, "draft": draft.number}


def _mark_absent_and_replan(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> dict:
    mark_party_absent(request, docking_round, data)
    return _replan_without(request, docking_round, data)


def _fill_place(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> dict:
    """Put the offered meeting into a free place, in a draft of the timetable."""
    number = data.text("place")
    places = Placement.objects.current().filter(timetable__docking_round=docking_round)
    places = places.filter(pk=int(number) if number.isdecimal() and len(number) < 12 else 0)
    meetings = Meeting.objects.hosted_by(request.user).filter(docking_round=docking_round, status="wanted")
    place = places.select_related(
        "slot", "hall", "meeting__firm_party__organisation", "meeting__institution_party__organisation"
    ).first()
    meeting = (
        meetings.filter(public_id=data.text("meeting"))
        .select_related("docking_round", "firm_party__organisation", "institution_party__organisation")
        .first()
    )
    if place is None or meeting is None:
        raise ValidationError("日程刚有变化，这个位置或这场洽谈已经不在了，请刷新后再选。")
    draft, message = reassign_place(place, meeting, by=request.user)
    return {"message": message, "draft": draft.number}


ABSENCE_STEPS = {
    "absent": mark_party_absent,
    "absent_mend": _mark_absent_and_replan,
    "back": mark_party_returned,
    "mend": _replan_without,
    "fill": _fill_place,
}


@require_POST
@event_day_view
def absence(request: UserRequest, docking_round: DockingRound) -> HttpResponse:
    """A form of the overview; `kind` is a key of ABSENCE_STEPS. Leads the city to the draft that a step made."""
    data = JsonBody(request.POST.dict())
    step = ABSENCE_STEPS.get(data.text("kind"), mark_party_absent)
    try:
        done = step(request, docking_round, data)
        messages.success(request, done["message"])
        if "draft" in done and request.user.scope.is_city:
            path = reverse("admin:rounds_timetable", args=[docking_round.pk])
            return redirect(f"{path}?version={done['draft']}")
    except ValidationError as error:
        messages.error(request, "".join(error.messages))
    return redirect("admin:rounds_day_day", docking_round.public_id)


@require_POST
@event_day_view
def signage(request: UserRequest, docking_round: DockingRound) -> HttpResponse:
    """Create the address of a signage screen, or close one (`end`)."""
    data = JsonBody(request.POST.dict())
    try:
        if data.text("end"):
            open_screens = SignageScreen.objects.open()
            screen = get_object_or_404(open_screens, docking_round=docking_round, public_id=data.text("end"))
            close_screen(screen, by=request.user)
            messages.success(request, "这块大屏的地址已停用。")
        else:
            number = data.text("hall")
            hall = Hall.objects.filter(docking_round=docking_round, pk=number).first() if number.isdecimal() else None
            open_screen(docking_round, hall=hall, by=request.user)
            messages.success(request, "大屏地址已建立，在大屏的浏览器里打开即可。")
    except ValidationError as error:
        messages.error(request, "".join(error.messages))
    return redirect("admin:rounds_day_day", docking_round.public_id)
