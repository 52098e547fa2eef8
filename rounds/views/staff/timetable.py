"""The page on which a round's timetable is planned.

District staff see only the published version, and in it the meetings of their firms.
"""

from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime, make_aware
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from core.json_body import JsonBody, read_json_body
from rounds.models import DockingRound, Meeting, Party, Timetable
from rounds.planning.move_targets import blocked_places
from rounds.planning.stored_plans import placements_of
from rounds.services.accepted_talks import place_accepted_talks
from rounds.services.guest_messages import counts_of_key
from rounds.services.meeting_moves import lock_meeting, move_meeting, remove_meeting, snapshot_of
from rounds.services.meetings import add_meeting, drop_meeting, gather_meetings
from rounds.services.publishing import preview_publishing, publish_timetable, rebase_timetable
from rounds.services.relaxations import adopt_relaxation
from rounds.services.replanning import AddedMeeting, ClosedHall, ClosedTable, LateArrival, NoShow, ReturnedParty, replan
from rounds.services.timetable_notifications import timetable_topic
from rounds.services.timetables import discard_timetable, start_planning, stop_planning
from rounds.services.unserved_parties import (
    FilledPlaces,
    ask_partners,
    best_partners,
    fill_free_places,
    unserved_parties,
)
from rounds.views.staff.round_access import CHANGE_TIMETABLE, planner_view, timetable_view
from rounds.views.staff.timetable_board import (
    TimetableBoard,
    district_timetable,
    planning_outcome,
    planning_progress,
    timetable_board,
)

PLANNING_SECONDS = (20, 60, 120)
MAX_NAMED = 3

type StepResult = tuple[int | str, str]
"""(number of the version to show, message)"""


# --- The page ---------------------------------------------------------------------------------------------------------
@require_safe
@timetable_view
def timetable(request: UserRequest, docking_round: DockingRound) -> HttpResponse:
    """Shows the version of `?version=`, or the one to work with."""
    if not request.user.scope.sees_all:
        context = {"round": docking_round, "plan": district_timetable(docking_round, request.user)}
        return render(request, "rounds/staff/timetable/district.html", context)
    board = timetable_board(docking_round, request.GET.get("version", ""))
    parties = docking_round.parties.coming().select_related("organisation").order_by("side", "organisation__name", "pk")
    context = _board_context(request, board) | {
        "parties": parties,
        "seconds": PLANNING_SECONDS,
        "settings": {
            "urls": {
                name: reverse(f"admin:rounds_timetable_{name}", args=[docking_round.pk])
                for name in ("board", "cells", "preview", "do")
            },
            "mayChange": request.user.has_perm(CHANGE_TIMETABLE),
        },
    }
    return render(request, "rounds/staff/timetable/page.html", context)


@require_safe
@planner_view
def board(request: UserRequest, docking_round: DockingRound) -> JsonResponse:
    """One version's board and the progress of its planning."""
    return JsonResponse(_board_json(request, docking_round, request.GET.get("version", "")))


@require_safe
@planner_view
def cells(request: UserRequest, docking_round: DockingRound) -> JsonResponse:
    """For the meeting of `?meeting=`: {place: reasons against it}, with no reasons where the meeting fits."""
    version = _version_or_404(request, docking_round)
    meeting = get_object_or_404(
        Meeting.objects.managed_by(request.user), docking_round=docking_round, public_id=request.GET.get("meeting", "")
    )
    try:
        day = snapshot_of(version)
    except ValidationError as error:
        return JsonResponse({"message": " ".join(error.messages)}, status=409)
    if meeting.pk not in day.meetings:
        return JsonResponse({"message": day.excluded.get(meeting.pk, "这场洽谈已取消。")}, status=409)
    places = blocked_places(day, placements_of(version), meeting.pk)
    return JsonResponse({"cells": {"-".join(map(str, place)): reasons for place, reasons in places.items()}})


