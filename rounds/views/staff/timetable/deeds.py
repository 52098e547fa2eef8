"""The timetable's answers to doing: one address, one step at a time, each calling one service."""

from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.timezone import localtime, make_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.json_body import JsonBody, read_json_body
from rounds.models import DockingRound, Meeting, Party, Timetable
from rounds.services.meeting_moves import lock_meeting, move_meeting, take_out
from rounds.services.meetings import add_meeting, drop_meeting, gather_meetings
from rounds.services.publishing import publish_timetable, rebase_timetable
from rounds.services.replanning import Added, Back, HallClosed, Late, NoShow, TableLost, replan
from rounds.services.timetables import discard_timetable, start_planning, stop_planning
from rounds.views.staff.timetable.pages import WRITE, answer, for_planners


@require_POST
@for_planners
def do(request, docking_round: DockingRound):
    """One step. Answers with the board as it is then; a refused one with 409, why, and the board as it is."""
    if not request.user.has_perm(WRITE):
        raise PermissionDenied
    body = read_json_body(request)
    step = STEPS.get(body.text("kind"))
    if step is None:
        raise BadRequest
    version, status = str(_number(body, "version")), 200
    try:
        version, message = step(request, docking_round, body)
    except ValidationError as refusal:
        message, status = " ".join(refusal.messages), 409
    return JsonResponse(answer(request, docking_round, str(version), message), status=status)


def _gather(request, docking_round: DockingRound, body: JsonBody):
    found = gather_meetings(docking_round, by=request.user)
    words = _("新增 %(new)d 场，已有 %(known)d 场。") % {"new": found.new, "known": found.known}
    if found.dropped:
        words += _("取消 %(count)d 场：%(which)s。") % {
            "count": len(found.dropped),
            "which": "；".join(found.dropped[:3]),
        }
    if found.skipped:
        words += _("没有汇总 %(count)d 条：%(which)s。") % {
            "count": len(found.skipped),
            "which": "；".join(found.skipped[:3]),
        }
    return _number(body, "version"), words


def _plan(request, docking_round: DockingRound, body: JsonBody):
    base = docking_round.timetables.filter(number=_number(body, "version")).first()
    if base is not None and base.status not in (Timetable.Status.DRAFT, Timetable.Status.PUBLISHED):
        base = None
    row = start_planning(docking_round, by=request.user, seconds=body.number("seconds") or 60, seed=0, based_on=base)
    return row.number, _("第 %(number)d 版正在排期。") % {"number": row.number}


def _stop(request, docking_round: DockingRound, body: JsonBody):
    row = _version(docking_round, body)
    stop_planning(row, by=request.user)
    return row.number, _("已请求停止，保留目前最好的排法。")


def _discard(request, docking_round: DockingRound, body: JsonBody):
    row = _version(docking_round, body)
    discard_timetable(row, by=request.user)
    return "", _("已放弃第 %(number)d 版。") % {"number": row.number}


def _move(request, docking_round: DockingRound, body: JsonBody):
    row, meeting = _version(docking_round, body), _meeting(request, docking_round, body)
    parts = body.text("place").split("-")
    if len(parts) != 3 or not all(part.isdigit() and len(part) < 10 for part in parts):
        raise BadRequest
    slot = get_object_or_404(docking_round.slots, pk=parts[0])
    hall = get_object_or_404(docking_round.halls, pk=parts[1])
    move_meeting(
        row,
        meeting,
        slot=slot,
        hall=hall,
        table=int(parts[2]),
        revision=_number(body, "revision"),
        by=request.user,
        swap=True,
    )
    words = _("已移到 %(time)s %(hall)s %(table)s 号桌：%(meeting)s。") % {
        "time": localtime(slot.starts_at).strftime("%H:%M"),
        "hall": hall.name,
        "table": parts[2],
        "meeting": meeting,
    }
    return row.number, words


def _out(request, docking_round: DockingRound, body: JsonBody):
    row, meeting = _version(docking_round, body), _meeting(request, docking_round, body)
    take_out(row, meeting, revision=_number(body, "revision"), by=request.user)
    return row.number, _("已移出：%(meeting)s。") % {"meeting": meeting}


def _lock(locked: bool) -> Callable:
    def step(request, docking_round: DockingRound, body: JsonBody):
        row, meeting = _version(docking_round, body), _meeting(request, docking_round, body)
        lock_meeting(row, meeting, locked=locked, revision=_number(body, "revision"), by=request.user)
        words = _("已锁定：%(meeting)s。") if locked else _("已取消锁定：%(meeting)s。")
        return row.number, words % {"meeting": meeting}

    return step


