"""The day's answers to doing. Scripts send JSON and get JSON: 200 done (or done before), 403 not by this user, 409
another desk was first, 422 it cannot be done so; `told` is a sentence for whoever sent it. Forms are led back.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST

from accounts.models import Region
from core.json_body import JsonBody, read_json_body
from rounds.day.forms import OutcomeForm
from rounds.day.free_slots import Freed, freed_places
from rounds.models import Attendee, Hall, Meeting, Party, Placement, SignageScreen
from rounds.planning.changes import place_words
from rounds.services.check_in import (
    CameBefore,
    add_walk_in,
    check_in,
    check_in_party,
    mark_absent,
    mark_back,
    undo_check_in,
)
from rounds.services.meeting_status import begin_meeting, end_meeting, miss_meeting, take_back_step
from rounds.services.outcomes import record_outcome
from rounds.services.reassign import fill_place
from rounds.services.replanning import NoShow, replan
from rounds.services.signage import end_wall, open_wall
from rounds.views.staff.day.pages import of_round

MOST_AGO = 7 * 24 * 3600


def taken_at(said: JsonBody) -> datetime | None:
    """When the step was taken: `ago` seconds before now, so that a wrong clock of the device does no harm."""
    ago = said.number("ago")
    return None if ago is None else timezone.now() - timedelta(seconds=min(ago, MOST_AGO))


def key_of(said: JsonBody) -> UUID:
    """The step's own key; a form without scripts has none, and its step is a new one."""
    text = said.text("key")
    try:
        return UUID(text) if text else uuid4()
    except ValueError as error:
        raise BadRequest from error


def answered(step) -> JsonResponse:
    """What `step()` returns as JSON, or why it was refused."""
    try:
        return JsonResponse(step())
    except CameBefore as error:
        return JsonResponse({"told": "".join(error.messages)}, status=409)
    except PermissionDenied as error:
        return JsonResponse({"told": str(error)}, status=403)
    except ValidationError as error:
        fields = error.message_dict if hasattr(error, "error_dict") else {}
        return JsonResponse({"told": "".join(error.messages), "fields": fields}, status=422)


def for_sender(view):
    """Only for the person who was signed in when the step was taken."""

    def guarded(request, docking_round):
        said = read_json_body(request)
        if said.number("by") not in (None, request.user.pk):
            told = _("这一步是用另一个账号做的，请用那个账号登录后再发送。")
            return JsonResponse({"told": told}, status=409)
        return answered(lambda: view(request, docking_round, said))

    return guarded


# --- The door --------------------------------------------------------------------------------------------------------
def _come(request, docking_round, said: JsonBody) -> dict:
    person = _person(request, docking_round, said)
    check_in(person, by=request.user, key=key_of(said), at=taken_at(said))
    return {"told": _("%(name)s 已签到") % {"name": person.name}}


def _undo(request, docking_round, said: JsonBody) -> dict:
    person = _person(request, docking_round, said)
    done = undo_check_in(person, by=request.user, key=key_of(said))
    words = _("已撤销 %(name)s 的签到") if done else _("%(name)s 的这次签到没有生效，不需要撤销")
    return {"told": words % {"name": person.name}}


def _come_all(request, docking_round, said: JsonBody) -> dict:
    party = _party(request, docking_round, said)
    came = check_in_party(party, by=request.user, key=key_of(said), at=taken_at(said))
    return {"told": _("%(party)s 签到 %(number)s 人") % {"party": party, "number": len(came)}}


def _walk_in(request, docking_round, said: JsonBody) -> dict:
    party = _party(request, docking_round, said) if said.text("party") else None
    region = Region.objects.reporting().filter(code=said.text("region")).first()
    person = add_walk_in(
        docking_round,
        name=said.text("name"),
        position=said.text("position"),
        party=party,
        organisation=said.text("organisation"),
        region=region,
        by=request.user,
        key=key_of(said),
        at=taken_at(said),
    )
    return {"told": _("%(name)s（%(party)s）已现场报到") % {"name": person.name, "party": person.party}}


def _absent(request, docking_round, said: JsonBody) -> dict:
    """With the places it gives up, and who could sit there: the next step is one press."""
    party = _party(request, docking_round, said)
    mark_absent(party, by=request.user)
    hosted = set(Meeting.objects.hosted_by(request.user).of(party).values_list("pk", flat=True))
    freed = [one for one in freed_places(docking_round, timezone.now()) if one.place.meeting_id in hosted]
    return {
        "told": _("%(party)s 已记为未到，之后的洽谈位置让出") % {"party": party},
        "party": party.public_id,
        "freed": [_freed(one, may_fill=request.user.scope.is_city) for one in freed],
    }


def _freed(one: Freed, *, may_fill: bool) -> dict:
    best = one.offers[0] if one.offers else None
    return {
        "place": one.place.pk,
        "words": f"{place_words(one.place)}：{one.place.meeting}",
        "offer": str(best) if best else "",
        "meeting": best.public_id if best and may_fill else "",
    }


def _absent_and_mend(request, docking_round, said: JsonBody) -> dict:
    _absent(request, docking_round, said)
    return _mend(request, docking_round, said)


def _fill(request, docking_round, said: JsonBody) -> dict:
    """The best pair for a freed place, put there in the draft that mends the timetable."""
    places = Placement.objects.current().filter(timetable__docking_round=docking_round)
    number = said.text("place")
    place = places.filter(pk=int(number) if number.isdecimal() and len(number) < 12 else 0).select_related(
        "slot", "hall", "meeting__firm_party__organisation", "meeting__office_party__organisation"
    )
    meetings = Meeting.objects.hosted_by(request.user).filter(docking_round=docking_round, status="wanted")
    meeting = meetings.filter(public_id=said.text("meeting")).select_related(
        "docking_round", "firm_party__organisation", "office_party__organisation"
    )
    freed, other = place.first(), meeting.first()
    if freed is None or other is None:
        raise ValidationError(_("日程刚有变化，这个位置或这场洽谈已经不在了，请刷新后再选。"))
    draft, told = fill_place(freed, other, by=request.user)
    return {"told": told, "draft": draft.number}


