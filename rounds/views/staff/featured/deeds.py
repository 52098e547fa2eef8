"""The steps of the staff page of a round's fifty. Each parses, calls one service, and says what moved."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achievements.models import Achievement
from rounds.featured import compare_lists
from rounds.services import featured as services
from rounds.views.staff.featured.pages import as_current_list, counted, round_of
from rounds.views.staff.featured.rules_form import RulesForm

MOST_TOLD = 4


def _achievement(request) -> Achievement:
    mine = Achievement.objects.visible_to(request.user)
    return get_object_or_404(mine, public_id=request.POST.get("achievement", "").replace("\x00", ""))


def _pin(request, docking_round, revision):
    reason = request.POST.get("reason", "")
    services.pin_achievement(docking_round, _achievement(request), reason=reason, revision=revision, by=request.user)
    return _("已设为必选。")


def _ban(request, docking_round, revision):
    reason = request.POST.get("reason", "")
    services.ban_achievement(docking_round, _achievement(request), reason=reason, revision=revision, by=request.user)
    return _("已设为不选。")


def _free(request, docking_round, revision):
    services.unmark_achievement(docking_round, _achievement(request), revision=revision, by=request.user)
    return _("已取消标记，按规则决定。")


def _place(request, docking_round, revision):
    achievement, place = _achievement(request), _number(request, "place")
    if place is None:
        raise ValidationError(_("请填写要移到第几位，例如 3。"))
    services.place_achievement(docking_round, achievement, place=place, revision=revision, by=request.user)
    return _("已移动。")


def _up(request, docking_round, revision):
    return _shift(request, docking_round, revision, -1)


def _down(request, docking_round, revision):
    return _shift(request, docking_round, revision, 1)


def _shift(request, docking_round, revision, by: int):
    place = (_number(request, "rank") or 1) + by
    services.place_achievement(docking_round, _achievement(request), place=place, revision=revision, by=request.user)
    return _("已移动。")


def _forget_places(request, docking_round, revision):
    services.clear_places(docking_round, revision=revision, by=request.user)
    return _("已恢复按得分排序。")


def _rules(request, docking_round, revision):
    planned = services.featured_overview(docking_round)
    form = RulesForm(request.POST, names=planned.names, rules=planned.rules)
    if not form.is_valid():
        raise ValidationError(form.wrong)
    services.set_rules(docking_round, form.rules, revision=revision, by=request.user)
    return _("已采用新规则。")


DEEDS = {
    "pin": _pin,
    "ban": _ban,
    "free": _free,
    "place": _place,
    "up": _up,
    "down": _down,
    "forget_places": _forget_places,
    "rules": _rules,
}


@require_POST
def deed(request, pk: int):
    """One step, named by `deed`; `revision` is the plan the officer saw. Back on the page it says what moved."""
    docking_round = round_of(request, pk)
    name = request.POST.get("deed", "")
    try:
        if name == "apply":
            _apply(request, docking_round)
        elif name in DEEDS:
            _change(request, docking_round, DEEDS[name])
        else:
            messages.error(request, _("没有这样的操作，请刷新页面。"))
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    return HttpResponseRedirect(reverse("admin:rounds_fifty", args=[docking_round.pk]))


def _apply(request, docking_round) -> None:
    changes = services.apply_featured(docking_round, fingerprint=request.POST.get("mark", ""), by=request.user)
    if changes:
        messages.success(request, _("名单已写入活动：%(changes)s。") % {"changes": counted(changes)["words"]})
    else:
        messages.info(request, _("活动上的名单已经是这一份，没有变化。"))


def _change(request, docking_round, step) -> None:
    before = services.featured_overview(docking_round).proposal
    done = step(request, docking_round, _number(request, "revision") or 0)
    messages.success(request, done + _moved(before, services.featured_overview(docking_round)))


def _moved(before, planned: services.FeaturedOverview) -> str:
    """What a step changed in the proposed list, in one sentence."""
    if planned.proposal is None:
        return _("现在规则不能同时满足，见下面的说明。")
    changes = compare_lists(as_current_list(before), planned.proposal) if before else []
    told = [
        _("%(title)s %(kind)s（%(why)s）")
        % {"title": one.title, "kind": _("进") if one.kind == "in" else _("出"), "why": one.why}
        for one in changes
        if one.kind != "moved"
    ]
    moved = sum(one.kind == "moved" for one in changes)
    if len(told) > MOST_TOLD:
        told = [*told[:MOST_TOLD], _("另有 %(count)d 项进出") % {"count": len(told) - MOST_TOLD}]
    if moved:
        told.append(_("%(count)d 项位置移动") % {"count": moved})
    return _("名单随之变化：%(told)s。") % {"told": "；".join(told)} if told else _("名单没有变化。")


def _number(request, name: str) -> int | None:
    text = request.POST.get(name, "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else None