def _publish(request, docking_round: DockingRound, body: JsonBody):
    row = _version(docking_round, body)
    told = publish_timetable(row, revision=_number(body, "revision"), by=request.user)
    words = _("第 %(number)d 版已发布，%(told)d 家单位的日程有变，已通知。") % {"number": row.number, "told": told}
    return row.number, words


def _rebase(request, docking_round: DockingRound, body: JsonBody):
    row = _version(docking_round, body)
    rebase_timetable(row, revision=_number(body, "revision"), by=request.user)
    return row.number, _("已改为与发布版对比，请核对变化。")


def _add(request, docking_round: DockingRound, body: JsonBody):
    sides = {
        name: docking_round.parties.select_related("organisation").filter(public_id=body.text(name)).first()
        for name in ("firm", "team")
    }
    if None in sides.values():
        raise ValidationError(_("请选择企业和院校团队。"))
    meeting = add_meeting(
        docking_round,
        sides["firm"],
        sides["team"],
        by=request.user,
        topic=body.text("topic", 120),
        is_must=body.text("must") == "on",
    )
    if docking_round.timetables.published().exists():
        draft = replan(docking_round, Added(meeting), by=request.user)
        return draft.number, _("已添加 %(meeting)s，并在第 %(number)d 版草稿里找了位置。") % {
            "meeting": meeting,
            "number": draft.number,
        }
    return _number(body, "version"), _("已添加 %(meeting)s，重新排期时安排。") % {"meeting": meeting}


def _drop(request, docking_round: DockingRound, body: JsonBody):
    meeting = _meeting(request, docking_round, body)
    drop_meeting(meeting, reason=body.text("reason", 200), by=request.user)
    return _number(body, "version"), _("已取消：%(meeting)s。") % {"meeting": meeting}


def _happen(request, docking_round: DockingRound, body: JsonBody):
    draft = replan(docking_round, _happening(docking_round, body), by=request.user)
    if draft is None:
        return "", _("已记下；日程还没有发布，下次排期会考虑。")
    return draft.number, _("已重排为第 %(number)d 版草稿，请核对变化后发布。") % {"number": draft.number}


def _happening(docking_round: DockingRound, body: JsonBody):
    what = body.text("what")
    if what in ("no_show", "late", "back"):
        party = get_object_or_404(
            Party.objects.select_related("docking_round", "organisation"),
            docking_round=docking_round,
            public_id=body.text("party"),
        )
        if what == "late":
            return Late(party, _clock(docking_round, body.text("until")))
        return NoShow(party) if what == "no_show" else Back(party)
    hall = docking_round.halls.filter(pk=body.number("hall") or 0).first()
    if hall is None or what not in ("table", "hall"):
        raise ValidationError(_("请选择发生了什么，以及单位或场地。"))
    return TableLost(hall, body.number("table") or 0) if what == "table" else HallClosed(hall)


def _clock(docking_round: DockingRound, text: str) -> datetime:
    """The next time at which the clock shows this, on the day of the round or today. Raises ValidationError."""
    try:
        time = datetime.strptime(text, "%H:%M").time()
    except ValueError as error:
        raise ValidationError(_("请填写到场时间，例如 14:30。")) from error
    day = max(localtime(docking_round.starts_at).date(), timezone.localdate())
    return make_aware(datetime.combine(day, time))


def _version(docking_round: DockingRound, body: JsonBody) -> Timetable:
    rows = docking_round.timetables.select_related("docking_round")
    return get_object_or_404(rows, number=_number(body, "version"))


def _meeting(request, docking_round: DockingRound, body: JsonBody) -> Meeting:
    rows = Meeting.objects.managed_by(request.user).select_related(
        "firm_party__organisation", "office_party__organisation"
    )
    return get_object_or_404(rows, docking_round=docking_round, public_id=body.text("meeting"))


def _number(body: JsonBody, name: str) -> int:
    value = body.number(name)
    return -1 if value is None else value


STEPS = {
    "gather": _gather,
    "plan": _plan,
    "stop": _stop,
    "discard": _discard,
    "move": _move,
    "out": _out,
    "lock": _lock(True),
    "unlock": _lock(False),
    "publish": _publish,
    "rebase": _rebase,
    "happen": _happen,
    "add": _add,
    "drop": _drop,
}