def _back(request, docking_round, said: JsonBody) -> dict:
    party = _party(request, docking_round, said)
    mark_back(party, by=request.user)
    return {"told": _("%(party)s 已恢复到场") % {"party": party}}


def _mend(request, docking_round, said: JsonBody) -> dict:
    """A draft without the absent ones, whose difference is looked at before it is published."""
    party = _party(request, docking_round, said)
    draft = replan(docking_round, NoShow(party), by=request.user)
    if draft is None:
        return {"told": _("还没有发布的排期，不需要改期。")}
    return {"told": _("改期方案已生成，请市级专员核对变化后发布，发布后通知有变化的单位。"), "draft": draft.number}


RECEIVING = {
    "come": _come,
    "undo": _undo,
    "party": _come_all,
    "walk_in": _walk_in,
    "absent": _absent,
    "back": _back,
}


@require_POST
@of_round
@for_sender
def receive(request, docking_round, said: JsonBody) -> dict:
    """One step of a desk at the door."""
    take = RECEIVING.get(said.text("kind"))
    if take is None:
        raise ValidationError(_("没有这样的操作，请刷新页面。"))
    return take(request, docking_round, said)


def _person(request, docking_round, said: JsonBody) -> Attendee:
    people = Attendee.objects.received_by(request.user).filter(party__docking_round=docking_round)
    person = (
        people.select_related("party__docking_round", "party__organisation").filter(public_id=said.text("id")).first()
    )
    if person is None:
        raise ValidationError(_("这次活动没有这张参会证，请核对是不是其他活动的，或按姓名查找。"))
    return person


def _party(request, docking_round, said: JsonBody) -> Party:
    parties = Party.objects.received_by(request.user).filter(docking_round=docking_round)
    party = parties.select_related("docking_round", "organisation").filter(public_id=said.text("party")).first()
    if party is None:
        raise ValidationError(_("这次活动没有这个参会单位，请刷新名单。"))
    return party


OVERVIEW = {"absent": _absent, "absent_mend": _absent_and_mend, "back": _back, "mend": _mend, "fill": _fill}


@require_POST
@of_round
def absence(request, docking_round):
    """From the overview: a party is absent or back, or the timetable is mended for the absent ones."""
    said = JsonBody(request.POST.dict())
    step = OVERVIEW.get(said.text("kind"), _absent)
    try:
        done = step(request, docking_round, said)
        messages.success(request, done["told"])
        if "draft" in done and request.user.scope.is_city:
            path = reverse("admin:rounds_timetable", args=[docking_round.pk])
            return redirect(f"{path}?version={done['draft']}")
    except ValidationError as error:
        messages.error(request, "".join(error.messages))
    return redirect("admin:rounds_day_day", docking_round.public_id)


# --- The tables ------------------------------------------------------------------------------------------------------
HOSTING = {
    "begin": (begin_meeting, _lazy("已开始")),
    "end": (end_meeting, _lazy("已结束")),
    "miss": (miss_meeting, _lazy("已记为未能进行")),
    "back": (take_back_step, _lazy("已改回")),
}


@require_POST
@of_round
@for_sender
def host(request, docking_round, said: JsonBody) -> dict:
    """One step of whoever looks after a table."""
    meetings = Meeting.objects.hosted_by(request.user).filter(docking_round=docking_round)
    meeting = get_object_or_404(
        meetings.select_related("docking_round", "firm_party__organisation", "office_party__organisation"),
        public_id=said.text("meeting"),
    )
    kind, key, at = said.text("kind"), key_of(said), taken_at(said)
    if kind == "outcome":
        return record_said(meeting, said, side="host", by=request.user)
    if kind not in HOSTING:
        raise ValidationError(_("没有这样的操作，请刷新页面。"))
    step, word = HOSTING[kind]
    more = {} if kind == "back" else {"at": at}
    step(meeting, by=request.user, key=key, **more)
    return {"told": f"{word}：{meeting}"}


def record_said(meeting: Meeting, said: JsonBody, **who) -> dict:
    """What came of a talk, from the fields of `OutcomeForm`; published to the pages of the two sides."""
    form = OutcomeForm(said)
    if not form.is_valid():
        raise ValidationError(form.errors.as_data())
    record_outcome(meeting, form.said, key=key_of(said), at=taken_at(said), **who)
    return {"told": _("已记录，谢谢。")}


# --- The walls -------------------------------------------------------------------------------------------------------
@require_POST
@of_round
def walls(request, docking_round):
    """Open a wall's address, or give one up."""
    said = JsonBody(request.POST.dict())
    try:
        if said.text("end"):
            wall = get_object_or_404(
                SignageScreen.objects.open(), docking_round=docking_round, public_id=said.text("end")
            )
            end_wall(wall, by=request.user)
            messages.success(request, _("这块大屏的地址已停用。"))
        else:
            number = said.text("hall")
            hall = Hall.objects.filter(docking_round=docking_round, pk=number).first() if number.isdecimal() else None
            open_wall(docking_round, hall=hall, by=request.user)
            messages.success(request, _("大屏地址已建立，在大屏的浏览器里打开即可。"))
    except ValidationError as error:
        messages.error(request, "".join(error.messages))
    return redirect("admin:rounds_day_day", docking_round.public_id)
