"""The agenda of a round: its items by time with what collides, and the form of one item."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from audit.stale_forms import with_version_check
from core.permissions import oversight_required
from rounds.agenda_conflicts import find_conflicts
from rounds.forms.agenda import AgendaItemForm
from rounds.models import AgendaItem, DockingRound
from rounds.readiness import agenda_entry
from rounds.services.agenda import MAX_DURATION, PEOPLE_FIELDS, drop_agenda_item, save_agenda_item
from rounds.views.staff.round_access import round_or_404

VIEW_ITEM, ADD_ITEM, CHANGE_ITEM = "rounds.view_agendaitem", "rounds.add_agendaitem", "rounds.change_agendaitem"
USUAL_LENGTH = MAX_DURATION / 24
"""Length that the form proposes for a new item."""


@require_safe
@oversight_required
def agenda(request: UserRequest, pk: int) -> HttpResponse:
    docking_round = round_or_404(request, VIEW_ITEM, pk=pk)
    items = AgendaItem.objects.managed_by(request.user).filter(docking_round=docking_round).with_people()
    active = [item for item in items if item.dropped_at is None]
    context = {
        "round": docking_round,
        "items": active,
        "dropped": [item for item in items if item.dropped_at],
        "conflicts": find_conflicts(map(agenda_entry, active)),
        "may_add": request.user.has_perm(ADD_ITEM) and docking_round.status in DockingRound.OPEN,
        "may_change": request.user.has_perm(CHANGE_ITEM) and docking_round.status in DockingRound.OPEN,
    }
    return render(request, "rounds/staff/agenda/agenda.html", context)


def agenda_item(request: UserRequest, item: AgendaItem | None, *, may_change: bool) -> HttpResponse:
    """The page of an item, or of a new one of the round of `?docking_round=`. The caller has checked the permission
    and, on POST, locked the row."""
    if item is None:
        item = _new_item(request)
        if item is None:
            messages.info(request, "请先选一场活动，再在它的“议程”里添加。")
            return redirect("admin:rounds_dockinground_changelist")
    if not may_change:
        return render(request, "rounds/staff/agenda/item.html", {"round": item.docking_round, "item": item})
    data = request.POST if request.method == "POST" else None
    form_class = with_version_check(AgendaItemForm, request.user) if item.pk else AgendaItemForm
    form = form_class(data, instance=item)
    if data is not None and form.is_valid():
        people = {name: form.cleaned_data[name] for name in PEOPLE_FIELDS}
        try:
            with transaction.atomic():
                save_agenda_item(form.instance, by=request.user, **people)
        except ValidationError as error:  # another user took the hall between check and write
            form.add_error(None, error.messages)
        else:
            messages.success(request, "已保存：%(item)s。" % {"item": form.instance})
            return redirect("admin:rounds_agenda", item.docking_round_id)
    context = {"round": item.docking_round, "item": item, "form": form, "chosen": _chosen_people(form)}
    return render(request, "rounds/staff/agenda/item.html", context)


def _new_item(request: UserRequest) -> AgendaItem | None:
    """An item after the last one of the round; None without an open round."""
    chosen = request.POST.get("docking_round") or request.GET.get("docking_round", "")
    rounds = DockingRound.objects.open().order_by("starts_at")
    docking_round = rounds.filter(pk=int(chosen)).first() if _is_key(chosen) else rounds.first()
    if docking_round is None:
        return None
    last = docking_round.agenda.active().order_by("ends_at").last()
    begin = localtime(last.ends_at if last and last.ends_at < docking_round.ends_at else docking_round.starts_at)
    return AgendaItem(docking_round=docking_round, starts_at=begin, ends_at=begin + USUAL_LENGTH)


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def _chosen_people(form: AgendaItemForm) -> dict[str, int]:
    """How many are ticked in each of the folded lists."""
    return {name: len(form[name].value() or []) for name in PEOPLE_FIELDS}


@require_POST
@oversight_required
def drop_item(request: UserRequest, public_id: str) -> HttpResponse:
    """Cancel an item with a reason."""
    if not request.user.has_perm(CHANGE_ITEM) or not request.user.scope.is_city:
        raise PermissionDenied
    items = AgendaItem.objects.managed_by(request.user).select_related("docking_round")
    item = get_object_or_404(items, public_id=public_id)
    try:
        drop_agenda_item(item, request.POST.get("reason", ""), by=request.user)
        messages.success(request, "已取消：%(item)s。订阅了日历的人会看到它已取消。" % {"item": item})
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
        return redirect(reverse("admin:rounds_agendaitem_change", args=[item.pk]))
    return redirect("admin:rounds_agenda", item.docking_round_id)
