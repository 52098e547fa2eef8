"""The acts with a round as a whole, each on a page of its own: what it does, what is missing, and a form."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.requests import UserRequest
from rounds import checklist
from rounds.forms.round_acts import PostponeForm, ReasonForm, SureForm
from rounds.models import DockingRound, RoundMove
from rounds.readiness import round_facts
from rounds.services import round_changes, rounds
from rounds.services.guest_reach import WayCounts, reach_of
from rounds.services.round_notifications import notified_parties, notified_sentence
from rounds.views.staff.checklist_links import checklist_link
from rounds.views.staff.round_access import VIEW_ROUND, round_or_404

CHANGE_ROUND = "rounds.close_dockinground"
Status = DockingRound.Status


@dataclass(frozen=True)
class Act:
    """`sources`: statuses in which it is offered. `apply(round, values of the form, user)` returns the sentence for the
    officer. `step`: its checklist."""

    words: str
    text: str
    sources: tuple[str, ...]
    apply: Callable[[DockingRound, dict[str, Any], Any], str]
    step: str = ""
    form_class: type[forms.Form] = forms.Form
    is_danger: bool = False
    told_by: str = ""
    """Key of the text by which the guests are told."""


def _by(service: Callable, sentence: str) -> Callable:
    def apply(docking_round: DockingRound, _values: dict, by) -> str:
        service(docking_round, by=by)
        return sentence

    return apply


def _told(service: Callable, sentence: str) -> Callable:
    def apply(docking_round: DockingRound, values: dict, by) -> str:
        reached: WayCounts = service(docking_round, by=by, **{key: values[key] for key in values if key != "sure"})
        return sentence + notified_sentence(reached)

    return apply


def _take_back(docking_round: DockingRound, values: dict, by) -> str:
    was_told = bool(values.get("reason"))
    reached = round_changes.take_back(docking_round, by=by, reason=values.get("reason", ""))
    words = "已恢复为“%s”。" % docking_round.get_status_display()
    return words + (notified_sentence(reached) if was_told else "")


ACTS = {
    "announce": Act(
        "发布活动",
        "发布以后公众能在网站看到这次活动，区市县可以开始邀请。邀请第一家单位以前可以撤销。",
        (Status.PREPARING,),
        _by(rounds.announce_round, "已发布，可以开始邀请。"),
        "announce",
    ),
    "schedule": Act(
        "发布日程",
        "议程和洽谈日程向参会单位公开。之后仍可改期，变动的单位会收到通知；开始以前可以撤销。",
        (Status.GATHERING,),
        _by(rounds.schedule_round, "日程已发布。"),
        "schedule",
    ),
    "begin": Act(
        "活动开始",
        "开始以后可以记录洽谈和结果。第一个人签到以前可以撤销。",
        (Status.GATHERING, Status.SCHEDULED),
        _by(rounds.begin_round, "活动已开始。"),
        "begin",
    ),
    "close": Act(
        "结束并匹配",
        "所有已公开的成果和需求会重新匹配，结果交给各区市县审核，也是下一场会前撮合的名单。匹配完成以前可以撤销。",
        DockingRound.OPEN,
        _by(rounds.close_round, "活动已结束，匹配正在后台进行，完成后各区市县即可审核。"),
        "close",
    ),
    "archive": Act(
        "归档",
        "归档以后不再改结果；来宾的饮食和无障碍需要随即删除。归档可以撤销，删除的不会恢复。",
        (Status.CLOSED,),
        _by(rounds.archive_round, "活动已归档。"),
        "archive",
    ),
    "end-early": Act(
        "提前结束",
        "还有洽谈没有到时间。提前结束后这些洽谈不能再签到和开始，参会单位会收到通知，会后匹配随即开始。",
        (Status.RUNNING,),
        _told(round_changes.end_round_early, "活动已提前结束。"),
        form_class=SureForm,
        is_danger=True,
        told_by="rounds.status",
    ),
    "postpone": Act(
        "改期",
        "议程、洽谈时段和各单位的到场时间一起移动，活动长度不变；已排的洽谈保留。受邀和参加的单位会收到通知。"
        "改期不能撤销：改错了请再改一次。",
        round_changes.POSTPONABLE,
        _told(round_changes.postpone_round, "活动已改期。"),
        form_class=PostponeForm,
        told_by="rounds.moved",
    ),
    "cancel": Act(
        "取消活动",
        "活动不再举办。受邀和参加的单位、负责他们的区市县会收到通知；没有账号和邮箱的单位列出来，请打电话。",
        DockingRound.OPEN,
        _told(round_changes.cancel_round, "活动已取消。"),
        form_class=SureForm,
        is_danger=True,
        told_by="rounds.status",
    ),
    "back": Act("撤销上一步", "", tuple(Status.values), _take_back),
}


def offered_acts(docking_round: DockingRound) -> list[tuple[str, str, str]]:
    """(key, words, text) of the acts beside the next step: taking back, postponing, ending early, cancelling. Without a
    key the step can no longer be taken back, and the text says why."""
    keys = [key for key in ("postpone", "end-early", "cancel") if docking_round.status in ACTS[key].sources]
    acts = [(key, ACTS[key].words, ACTS[key].text) for key in keys]
    if move := round_changes.last_step(docking_round):
        who = round_changes.who_was_told(move)
        final = round_changes.why_not_taken_back(move, who)
        words = "撤销“%s”" % move.get_step_display()
        acts.insert(0, ("", words, final) if final else ("back", words, _taking_back(move, who)))
    return acts


def _taking_back(move: RoundMove, who: str) -> str:
    text = "恢复为“%s”。" % move.get_from_status_display()
    if move.step == RoundMove.Step.ARCHIVE:
        text += "归档时删除的饮食和无障碍需要不会恢复。"
    if not who:
        return text + "这一步还没有通知过任何人，撤销不会打扰别人。"
    return text + f"{who}，参会单位会{'再收到一次' if round_changes.guests_told(move) else '收到'}通知，写明原因。"


@require_http_methods(["GET", "HEAD", "POST"])
def round_act(request: UserRequest, pk: int, act: str) -> HttpResponse:
    docking_round = round_or_404(request, VIEW_ROUND, pk=pk)
    if not request.user.has_perm(CHANGE_ROUND) or not request.user.scope.is_city:
        raise PermissionDenied
    chosen = ACTS[act]
    form = _form(chosen, docking_round, act, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            sentence = chosen.apply(docking_round, form.cleaned_data, request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, sentence)
            return redirect("admin:rounds_home", docking_round.pk)
    if form.errors:
        status = 422
    return render(request, "rounds/staff/round_act.html", _context(docking_round, act, chosen, form), status=status)


def _form(chosen: Act, docking_round: DockingRound, act: str, data) -> forms.Form:
    if chosen.form_class is PostponeForm:
        return PostponeForm(docking_round, data)
    move = round_changes.last_step(docking_round) if act == "back" else None
    form_class = ReasonForm if move and round_changes.who_was_told(move) else chosen.form_class
    return form_class(data)


def _context(docking_round: DockingRound, act: str, chosen: Act, form: forms.Form) -> dict:
    items = checklist.checklist(chosen.step, round_facts(docking_round)) if chosen.step else []
    words, text, why_not = chosen.words, chosen.text, ""
    if docking_round.status not in chosen.sources:
        why_not = "活动现在是“%s”，不能办理这一步。" % docking_round.get_status_display()
    elif act == "back":
        why_not = "这次活动没有可以撤销的一步。"
        if move := round_changes.last_step(docking_round):
            who = round_changes.who_was_told(move)
            words, text = "撤销“%s”" % move.get_step_display(), _taking_back(move, who)
            why_not = round_changes.why_not_taken_back(move, who)
    unmet = [
        (item.remedy, checklist_link(item.where, docking_round)) for item in items if not item.is_done and item.is_hard
    ]
    told_by = chosen.told_by or ("rounds.status" if isinstance(form, ReasonForm) else "")
    is_announced = bool(told_by) and docking_round.status != Status.PREPARING
    reached = reach_of(notified_parties(docking_round)) if is_announced else []
    return {
        "round": docking_round,
        "act": act,
        "notified": WayCounts.of(each.way for each in reached),
        "told_by": told_by,
        "words": words,
        "text": text,
        "form": form,
        "is_danger": chosen.is_danger,
        "why_not": why_not,
        "unmet": [] if why_not else unmet,
        "advice": [item.remedy for item in items if not item.is_done and not item.is_hard],
    }
