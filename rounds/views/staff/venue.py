"""Halls, slots, walking times and documents of a round."""

from itertools import groupby

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from rounds.forms.venue import DocumentForm, SlotsForm, WalkingTimesForm
from rounds.models import DockingRound, Placement, RoundDocument
from rounds.services import documents as document_services
from rounds.services import venue as venue_services
from rounds.views.staff.calendar import USUAL_HOURS
from rounds.views.staff.round_access import round_or_404

VIEW_HALL, CHANGE_HALL = "rounds.view_hall", "rounds.change_hall"


@require_safe
def venue(request: UserRequest, pk: int) -> HttpResponse:
    return _page(request, round_or_404(request, VIEW_HALL, pk=pk))


@require_POST
def make_slots(request: UserRequest, pk: int) -> HttpResponse:
    """Replace the slots of a day."""
    docking_round = round_or_404(request, CHANGE_HALL, pk=pk)
    form = SlotsForm(request.POST)
    if form.is_valid():
        try:
            slots = venue_services.make_slots(docking_round, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "已生成 %d 个洽谈时段。" % len(slots))
            return redirect("admin:rounds_venue", docking_round.pk)
    return _page(request, docking_round, slots_form=form, status=422)


@require_POST
def save_walks(request: UserRequest, pk: int) -> HttpResponse:
    docking_round = round_or_404(request, CHANGE_HALL, pk=pk)
    form = WalkingTimesForm(list(docking_round.halls.all()), _walking_minutes(docking_round), request.POST)
    if form.is_valid():
        try:
            venue_services.save_walking_times(docking_round, form.minutes(), by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "步行时间已保存。")
            return redirect("admin:rounds_venue", docking_round.pk)
    return _page(request, docking_round, walks_form=form, status=422)


@require_POST
def upload_document(request: UserRequest, pk: int) -> HttpResponse:
    docking_round = round_or_404(request, CHANGE_HALL, pk=pk)
    form = DocumentForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            document = document_services.add_document(
                docking_round,
                content=file.read(),
                name=file.name,
                is_public=form.cleaned_data["is_public"],
                by=request.user,
            )
        except ValidationError as error:
            form.add_error("file", error)
        else:
            messages.success(request, "已上传“%(name)s”。" % {"name": document})
            return redirect("admin:rounds_venue", docking_round.pk)
    return _page(request, docking_round, document_form=form, status=422)


@require_POST
def remove_document(request: UserRequest, public_id: str) -> HttpResponse:
    documents = RoundDocument.objects.visible_to(request.user).select_related("docking_round")
    document = get_object_or_404(documents, public_id=public_id)
    docking_round = round_or_404(request, CHANGE_HALL, pk=document.docking_round_id)
    try:
        document_services.remove_document(document, by=request.user)
        messages.success(request, "已移除“%(name)s”。" % {"name": document})
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("admin:rounds_venue", docking_round.pk)


def _page(
    request: UserRequest,
    docking_round: DockingRound,
    *,
    slots_form: Form | None = None,
    walks_form: Form | None = None,
    document_form: Form | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; a form that was refused comes back as it was filled in."""
    halls = list(docking_round.halls.all())
    slots = list(docking_round.slots.all())
    used = set(Placement.objects.filter(slot__docking_round=docking_round).values_list("slot", flat=True))
    first = {"day": localdate(docking_round.starts_at), "begin": USUAL_HOURS[0], "end": USUAL_HOURS[1]}
    if docking_round.starts_at.date() == docking_round.ends_at.date():
        first |= {"begin": localtime(docking_round.starts_at).time(), "end": localtime(docking_round.ends_at).time()}
    context = {
        "round": docking_round,
        "halls": halls,
        "tables": sum(hall.tables for hall in halls if not hall.closed_at),
        "days": [
            (day, [(slot, slot.pk in used) for slot in slots_of_day])
            for day, slots_of_day in groupby(slots, key=lambda slot: localdate(slot.starts_at))
        ],
        "slots": slots,
        "places": sum(hall.tables for hall in halls if not hall.closed_at) * len(slots),
        "documents": docking_round.documents.kept().select_related("uploaded_by"),
        "slots_form": slots_form or SlotsForm(initial=first | {"length": 25, "pause": 5, "breaks": "12:00-13:30"}),
        "walks_form": walks_form or WalkingTimesForm(halls, _walking_minutes(docking_round)),
        "document_form": document_form or DocumentForm(),
        "may_change": request.user.has_perm(CHANGE_HALL) and docking_round.status in DockingRound.OPEN,
    }
    return render(request, "rounds/staff/venue.html", context, status=status)


def _walking_minutes(docking_round: DockingRound) -> dict[tuple[int, int], int]:
    """{(hall, other hall): minutes} by primary keys."""
    return {(walk.hall_id, walk.other_hall_id): walk.minutes for walk in venue_services.walking_times(docking_round)}
