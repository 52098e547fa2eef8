"""A round's agenda as a page to print and as calendar files; its documents."""

from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core.downloads import send_stored
from rounds.ical import agenda_item_calendar, round_calendar
from rounds.models import AgendaItem, DockingRound, RoundDocument

CALENDAR = "text/calendar; charset=utf-8"
FILENAME = "attachment; filename*=UTF-8''{}.ics"


@require_safe
def agenda(request, public_id):
    """The agenda alone, as it is printed."""
    held = _round(request, public_id)
    context = {"round": held, "agenda": agenda_of(held, request.user)}
    return render(request, "rounds/public/round_agenda.html", context)


@require_safe
def calendar_file(request, public_id):
    """The round and all its agenda; what was cancelled stays in it, so that calendars take it out."""
    held = _round(request, public_id)
    items = AgendaItem.objects.for_calendars(request.user).filter(docking_round=held).with_people()
    content = round_calendar(held, items, address=_address(request, held))
    return _sent(content, held.name)


@require_safe
def item_file(request, public_id):
    """One item of an agenda."""
    items = AgendaItem.objects.visible_to(request.user).with_people().select_related("docking_round__host")
    item = get_object_or_404(items, public_id=public_id)
    return _sent(agenda_item_calendar(item, address=_address(request, item.docking_round)), item.title)


@require_safe
def document(request, public_id):
    """A file of a round. Always a download of the type it was checked to be, so no browser runs anything in it."""
    file = get_object_or_404(RoundDocument.objects.kept().visible_to(request.user), public_id=public_id)
    return send_stored(file.file, file.name, file.content_type)


def agenda_of(held: DockingRound, user):
    """The items a visitor may read, by time, with what the page shows of them."""
    return AgendaItem.objects.visible_to(user).active().filter(docking_round=held, is_public=True).with_people()


def _round(request, public_id) -> DockingRound:
    rounds = DockingRound.objects.visible_to(request.user).select_related("host")
    return get_object_or_404(rounds, public_id=public_id)


def _address(request, held: DockingRound) -> str:
    return request.build_absolute_uri(reverse("round_detail", args=[held.public_id]))


def _sent(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=CALENDAR)
    response.headers["Content-Disposition"] = FILENAME.format(quote(name))
    return response
