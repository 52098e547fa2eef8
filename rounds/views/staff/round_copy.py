"""A round made from an earlier one on three screens: name and date; halls, tables and times; guests.

The first screen creates the round in preparation; the other two change it, and can be left out.
"""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_http_methods

from accounts.requests import UserRequest
from rounds.forms.round_copy import OTHER_DAY, CopiedSlotsForm, GuestsForm, StartForm, VenueForm, next_name, usual_times
from rounds.models import AvoidedPeriod, DockingRound, Party
from rounds.round_dates import propose_dates
from rounds.services import round_copy
from rounds.services import venue as venue_services
from rounds.views.staff.round_access import round_or_404

ADD_ROUND = "rounds.add_dockinground"
MAX_SOURCES = 20
METHODS = ["GET", "HEAD", "POST"]
Status = DockingRound.Status


@require_http_methods(METHODS)
def start(request: UserRequest) -> HttpResponse:
    """First screen. `from`: the public id of the round to copy, by default the latest; `day`: a day of the calendar."""
    _check_may_add(request)
    sources = DockingRound.objects.visible_to(request.user).exclude(~Q(match_run=None) & Q(halls=None))
    sources = sources.order_by("-starts_at")
    wanted = (request.POST.get("from") or request.GET.get("from") or "")[:10]
    source = get_object_or_404(sources, public_id=wanted) if wanted else _usual_source(sources)
    if source is None:  # there is none to copy
        query = f"?day={day}" if (day := _day(request)) else ""
        return redirect(reverse("admin:rounds_dockinground_add") + query)
    own = AvoidedPeriod.objects.all().as_busy()
    starts = DockingRound.objects.exclude(status=Status.CANCELLED).values_list("starts_at", flat=True)
    choices = propose_dates(localdate(), [localdate(at) for at in starts], count=1, own=own)
    proposals = choices[0] if choices else []
    form = StartForm(source, proposals, own, request.POST or None, initial=_initial(source, proposals, _day(request)))
    if request.method == "POST" and form.is_valid():
        fields = ("name", "themes", "place", "starts_at", "ends_at")
        try:
            made = round_copy.copy_round(source, by=request.user, **{key: form.cleaned_data[key] for key in fields})
        except ValidationError as error:
            form.add_error(None, error if not hasattr(error, "error_dict") else error.messages)
        else:
            if made.left_out:
                messages.warning(request, "有 %d 个时段或议程放不进新的时间，没有复制。" % made.left_out)
            return redirect("admin:rounds_copy_venue", made.docking_round.pk)
    context = {
        "source": source,
        "sources": sources[:MAX_SOURCES],
        "form": form,
        "proposals": proposals,
        "avoided": proposals[0].avoided if proposals else (),
        "other": OTHER_DAY,
        "blank_link": reverse("admin:rounds_dockinground_add"),
    }
    return render(request, "rounds/staff/copy/start.html", context, status=422 if form.errors else 200)


def _usual_source(sources: QuerySet[DockingRound]) -> DockingRound | None:
    """The latest that took or will take place; a cancelled one is copied if it is asked for."""
    return sources.exclude(status=Status.CANCELLED).first() or sources.first()


def _initial(source: DockingRound, proposals: list, day: date | None) -> dict:
    days = {f"{proposal.day}" for proposal in proposals}
    best = f"{day}" if day else f"{proposals[0].day}" if proposals else ""
    choice = best if best in days else OTHER_DAY
    return {
        "name": next_name(source.name),
        "themes": source.themes,
        "place": source.place,
        "choice": choice,
        "day": day if choice == OTHER_DAY else None,
    } | usual_times(source)


def _day(request: UserRequest) -> date | None:
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None


