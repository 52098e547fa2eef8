"""The check-in desk. The page keeps the guest list and goes on working while the network is away."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Region, User
from accounts.requests import UserRequest
from core.json_body import JsonBody
from core.kept_pages import allow_keeping, kept_page_mark
from rounds.day.free_slots import FreeSlot, free_slots
from rounds.day.guest_list import guest_list
from rounds.day.kept_pages import keep_until, keeping_settings, worker_script
from rounds.models import Attendee, DockingRound, Meeting, Party
from rounds.papers.pdf import render_pdf
from rounds.papers.pictures import qr_code
from rounds.planning.changes import place_text
from rounds.services.check_in import (
    add_walk_in,
    check_in_party,
    has_day_come,
    mark_absent,
    mark_returned,
    undo_check_in,
)
from rounds.services.check_in import check_in as check_in_person
from rounds.views.outbox import outbox_view, step_key, taken_at
from rounds.views.staff.round_access import VIEW_ROUND, event_day_view, is_city_or_district

BEFORE = (DockingRound.Status.PREPARING, DockingRound.Status.GATHERING, DockingRound.Status.SCHEDULED)
BADGE_PLACEHOLDER = "person"
"""The page replaces it in the address of a badge."""


@require_safe
@event_day_view
def check_in(request: UserRequest, docking_round: DockingRound) -> HttpResponse:
    may_act = is_city_or_district(request.user)
    until = keep_until(docking_round)
    place = [docking_round.public_id]
    context = {
        "round": docking_round,
        "guests": guest_list(docking_round, request.user),
        "may_act": may_act,
        "is_early": docking_round.status in BEFORE and not has_day_come(docking_round),
        "regions": _regions_for_walk_ins(request.user),
        "settings": {
            "user": request.user.pk,
            "name": str(request.user),
            "round": docking_round.public_id,
            "mayAct": may_act,
            "roundName": docking_round.name,
            **keeping_settings(
                until,
                reverse("admin:rounds_day_worker", args=place),
                kept_page_mark(request),
                (static("vendor/qr-decode-0.7.0.min.js"),),
            ),
            "urls": {
                "guests": reverse("admin:rounds_day_guests", args=place),
                "receive": reverse("admin:rounds_day_receive", args=place),
                "badge": reverse("admin:rounds_day_badge", args=[BADGE_PLACEHOLDER]),
                "decoder": static("vendor/qr-decode-0.7.0.min.js"),
            },
        },
    }
    response = render(request, "rounds/staff/event_day/check_in.html", context)
    allow_keeping(request, response, until)
    return response


@require_safe
@event_day_view
def worker(request: UserRequest, docking_round: DockingRound) -> HttpResponse:
    """The service worker of the desk: from this address its scope is the desk of one round."""
    return worker_script()


@require_safe
def badge(request: UserRequest, public_id: str) -> HttpResponse:
    """The badge of one person as a PDF of its size, for a printer at the desk."""
    if not request.user.has_perm(VIEW_ROUND):
        raise PermissionDenied
    people = Attendee.objects.received_by(request.user).filter(
        party__docking_round__in=DockingRound.objects.visible_to(request.user)
    )
    related = ("party__organisation", "party__docking_round")
    attendee = get_object_or_404(people.select_related(*related), public_id=public_id)
    docking_round = attendee.party.docking_round
    context = {"round": docking_round, "title": "参会证", "attendee": attendee, "code": qr_code(attendee.public_id)}
    content, _pages = render_pdf(render_to_string("rounds/papers/badge.html", context))
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = "inline"
    add_never_cache_headers(response)
    return response


@require_safe
@event_day_view
def guests(request: UserRequest, docking_round: DockingRound) -> HttpResponse:
    """The guest list as JSON; 204 when the page has this version already (`?have=`)."""
    guests = guest_list(docking_round, request.user)
    return HttpResponse(status=204) if request.GET.get("have") == guests["version"] else JsonResponse(guests)


def _check_in_person(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> dict:
    person = _posted_attendee(request, docking_round, data)
    check_in_person(person, by=request.user, key=step_key(data), at=taken_at(data))
    return {"message": "%(name)s 已签到" % {"name": person.name}}


def _undo(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> dict:
    person = _posted_attendee(request, docking_round, data)
    is_undone = undo_check_in(person, by=request.user, key=step_key(data))
    text = "已撤销 %(name)s 的签到" if is_undone else "%(name)s 的这次签到没有生效，不需要撤销"
    return {"message": text % {"name": person.name}}


def _check_in_party(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> dict:
    party = posted_party(request, docking_round, data)
    people = check_in_party(party, by=request.user, key=step_key(data), at=taken_at(data))
    return {"message": "%(party)s 签到 %(number)s 人" % {"party": party, "number": len(people)}}


def _walk_in(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> dict:
    party = posted_party(request, docking_round, data) if data.text("party") else None
    region = Region.objects.reporting().filter(code=data.text("region")).first()
    person = add_walk_in(
        docking_round,
        name=data.text("name"),
        position=data.text("position"),
        party=party,
        organisation=data.text("organisation"),
        region=region,
        by=request.user,
        key=step_key(data),
        at=taken_at(data),
    )
    message = "%(name)s（%(party)s）已现场报到" % {"name": person.name, "party": person.party}
    return {"message": message, "person": person.public_id}


def mark_party_absent(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> dict:
    """Answers with the places that became free and the best meeting for each, so that one click fills a place."""
    party = posted_party(request, docking_round, data)
    mark_absent(party, by=request.user)
    hosted = set(Meeting.objects.hosted_by(request.user).of(party).values_list("pk", flat=True))
    slots = [slot for slot in free_slots(docking_round, timezone.now()) if slot.place.meeting_id in hosted]
    return {
        "message": "%(party)s 已记为未到，之后的洽谈位置让出" % {"party": party},
        "party": party.public_id,
        "free_slots": [_free_slot_json(slot, request.user) for slot in slots],
    }


def mark_party_returned(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> dict:
    party = posted_party(request, docking_round, data)
    mark_returned(party, by=request.user)
    return {"message": "%(party)s 已恢复到场" % {"party": party}}


def _free_slot_json(slot: FreeSlot, user: User) -> dict:
    best = slot.offers[0] if slot.offers else None
    return {
        "place": slot.place.pk,
        "words": f"{place_text(slot.place)}：{slot.place.meeting.pair_for(user)}",
        "offer": best.pair_for(user) if best else "",
        "meeting": best.public_id if best and user.scope.is_city else "",
    }


STEPS = {
    "come": _check_in_person,
    "undo": _undo,
    "party": _check_in_party,
    "walk_in": _walk_in,
    "absent": mark_party_absent,
    "back": mark_party_returned,
}


@require_POST
@event_day_view
@outbox_view
def receive(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> dict:
    """One step of a check-in desk; `kind` is a key of STEPS."""
    step = STEPS.get(data.text("kind"))
    if step is None:
        raise ValidationError("没有这样的操作，请刷新页面。")
    return step(request, docking_round, data)


def posted_party(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> Party:
    """The party named in the input. Raises ValidationError where this user receives no such party."""
    parties = Party.objects.received_by(request.user).filter(docking_round=docking_round)
    party = parties.select_related("docking_round", "organisation").filter(public_id=data.text("party")).first()
    if party is None:
        raise ValidationError("这次活动没有这个参会单位，请刷新名单。")
    return party


def _posted_attendee(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> Attendee:
    people = Attendee.objects.received_by(request.user).filter(party__docking_round=docking_round)
    people = people.select_related("party__docking_round", "party__organisation")
    person = people.filter(public_id=data.text("id")).first()
    if person is None:
        raise ValidationError("这次活动没有这张参会证，请核对是不是其他活动的，或按姓名查找。")
    return person


def _regions_for_walk_ins(user: User):
    """The districts in which this user may register a firm that the directory does not have."""
    regions = Region.objects.reporting()
    return regions if user.scope.is_city else regions.filter(pk__in=user.scope.region_ids)
