"""Halls, turns and documents of one round on one page."""

from itertools import groupby

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rounds.models import DockingRound, Placement, RoundDocument
from rounds.services.documents import add_document, remove_document
from rounds.services.venue import make_slots, save_walking_times, walking_times
from rounds.views.staff.rounds.calendar import HOURS
from rounds.views.staff.rounds.forms import DocumentForm, SlotsForm, WalksForm

VIEW, CHANGE = "rounds.view_hall", "rounds.change_hall"


@require_safe
def page(request, pk):
    return _shown(request, _round(request, pk, VIEW))


@require_POST
def make(request, pk):
    """The turns of a day, in place of those it had."""
    held = _round(request, pk, CHANGE)
    form = SlotsForm(request.POST)
    if form.is_valid():
        try:
            made = make_slots(held, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("已生成 %d 个洽谈时段。") % len(made))
            return redirect("admin:rounds_venue", held.pk)
    return _shown(request, held, slots_form=form, status=422)


@require_POST
def walks(request, pk):
    held = _round(request, pk, CHANGE)
    form = WalksForm(list(held.halls.all()), _known(held), request.POST)
    if form.is_valid():
        try:
            save_walking_times(held, form.minutes(), by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("步行时间已保存。"))
            return redirect("admin:rounds_venue", held.pk)
    return _shown(request, held, walks_form=form, status=422)


@require_POST
def upload(request, pk):
    held = _round(request, pk, CHANGE)
    form = DocumentForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            document = add_document(
                held,
                content=file.read(),
                name=file.name,
                is_public=form.cleaned_data["is_public"],
                by=request.user,
            )
        except ValidationError as error:
            form.add_error("file", error)
        else:
            messages.success(request, _("已上传“%(name)s”。") % {"name": document})
            return redirect("admin:rounds_venue", held.pk)
    return _shown(request, held, document_form=form, status=422)


@require_POST
def remove(request, public_id):
    documents = RoundDocument.objects.visible_to(request.user).select_related("docking_round")
    document = get_object_or_404(documents, public_id=public_id)
    held = _round(request, document.docking_round_id, CHANGE)
    try:
        remove_document(document, by=request.user)
        messages.success(request, _("已移除“%(name)s”。") % {"name": document})
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("admin:rounds_venue", held.pk)


def _round(request, pk: int, permission: str) -> DockingRound:
    if not request.user.has_perm(permission):
        raise PermissionDenied
    return get_object_or_404(DockingRound.objects.visible_to(request.user).select_related("host"), pk=pk)


def _shown(request, held: DockingRound, *, slots_form=None, walks_form=None, document_form=None, status=200):
    halls = list(held.halls.all())
    slots = list(held.slots.all())
    used = set(Placement.objects.filter(slot__docking_round=held).values_list("slot", flat=True))
    first = {"day": localdate(held.starts_at), "begin": HOURS[0], "end": HOURS[1]}
    if held.starts_at.date() == held.ends_at.date():
        first |= {"begin": localtime(held.starts_at).time(), "end": localtime(held.ends_at).time()}
    context = {
        "round": held,
        "halls": halls,
        "tables": sum(hall.tables for hall in halls),
        "days": [
            (day, [(slot, slot.pk in used) for slot in found])
            for day, found in groupby(slots, key=lambda slot: localdate(slot.starts_at))
        ],
        "slots": slots,
        "places": sum(hall.tables for hall in halls if not hall.closed_at) * len(slots),
        "documents": held.documents.kept().select_related("uploaded_by"),
        "slots_form": slots_form or SlotsForm(initial=first | {"length": 25, "pause": 5, "breaks": "12:00-13:30"}),
        "walks_form": walks_form or WalksForm(halls, _known(held)),
        "document_form": document_form or DocumentForm(),
        "may_change": request.user.has_perm(CHANGE) and held.status in DockingRound.OPEN,
    }
    return render(request, "rounds/staff/venue.html", context, status=status)


def _known(held: DockingRound) -> dict[tuple[int, int], int]:
    return {(walk.one_id, walk.other_id): walk.minutes for walk in walking_times(held)}