@require_http_methods(METHODS)
def venue(request: UserRequest, pk: int) -> HttpResponse:
    """Second screen: tables of the halls, slots of the day."""
    docking_round = _new_round_or_404(request, pk)
    halls = list(docking_round.halls.filter(closed_at=None))
    slots = list(docking_round.slots.all())
    form = VenueForm(halls, request.POST or None)
    slots_form = CopiedSlotsForm(request.POST or None, initial=_slot_rules(docking_round, slots))
    if request.method == "POST" and form.is_valid() and slots_form.is_valid():
        try:
            round_copy.set_tables(docking_round, form.numbers(), by=request.user)
            values = slots_form.cleaned_data
            if values.pop("renew"):
                day = localdate(docking_round.starts_at)
                venue_services.make_slots(docking_round, day=day, by=request.user, **values)
        except ValidationError as error:
            slots_form.add_error(None, error)
        else:
            return redirect("admin:rounds_copy_guests", pk)
    status = 422 if form.errors or slots_form.errors else 200
    context = {
        "round": docking_round,
        "form": form,
        "slots_form": slots_form,
        "slots": slots,
        "tables": sum(hall.tables for hall in halls),
        "agenda": docking_round.agenda.active(),
    }
    return render(request, "rounds/staff/copy/venue.html", context, status=status)


def _slot_rules(docking_round: DockingRound, slots: list) -> dict:
    """The rules by which the slots seem to have been made: the first length and the first pause."""
    if not slots:
        return {"renew": True, "length": 25, "pause": 5} | usual_times(docking_round)
    first = slots[0]
    pause = (slots[1].starts_at - first.ends_at).seconds // 60 if len(slots) > 1 else 5
    return {
        "begin": f"{localtime(first.starts_at):%H:%M}",
        "end": f"{localtime(slots[-1].ends_at):%H:%M}",
        "length": (first.ends_at - first.starts_at).seconds // 60,
        "pause": pause,
    }


@require_http_methods(METHODS)
def guests(request: UserRequest, pk: int) -> HttpResponse:
    """Third screen: guests of the earlier round, unticked."""
    docking_round = _new_round_or_404(request, pk)
    parties = round_copy.earlier_guests(docking_round)
    form = GuestsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ticked = set(request.POST.getlist("party"))
        chosen = _chosen(parties, form.cleaned_data["which"], ticked)
        if form.cleaned_data["which"] == GuestsForm.TICKED and not chosen:
            form.add_error("which", "还没有勾选单位。请勾选，或改选别的一项。")
        else:
            number = round_copy.take_over_guests(docking_round, chosen, by=request.user)
            messages.success(
                request, "活动已建立，%s。" % (f"{number} 家单位列入名单，还没有邀请" if number else "没有列入单位")
            )
            return redirect("admin:rounds_home", pk)
    context = {
        "round": docking_round,
        "source": docking_round.copied_from,
        "form": form,
        "parties": parties,
        "ticked": set(request.POST.getlist("party")),
        "coming": sum(party.answer == Party.Answer.COMING for party in parties),
    }
    return render(request, "rounds/staff/copy/guests.html", context, status=422 if form.errors else 200)


def _chosen(parties: list[Party], which: str, ticked: set[str]) -> list[Party]:
    if which == GuestsForm.ALL:
        return parties
    if which == GuestsForm.COMING:
        return [party for party in parties if party.answer == Party.Answer.COMING]
    return [party for party in parties if which == GuestsForm.TICKED and party.public_id in ticked]


def _new_round_or_404(request: UserRequest, pk: int) -> DockingRound:
    """A round in preparation that was made from another one."""
    _check_may_add(request)
    docking_round = round_or_404(request, ADD_ROUND, pk=pk)
    return get_object_or_404(
        DockingRound.objects.filter(status=Status.PREPARING).exclude(copied_from=None).select_related("copied_from"),
        pk=docking_round.pk,
    )


def _check_may_add(request: UserRequest) -> None:
    if not request.user.has_perm(ADD_ROUND) or not request.user.scope.is_city:
        raise PermissionDenied