@require_safe
@planner_view
def preview(request: UserRequest, docking_round: DockingRound) -> JsonResponse:
    """What publishing the version of `?version=` would change."""
    version = _version_or_404(request, docking_round)
    try:
        changes = preview_publishing(version)
    except ValidationError as error:
        return JsonResponse({"message": " ".join(error.messages)}, status=409)
    context = {"preview": changes, "timetable": version}
    html = render_to_string("rounds/staff/timetable/preview.html", context, request)
    return JsonResponse({"html": html, "possible": not changes.problems})


def _board_json(request: UserRequest, docking_round: DockingRound, version: str, message: str = "") -> dict:
    """What the page needs to show a version again."""
    board = timetable_board(docking_round, version)
    shown = board.timetable
    return {
        "html": render_to_string("rounds/staff/timetable/board.html", _board_context(request, board), request),
        "version": shown.number if shown else 0,
        "revision": shown.revision if shown else 0,
        "solving": board.is_solving,
        "progress": planning_progress(shown) if board.is_solving else "",
        "outcome": planning_outcome(shown) if shown and not board.is_solving else "",
        "impossible": board.is_impossible,
        "message": message,
    }


def _board_context(request: UserRequest, board: TimetableBoard) -> dict:
    return {
        "board": board,
        "round": board.docking_round,
        "timetable": board.timetable,
        "may_change": request.user.has_perm(CHANGE_TIMETABLE),
    }


def _version_or_404(request: UserRequest, docking_round: DockingRound) -> Timetable:
    number = request.GET.get("version", "")
    if not number.isdigit() or len(number) > 5:
        raise Http404
    return get_object_or_404(docking_round.timetables.select_related("docking_round"), number=number)


# --- The steps --------------------------------------------------------------------------------------------------------
@require_POST
@planner_view
def change_timetable(request: UserRequest, docking_round: DockingRound) -> JsonResponse:
    """One step; `kind` is a key of STEPS. Answers with the board after it; a refusal has status 409 and a message."""
    if not request.user.has_perm(CHANGE_TIMETABLE):
        raise PermissionDenied
    data = read_json_body(request)
    step = STEPS.get(data.text("kind"))
    if step is None:
        raise BadRequest
    version, status = str(_number(data, "version")), 200
    try:
        version, message = step(request, docking_round, data)
    except ValidationError as refusal:
        message, status = " ".join(refusal.messages), 409
    return JsonResponse(_board_json(request, docking_round, str(version), message), status=status)


