"""The day's answers to looking: the overview, the door, the tables. For staff; each sees the guests of their scope."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from accounts.models import Region
from rounds.day.forms import OutcomeForm
from rounds.day.free_slots import free_slots
from rounds.day.guests import guest_list
from rounds.day.meeting_deals import prefetches
from rounds.day.tables import published_placements, table_schedules
from rounds.models import Attendee, DockingRound, Hall, Meeting, Outcome, Party, SignageScreen

VIEW = "rounds.view_dockinground"


def of_round(view: Callable) -> Callable:
    """Only for those who may look at rounds at all; the view gets the round instead of its public id."""

    @wraps(view)
    def guarded(request, public_id, **more):
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        rounds = DockingRound.objects.visible_to(request.user).select_related("host__stat_region")
        response = view(request, get_object_or_404(rounds, public_id=public_id), **more)
        add_never_cache_headers(response)
        return response

    return guarded


def may_act(user) -> bool:
    return user.scope.is_city or user.scope.is_district


@require_safe
@of_round
def day(request, docking_round):
    """How the day stands: who is here, what goes on at the tables, whose places are free, what was signed."""
    now = timezone.now()
    mine = Meeting.objects.hosted_by(request.user).filter(docking_round=docking_round)
    states = {state: 0 for state, _label in Meeting.Status.choices}
    for state in mine.values_list("status", flat=True):
        states[state] += 1
    parties = Party.objects.received_by(request.user).filter(docking_round=docking_round)
    people = Attendee.objects.received_by(request.user).filter(party__docking_round=docking_round)
    shown = set(mine.values_list("pk", flat=True))
    signed = (
        Outcome.objects.managed_by(request.user)
        .signed()
        .filter(meeting__docking_round=docking_round)
        .select_related(
            "meeting__firm_party__organisation", "meeting__office_party__organisation", "meeting__match__achievement"
        )
        .order_by("meeting_id", "recorded_at")
    )
    context = {
        "round": docking_round,
        "may_act": may_act(request.user),
        "states": [(Meeting.Status(state).label, number) for state, number in states.items() if number],
        "parties_expected": parties.coming().count(),
        "parties_here": parties.filter(attendees__checked_in_at__isnull=False).distinct().count(),
        "people_expected": people.filter(party__answer=Party.Answer.COMING).count(),
        "people_here": people.checked_in().count(),
        "absent": parties.exclude(absent_at=None).select_related("organisation"),
        "missing": parties.present()
        .exclude(attendees__checked_in_at__isnull=False)
        .select_related("organisation")
        .order_by("organisation__name", "team", "pk"),
        "may_fill": request.user.scope.is_city,
        "freed": [one for one in free_slots(docking_round, now) if one.place.meeting_id in shown],
        "signed": _one_per_meeting(signed),
        "walls": SignageScreen.objects.open()
        .filter(docking_round=docking_round)
        .select_related("hall", "docking_round"),
        "halls": docking_round.halls.filter(tables__gt=0),
    }
    return render(request, "rounds/staff/day/day.html", context)


@require_safe
@of_round
def check_in(request, docking_round):
    """The door: works on while the network is away."""
    context = {
        "round": docking_round,
        "guests": guest_list(docking_round, request.user),
        "may_act": may_act(request.user),
        "regions": _regions(request.user),
        "settings": {
            "user": request.user.pk,
            "name": str(request.user),
            "round": docking_round.public_id,
            "mayAct": may_act(request.user),
            "urls": {
                "guests": reverse("admin:rounds_day_guests", args=[docking_round.public_id]),
                "receive": reverse("admin:rounds_day_receive", args=[docking_round.public_id]),
            },
        },
    }
    return render(request, "rounds/staff/day/check_in.html", context)


@require_safe
@of_round
def guests(request, docking_round):
    """The list again; nothing (204) when it is the one the page has (`?have=`)."""
    found = guest_list(docking_round, request.user)
    return HttpResponse(status=204) if request.GET.get("have") == found["version"] else JsonResponse(found)


@require_safe
@of_round
def tables(request, docking_round):
    """All tables: now and next, and the way to each table's own page; with `?part=1` only these."""
    found = table_schedules(_hosted(request.user, docking_round), timezone.now())
    context = {"round": docking_round, "seatings": found, "now": timezone.now()}
    name = "tables_part.html" if request.GET.get("part") else "tables.html"
    return render(request, f"rounds/staff/day/{name}", context)


@require_safe
def table(request, place):
    """One table (`place` is "hall-number"), for whoever looks after it: the talk of now in large, those to come; with
    `?part=1` only these."""
    hall, _dash, number = place.partition("-")
    if not (hall.isdecimal() and number.isdecimal() and len(hall) < 10 and len(number) < 5):
        raise Http404
    where = get_object_or_404(Hall.objects.select_related("docking_round"), pk=int(hall))
    if not 1 <= int(number) <= where.tables:
        raise Http404
    return _table(request, where.docking_round.public_id, hall=where, table=int(number))


@of_round
def _table(request, docking_round, hall: Hall, table: int):
    places = _hosted(request.user, docking_round).filter(hall=hall, table=table).prefetch_related(*prefetches())
    seating = next(iter(table_schedules(places, timezone.now())), None)
    action = reverse("admin:rounds_day_host", args=[docking_round.public_id])
    context = {
        "round": docking_round,
        "hall": hall,
        "table": table,
        "seating": seating,
        "may_act": may_act(request.user),
        "reasons": OutcomeForm.base_fields["reason"].choices[1:],
        "verdicts": Outcome.Verdict.choices,
        "now": timezone.now(),
        "settings": {
            "outbox": f"day.host.{request.user.pk}.{docking_round.public_id}.",
            "action": action,
            "by": request.user.pk,
        },
        "action": action,
    }
    name = "table_part.html" if request.GET.get("part") else "table.html"
    return render(request, f"rounds/staff/day/{name}", context)


def _hosted(user, docking_round):
    """The published places whose talks this member of staff may look after."""
    return published_placements(docking_round).filter(meeting__in=Meeting.objects.hosted_by(user))


def _regions(user):
    """Where a firm that nobody knows may be registered from this desk."""
    units = Region.objects.reporting()
    return units if user.scope.is_city else units.filter(pk__in=user.scope.region_ids)


def _one_per_meeting(outcomes) -> list[dict]:
    """Who said so stands beside the talk: one side, both, the host."""
    found = {}
    for outcome in outcomes:
        row = found.setdefault(outcome.meeting_id, {"meeting": outcome.meeting, "by": [], "wan": None, "at": None})
        row["by"].append(str(outcome.get_side_display()))
        row["wan"] = outcome.intent_wan if row["wan"] is None else row["wan"]
        row["at"] = row["at"] or outcome.recorded_at
    return list(found.values())
