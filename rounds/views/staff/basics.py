"""Basic data of a round: name, time, place, organisers; and its halls and slots, one by one."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.forms import BaseFormSet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import make_aware
from django.views.decorators.http import require_http_methods

from accounts.models import Organisation
from accounts.requests import UserRequest
from audit.stale_forms import with_version_check
from rounds import checklist
from rounds.forms.round_parts import HallFormSet, OrganiserFormSet, RoundForm, SlotFormSet
from rounds.models import DockingRound
from rounds.readiness import round_facts
from rounds.services.round_parts import save_basics, save_places
from rounds.views.staff.calendar import usual_hours
from rounds.views.staff.checklist_links import checklist_link
from rounds.views.staff.round_access import round_or_404
from rounds.views.staff.venue import CHANGE_HALL

ORGANISING = (Organisation.Kind.CITY, Organisation.Kind.DISTRICT, Organisation.Kind.INSTITUTION)


def basics(request: UserRequest, docking_round: DockingRound | None, *, may_change: bool) -> HttpResponse:
    """The page of an existing round, or of a new one. The caller has checked the permission and, on POST, locked the
    row."""
    if not may_change:
        return render(request, "rounds/staff/basics.html", _context(request, docking_round))
    data = request.POST if request.method == "POST" else None
    form_class = with_version_check(RoundForm, request.user) if docking_round else RoundForm
    form = form_class(data, instance=docking_round, initial=None if docking_round else _chosen_day(request))
    organisers = OrganiserFormSet(data, instance=docking_round or DockingRound(), prefix="organisers")
    if data is not None and form.is_valid() and organisers.is_valid():
        try:
            with transaction.atomic():
                form.save(commit=False)
                saved = save_basics(form, organisers, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _saved(request, saved, is_new=docking_round is None)
    context = _context(request, docking_round) | {"form": form, "organisers": organisers}
    return render(request, "rounds/staff/basics.html", context)


def _saved(request: UserRequest, docking_round: DockingRound, *, is_new: bool) -> HttpResponse:
    if is_new:
        messages.success(request, "“%(round)s”已建立，还在筹备中，没有公开。" % {"round": docking_round})
        return redirect("admin:rounds_home", docking_round.pk)
    messages.success(request, "已保存。")
    return redirect("admin:rounds_dockinground_change", docking_round.pk)


def _chosen_day(request: UserRequest) -> dict:
    """The usual hours of the day chosen in the calendar."""
    try:
        begin, end = usual_hours(date.fromisoformat(request.GET.get("day", "")))
    except ValueError:
        return {}
    return {"starts_at": make_aware(begin), "ends_at": make_aware(end)}


def _context(request: UserRequest, docking_round: DockingRound | None) -> dict:
    """What the page shows beside the form: the checklist of the next step, and where the list of guests comes from."""
    names = Organisation.objects.visible_to(request.user).filter(kind__in=ORGANISING, is_active=True)
    context = {"round": docking_round, "names": names.order_by("name").values_list("name", flat=True)}
    if docking_round is None:
        return context
    step = checklist.STEPS.get(docking_round.status) if request.user.scope.sees_all else None
    items = checklist.checklist(step, round_facts(docking_round)) if step else []
    before = DockingRound.objects.filter(match_run__isnull=False, starts_at__lt=docking_round.starts_at)
    before = before.order_by("-starts_at").first()
    return context | {
        "next_step": STEP_NAMES.get(step, ""),
        "checklist": [(item, checklist_link(item.where, docking_round)) for item in items],
        "list_from": before,
        "list_link": checklist_link("matches", before) if before else "",
        "run_link": checklist_link("matches", docking_round) if docking_round.match_run_id else "",
    }


STEP_NAMES = {
    "announce": "发布活动",
    "schedule": "发布日程",
    "begin": "活动开始",
    "close": "结束并匹配",
    "archive": "归档",
}


@require_http_methods(["GET", "HEAD", "POST"])
def places(request: UserRequest, pk: int) -> HttpResponse:
    """Halls and slots one by one, each with an empty row for another."""
    with transaction.atomic():
        docking_round = round_or_404(request, CHANGE_HALL, pk=pk)
        if docking_round.status not in DockingRound.OPEN:
            messages.error(request, "活动已经结束，场地和时段不能再改。")
            return redirect("admin:rounds_venue", pk)
        data = None
        if request.method == "POST":
            data = request.POST
            DockingRound.objects.select_for_update(of=("self",)).get(pk=pk)
        halls = HallFormSet(data, instance=docking_round, prefix="halls")
        slots = SlotFormSet(data, instance=docking_round, prefix="slots")
        if data is not None and all([halls.is_valid(), slots.is_valid()]):
            return _save_places(request, docking_round, [halls, slots])
        context = {"round": docking_round, "halls": halls, "slots": slots}
        return render(request, "rounds/staff/places.html", context, status=200 if data is None else 422)


def _save_places(request: UserRequest, docking_round: DockingRound, formsets: list[BaseFormSet]) -> HttpResponse:
    if not request.user.scope.is_city:
        raise PermissionDenied
    if save_places(docking_round, formsets, by=request.user):
        messages.success(request, "已保存。")
    else:
        messages.info(request, "没有变化。")
    another = "another" in request.POST
    return redirect(reverse("admin:rounds_venue_places" if another else "admin:rounds_venue", args=[docking_round.pk]))