def _gather(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> StepResult:
    gathered = gather_meetings(docking_round, by=request.user)
    message = "新增 %(new)d 场，已有 %(known)d 场。" % {"new": gathered.new, "known": gathered.known}
    if gathered.dropped:
        names = "；".join(gathered.dropped[:MAX_NAMED])
        message += "取消 %(count)d 场：%(which)s。" % {"count": len(gathered.dropped), "which": names}
    if gathered.skipped:
        names = "；".join(gathered.skipped[:MAX_NAMED])
        message += "没有汇总 %(count)d 条：%(which)s。" % {"count": len(gathered.skipped), "which": names}
    return _number(data, "version"), message


def _plan(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> StepResult:
    base = docking_round.timetables.filter(number=_number(data, "version")).first()
    if base is not None and base.status not in (Timetable.Status.DRAFT, Timetable.Status.PUBLISHED):
        base = None
    released = docking_round.meetings.filter(public_id__in=data.text_list("released")).values_list("pk", flat=True)
    version = start_planning(
        docking_round,
        by=request.user,
        seconds=data.number("seconds") or 60,
        based_on=base,
        released=list(released),
        serve_first=data.text("goal") != "weight",
    )
    return version.number, "第 %(number)d 版正在排期。" % {"number": version.number}


def _adopt(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> StepResult:
    version = adopt_relaxation(_posted_version(docking_round, data), _number(data, "way"), by=request.user)
    return version.number, "已采用，第 %(number)d 版正在排期。" % {"number": version.number}


def _ask(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> StepResult:
    """Request meetings for parties without one and place them: `pairs` of party and match, or the best of each."""
    version = _posted_version(docking_round, data)
    pairs = [(party, match) for party, _, match in (text.partition(" ") for text in data.text_list("pairs"))]
    if data.text("which") == "all":
        pairs = best_partners(unserved_parties(version))
    meetings = ask_partners(version, pairs, by=request.user)
    if not meetings:
        raise ValidationError("没有可以提出的洽谈，请刷新页面后再选。")
    filled = fill_free_places(version, meetings, by=request.user)
    message = "已提出 %(asked)d 场洽谈，第 %(number)d 版草稿排上 %(placed)d 场。" % {
        "asked": len(meetings),
        "number": filled.draft.number,
        "placed": filled.placed,
    }
    if filled.placed < len(meetings):
        message += "没排上的列在“没有安排”里；需要双方同意的，同意后再排。"
    return filled.draft.number, message + _moved_text(filled)


def _moved_text(filled: FilledPlaces) -> str:
    if not filled.moved and not filled.cancelled:
        return ""
    return "原有洽谈中 %d 场换了位置，%d 场因条件变化排不下。" % (filled.moved, filled.cancelled)


def _place(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> StepResult:
    """Place the accepted talks in free places: `meeting`, or all of them."""
    version = _posted_version(docking_round, data)
    number, filled = place_accepted_talks(version, data.text("meeting"), by=request.user)
    message = "第 %d 版草稿排上 %d 场双方已接受的洽谈。" % (filled.draft.number, filled.placed)
    if filled.placed < number:
        message += "%d 场没有空档，原因列在“没有安排”里。" % (number - filled.placed)
    return filled.draft.number, message + _moved_text(filled)


def _stop(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> StepResult:
    version = _posted_version(docking_round, data)
    stop_planning(version, by=request.user)
    return version.number, "已请求停止，保留目前最好的排法。"


def _discard(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> StepResult:
    version = _posted_version(docking_round, data)
    discard_timetable(version, by=request.user)
    return "", "已放弃第 %(number)d 版。" % {"number": version.number}


def _move(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> StepResult:
    version, meeting = _posted_version(docking_round, data), _posted_meeting(request, docking_round, data)
    parts = data.text("place").split("-")
    if len(parts) != 3 or not all(part.isdigit() and len(part) < 10 for part in parts):
        raise BadRequest
    slot = get_object_or_404(docking_round.slots, pk=parts[0])
    hall = get_object_or_404(docking_round.halls, pk=parts[1])
    move_meeting(
        version,
        meeting,
        slot=slot,
        hall=hall,
        table=int(parts[2]),
        revision=_number(data, "revision"),
        by=request.user,
        swap=True,
    )
    message = "已移到 %(time)s %(hall)s %(table)s 号桌：%(meeting)s。" % {
        "time": localtime(slot.starts_at).strftime("%H:%M"),
        "hall": hall.name,
        "table": parts[2],
        "meeting": meeting.pair_for(request.user),
    }
    return version.number, message


def _remove(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> StepResult:
    version, meeting = _posted_version(docking_round, data), _posted_meeting(request, docking_round, data)
    remove_meeting(version, meeting, revision=_number(data, "revision"), by=request.user)
    return version.number, "已移出：%(meeting)s。" % {"meeting": meeting.pair_for(request.user)}


def _set_lock(locked: bool) -> Callable[[UserRequest, DockingRound, JsonBody], StepResult]:
    def step(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> StepResult:
        version, meeting = _posted_version(docking_round, data), _posted_meeting(request, docking_round, data)
        lock_meeting(version, meeting, locked=locked, revision=_number(data, "revision"), by=request.user)
        message = "已锁定：%(meeting)s。" if locked else "已取消锁定：%(meeting)s。"
        return version.number, message % {"meeting": meeting.pair_for(request.user)}

    return step


def _publish(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> StepResult:
    version = _posted_version(docking_round, data)
    publish_timetable(version, revision=_number(data, "revision"), by=request.user)
    counts = counts_of_key(timetable_topic(version))
    message = "第 %(number)d 版已发布，日程有变的 %(counts)s。"
    return version.number, message % {"number": version.number, "counts": counts.sentence}


def _rebase(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> StepResult:
    version = _posted_version(docking_round, data)
    rebase_timetable(version, revision=_number(data, "revision"), by=request.user)
    return version.number, "已改为与发布版对比，请核对变化。"


def _add(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> StepResult:
    parties = docking_round.parties.select_related("organisation")
    firm, institution = (parties.filter(public_id=data.text(name)).first() for name in ("firm", "team"))
    if firm is None or institution is None:
        raise ValidationError("请选择企业和院校团队。")
    meeting = add_meeting(
        docking_round,
        firm,
        institution,
        by=request.user,
        topic=data.text("topic", 120),
        is_must=data.text("must") == "on",
    )
    if docking_round.timetables.published().exists():
        draft = replan(docking_round, AddedMeeting(meeting), by=request.user)
        if draft is not None:  # None: the published version was withdrawn meanwhile
            message = "已添加 %(meeting)s，并在第 %(number)d 版草稿里找了位置。"
            return draft.number, message % {"meeting": meeting.pair_for(request.user), "number": draft.number}
    return _number(data, "version"), "已添加 %(meeting)s，重新排期时安排。" % {
        "meeting": meeting.pair_for(request.user)
    }


def _drop(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> StepResult:
    meeting = _posted_meeting(request, docking_round, data)
    drop_meeting(meeting, reason=data.text("reason", 200), by=request.user)
    return _number(data, "version"), "已取消：%(meeting)s。" % {"meeting": meeting.pair_for(request.user)}


def _replan(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> StepResult:
    draft = replan(docking_round, _posted_disruption(docking_round, data), by=request.user)
    if draft is None:
        return "", "已记下；日程还没有发布，下次排期会考虑。"
    return draft.number, "已重排为第 %(number)d 版草稿，请核对变化后发布。" % {"number": draft.number}


def _posted_disruption(
    docking_round: DockingRound, data: JsonBody
) -> NoShow | LateArrival | ReturnedParty | ClosedTable | ClosedHall:
    what = data.text("what")
    if what in ("no_show", "late", "back"):
        party = get_object_or_404(
            Party.objects.select_related("docking_round", "organisation"),
            docking_round=docking_round,
            public_id=data.text("party"),
        )
        if what == "late":
            return LateArrival(party, _time_of_day(docking_round, data.text("until")))
        return NoShow(party) if what == "no_show" else ReturnedParty(party)
    hall = docking_round.halls.filter(pk=data.number("hall") or 0).first()
    if hall is None or what not in ("table", "hall"):
        raise ValidationError("请选择发生了什么，以及单位或场地。")
    return ClosedTable(hall, data.number("table") or 0) if what == "table" else ClosedHall(hall)


def _time_of_day(docking_round: DockingRound, text: str) -> datetime:
    """HH:MM on the first day of the round, or today if that day is past. Raises ValidationError."""
    try:
        time = datetime.strptime(text, "%H:%M").time()
    except ValueError as error:
        raise ValidationError("请填写到场时间，例如 14:30。") from error
    day = max(localtime(docking_round.starts_at).date(), timezone.localdate())
    return make_aware(datetime.combine(day, time))


def _posted_version(docking_round: DockingRound, data: JsonBody) -> Timetable:
    versions = docking_round.timetables.select_related("docking_round")
    return get_object_or_404(versions, number=_number(data, "version"))


def _posted_meeting(request: UserRequest, docking_round: DockingRound, data: JsonBody) -> Meeting:
    meetings = Meeting.objects.managed_by(request.user).select_related(
        "firm_party__organisation", "institution_party__organisation"
    )
    return get_object_or_404(meetings, docking_round=docking_round, public_id=data.text("meeting"))


def _number(data: JsonBody, name: str) -> int:
    """The posted number; -1, which no version or revision has, for anything else."""
    value = data.number(name)
    return -1 if value is None else value


STEPS = {
    "gather": _gather,
    "plan": _plan,
    "adopt": _adopt,
    "ask": _ask,
    "place": _place,
    "stop": _stop,
    "discard": _discard,
    "move": _move,
    "out": _remove,
    "lock": _set_lock(True),
    "unlock": _set_lock(False),
    "publish": _publish,
    "rebase": _rebase,
    "happen": _replan,
    "add": _add,
    "drop": _drop,
}
