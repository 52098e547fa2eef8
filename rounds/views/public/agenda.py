"""The agenda of a round as a page to print and as calendar files; the public documents of a round."""

from collections.abc import Iterable
from urllib.parse import quote

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from calendars.ical import CONTENT_TYPE, write_calendar
from calendars.sources import CalendarEvent
from core.downloads import send_stored
from rounds.calendar_events import agenda_event, round_event
from rounds.models import AgendaItem, DockingRound, RoundDocument

REFRESH = "PT6H"
"""How often a calendar program reads the calendar of a round again."""
DISPOSITION = "attachment; filename*=UTF-8''{}.ics"


@require_safe
def agenda(request: HttpRequest, public_id: str) -> HttpResponse:
    docking_round = _round_or_404(request, public_id)
    context = {
        "round": docking_round,
        "agenda": public_agenda(docking_round, request.user),
        "subscription": subscription_address(request, docking_round),
    }
    return render(request, "rounds/public/round_agenda.html", context)


def subscription_address(request: HttpRequest, docking_round: DockingRound) -> str:
    """The address that a calendar program reads again and again: what changes in the round reaches it."""
    return f"webcal://{request.get_host()}{reverse('round_calendar', args=[docking_round.public_id])}"


@require_safe
def round_calendar_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """The round and its agenda, to download or to subscribe to. Cancelled items stay in it, so that calendars remove
    them."""
    docking_round = _round_or_404(request, public_id)
    items = AgendaItem.objects.for_calendars(request.user).filter(docking_round=docking_round).with_people()
    events = [round_event(docking_round), *map(agenda_event, items)]
    return _calendar_response(request, events, docking_round.name, REFRESH)


@require_safe
def agenda_item_file(request: HttpRequest, public_id: str) -> HttpResponse:
    items = AgendaItem.objects.visible_to(request.user).with_people().select_related("docking_round__host")
    item = get_object_or_404(items, public_id=public_id)
    return _calendar_response(request, [agenda_event(item)], item.title)


@require_safe
def document(request: HttpRequest, public_id: str) -> FileResponse:
    """A file of a round, always as a download of its checked type, so that no browser runs anything in it."""
    file = get_object_or_404(RoundDocument.objects.kept().visible_to(request.user), public_id=public_id)
    return send_stored(file.file, file.name, file.content_type)


def public_agenda(docking_round: DockingRound, user: User | AnonymousUser) -> QuerySet[AgendaItem]:
    """The public items of an agenda by time, with their speakers."""
    items = AgendaItem.objects.visible_to(user).active()
    return items.filter(docking_round=docking_round, is_public=True).with_people()


def _round_or_404(request: HttpRequest, public_id: str) -> DockingRound:
    rounds = DockingRound.objects.visible_to(request.user).select_related("host")
    return get_object_or_404(rounds, public_id=public_id)


def _calendar_response(
    request: HttpRequest, events: Iterable[CalendarEvent], name: str, refresh: str = ""
) -> HttpResponse:
    content = write_calendar(events, address=f"{request.scheme}://{request.get_host()}", name=name, refresh=refresh)
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = DISPOSITION.format(quote(name))
    return response
