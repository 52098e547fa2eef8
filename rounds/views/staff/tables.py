"""The meeting tables on the day of a round: all tables, one table, and the steps that its host takes."""

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import UserRequest
from core.json_body import JsonBody
from core.kept_pages import allow_keeping, kept_page_mark
from rounds.day.kept_pages import keep_until, keeping_settings, worker_script
from rounds.day.meeting_deals import prefetches
from rounds.day.tables import published_placements, table_schedules
from rounds.day.talk_ends import TalkEnds
from rounds.forms.outcomes import OutcomeForm
from rounds.models import Announcement, DockingRound, Hall, Meeting, Outcome, Placement
from rounds.services.meeting_status import begin_meeting, end_meeting, mark_meeting_missed, undo_meeting_step
from rounds.views.outbox import outbox_view, record_posted_outcome, step_key, taken_at
from rounds.views.staff.round_access import event_day_view, is_city_or_district

STEPS = {
    "begin": (begin_meeting, "已开始"),
    "end": (end_meeting, "已结束"),
    "miss": (mark_meeting_missed, "已记为未能进行"),
    "back": (undo_meeting_step, "已改回"),
}


@require_safe
@event_day_view
def tables(request: UserRequest, docking_round: DockingRound) -> HttpResponse:
    """All tables with their present and next meeting; with `?part=1` only the list, for htmx."""
    places = _hosted_placements(request.user, docking_round)
    schedules = table_schedules(places, timezone.now(), TalkEnds(docking_round))
    context = {"round": docking_round, "schedules": schedules, "now": timezone.now()}
    name = "_tables.html" if request.GET.get("part") else "tables.html"
    return render(request, f"rounds/staff/event_day/{name}", context)


@require_safe
def table(request: UserRequest, place: str) -> HttpResponse:
    """One table for its host (`place` is "hall-number"); with `?part=1` only its meetings."""
    hall, number = _hall_and_table(place)
    return _table(request, hall.docking_round.public_id, hall=hall, table=number)


@require_safe
def table_worker(request: UserRequest, place: str) -> HttpResponse:
    """The service worker of the page of one table."""
    hall, _number = _hall_and_table(place)
    return _table_worker(request, hall.docking_round.public_id)


@event_day_view
def _table_worker(request: UserRequest, docking_round: DockingRound) -> HttpResponse:
    return worker_script()


def _hall_and_table(place: str) -> tuple[Hall, int]:
    hall_id, _dash, number = place.partition("-")
    if not (hall_id.isdecimal() and number.isdecimal() and len(hall_id) < 10 and len(number) < 5):
        raise Http404
    hall = get_object_or_404(Hall.objects.select_related("docking_round"), pk=int(hall_id))
    if not 1 <= int(number) <= hall.tables:
        raise Http404
    return hall, int(number)


@event_day_view
def _table(request: UserRequest, docking_round: DockingRound, hall: Hall, table: int) -> HttpResponse:
    places = _hosted_placements(request.user, docking_round).filter(hall=hall, table=table)
    places = places.prefetch_related(*prefetches())
    schedule = next(iter(table_schedules(places, timezone.now(), TalkEnds(docking_round))), None)
    action, place = reverse("admin:rounds_day_host", args=[docking_round.public_id]), f"{hall.pk}-{table}"
    until, worker = keep_until(docking_round), reverse("admin:rounds_day_table_worker", args=[place])
    context = {
        "round": docking_round,
        "hall": hall,
        "table": table,
        "schedule": schedule,
        "may_act": is_city_or_district(request.user),
        "reasons": OutcomeForm.base_fields["reason"].choices[1:],
        "verdicts": Outcome.Verdict.choices,
        "now": timezone.now(),
        "announcements": Announcement.objects.shown().filter(docking_round=docking_round),
        "settings": {
            "outbox": f"day.host.{request.user.pk}.{docking_round.public_id}.",
            "action": action,
            "by": request.user.pk,
            "kept": keeping_settings(until, worker, kept_page_mark(request)),
        },
        "action": action,
    }
    name = "_table.html" if request.GET.get("part") else "table.html"
    response = render(request, f"rounds/staff/event_day/{name}", context)
    allow_keeping(request, response, until)
    return response


@require_POST
@event_day_view
@outbox_view
def host(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> dict:
    """One step of a host with a meeting: its outcome, or a key of STEPS."""
    meetings = Meeting.objects.hosted_by(request.user).filter(docking_round=docking_round)
    meeting = get_object_or_404(
        meetings.select_related("docking_round", "firm_party__organisation", "institution_party__organisation"),
        public_id=data.text("meeting"),
    )
    kind, key, at = data.text("kind"), step_key(data), taken_at(data)
    if kind == "outcome":
        return record_posted_outcome(meeting, data, side="host", by=request.user)
    if kind not in STEPS:
        raise ValidationError("没有这样的操作，请刷新页面。")
    step, text = STEPS[kind]
    moment = {} if kind == "back" else {"at": at}
    step(meeting, by=request.user, key=key, **moment)
    return {"message": f"{text}：{meeting.pair_for(request.user)}"}


def _hosted_placements(user: User, docking_round: DockingRound) -> QuerySet[Placement]:
    """Published placements of the meetings that this user may host."""
    return published_placements(docking_round).filter(meeting__in=Meeting.objects.hosted_by(user))
