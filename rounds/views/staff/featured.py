"""The featured achievements of a round: the proposed list with its reasons, a preview of other rules, and the steps."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from achievements.models import Achievement
from rounds.featured import (
    FeaturedProposal,
    InfeasibleRulesError,
    ListChange,
    ListedItem,
    RankedCandidate,
    compare_lists,
)
from rounds.featured.constraints import group_counts
from rounds.forms.featured_rules import PREVIEW, RulesForm, preview_query
from rounds.models import DockingRound, FeaturedMark
from rounds.services import featured as services
from rounds.services.featured import SELECT_PERMISSION, FeaturedOverview, featured_overview
from rounds.views.staff.round_access import VIEW_ROUND, round_or_404

MAX_RESERVES, MAX_SEARCH_RESULTS = 30, 50
MAX_CHANGES_NAMED = 4


@dataclass(frozen=True, slots=True)
class FeaturedRow:
    """One achievement on the page, with the decision of staff about it."""

    seat: RankedCandidate
    mark: FeaturedMark | None

    @property
    def reasons(self):
        return self.seat.reasons


# --- The page ---------------------------------------------------------------------------------------------------------
@require_safe
def featured(request: UserRequest, pk: int) -> HttpResponse:
    """`?look=1&…rules` previews what other rules would change; `?q=` searches all achievements that may be featured."""
    docking_round = round_or_404(request, VIEW_ROUND, pk=pk)
    overview = featured_overview(docking_round)
    preview_data = request.GET if PREVIEW in request.GET else None
    form = RulesForm(preview_data, names=overview.names, rules=overview.rules)
    q = request.GET.get("q", "").replace("\x00", "").strip()[:50]
    context = {
        "round": docking_round,
        "overview": overview,
        "form": form,
        "q": q,
        "preview": _preview(overview, form) if preview_data else None,
        "preview_values": [(name, value) for name in form.fields for value in preview_data.getlist(name)]
        if preview_data
        else [],
        "may_plan": request.user.has_perm(SELECT_PERMISSION) and docking_round.status in DockingRound.OPEN,
        "deed_url": reverse("admin:rounds_featured_change", args=[docking_round.pk]),
        "ways": _ways_out(overview.refusal),
        "changes": grouped_changes(overview.changes),
        **(_lists(overview, q) if overview.proposal else _marks_only(overview)),
    }
    return render(request, "rounds/staff/featured/page.html", context)


def _as_list(proposal: FeaturedProposal) -> list[ListedItem]:
    return [ListedItem(seat.key, seat.candidate.title, seat.rank, seat.score) for seat in proposal.chosen]


def grouped_changes(changes: list[ListChange]) -> dict:
    """{"groups": [(label, changes, kind)], "words": their numbers as text}; empty without changes."""
    if not changes:
        return {}
    labels = {"in": "新进", "out": "调出", "moved": "移动"}
    groups = [(label, [change for change in changes if change.kind == kind], kind) for kind, label in labels.items()]
    groups = [group for group in groups if group[1]]
    return {
        "groups": groups,
        "words": "、".join(
            "%(kind)s %(count)d 项" % {"kind": label, "count": len(members)} for label, members, _kind in groups
        ),
    }


def _preview(overview: FeaturedOverview, form: RulesForm) -> dict:
    """What the rules in the form would change in the proposed list, or why no list meets them."""
    preview: dict[str, Any] = {"is_invalid": False, "refusal": None, "ways": [], "changes": {}, "number": 0}
    if not form.is_valid():
        return preview | {"is_invalid": True}
    try:
        proposal = overview.with_rules(form.rules)
    except InfeasibleRulesError as refusal:
        return preview | {"refusal": refusal, "ways": _ways_out(refusal)}
    before = _as_list(overview.proposal) if overview.proposal else overview.current
    return preview | {"changes": grouped_changes(compare_lists(before, proposal)), "number": len(proposal.chosen)}


@dataclass(frozen=True, slots=True)
class WayOut:
    """A change that makes the rules feasible: other rules (`query` of their preview, `values` of their form), or the
    mark of the achievement `key` to be lifted."""

    words: str
    cost: str
    query: str
    values: list[tuple[str, str]]
    key: str


def _ways_out(refusal: InfeasibleRulesError | None) -> list[WayOut]:
    ways = []
    for way in refusal.ways if refusal else ():
        query = preview_query(way.rules) if way.rules else ""
        ways.append(WayOut(way.words, way.cost, query, parse_qsl(query), way.key))
    return ways


def _lists(overview: FeaturedOverview, q: str) -> dict:
    """The context of a page with a proposal: chosen, reserves, excluded, search results, shares by group."""
    proposal, marks = overview.proposal, overview.marks

    def rows(seats: Iterable[RankedCandidate]) -> list[FeaturedRow]:
        return [FeaturedRow(seat, marks.get(seat.key)) for seat in seats]

    results = []
    if q:
        seats = (*proposal.chosen, *proposal.reserve, *proposal.excluded)
        results = [seat for seat in seats if q in seat.candidate.title or q in seat.candidate.institution_name]
    chosen = [seat.candidate for seat in proposal.chosen]
    return {
        "chosen": rows(proposal.chosen),
        "reserves": rows(proposal.reserve[:MAX_RESERVES]),
        "excluded": rows(proposal.excluded[:MAX_RESERVES]),
        "results": rows(results[:MAX_SEARCH_RESULTS]),
        "result_number": len(results),
        "reserve_number": len(proposal.reserve),
        "excluded_number": len(proposal.excluded),
        "marked": [],
        "placed_number": sum(seat.is_placed for seat in proposal.chosen),
        "missing_pins": [marks[key].achievement.title for key in proposal.missing_pins if key in marks],
        "shares": [
            (label, _group_shares(overview, side, chosen))
            for side, label in (("institutions", "各院校"), ("industries", "各产业"))
        ],
    }


def _group_shares(overview: FeaturedOverview, side: str, chosen: list) -> list[tuple[str, int, str]]:
    """(name, number chosen, quota as text) of each institution or industry that has candidates, the largest first."""
    chosen_counts = group_counts(chosen, side)
    candidate_counts = group_counts(overview.candidates, side)
    rows = []
    for key, name in overview.names[side].items():
        if candidate_counts[key]:
            quota = getattr(overview.rules, side).of(key)
            most = "不限" if quota.most is None else quota.most
            limits = "%(least)s–%(most)s" % {"least": quota.least, "most": most}
            rows.append((name, chosen_counts[key], limits))
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def _marks_only(overview: FeaturedOverview) -> dict:
    """The context of a page whose rules no list meets: the marks, so that staff can lift them."""
    return {
        "marked": [mark for mark in overview.marks.values() if mark.kind],
        "missing_pins": [],
        "chosen": [],
    }


# --- The steps --------------------------------------------------------------------------------------------------------
def _achievement(request: UserRequest) -> Achievement:
    achievements = Achievement.objects.visible_to(request.user)
    return get_object_or_404(achievements, public_id=request.POST.get("achievement", "").replace("\x00", ""))


def _pin(request: UserRequest, docking_round: DockingRound, revision: int) -> str:
    reason = request.POST.get("reason", "")
    services.pin_achievement(docking_round, _achievement(request), reason=reason, revision=revision, by=request.user)
    return "已设为必选。"


def _ban(request: UserRequest, docking_round: DockingRound, revision: int) -> str:
    reason = request.POST.get("reason", "")
    services.ban_achievement(docking_round, _achievement(request), reason=reason, revision=revision, by=request.user)
    return "已设为不选。"


def _unmark(request: UserRequest, docking_round: DockingRound, revision: int) -> str:
    services.unmark_achievement(docking_round, _achievement(request), revision=revision, by=request.user)
    return "已取消标记，按规则决定。"


def _place(request: UserRequest, docking_round: DockingRound, revision: int) -> str:
    achievement, place = _achievement(request), _number(request, "place")
    if place is None:
        raise ValidationError("请填写要移到第几位，例如 3。")
    services.place_achievement(docking_round, achievement, place=place, revision=revision, by=request.user)
    return "已移动。"


def _shift_by(offset: int) -> Callable[[UserRequest, DockingRound, int], str]:
    def shift(request: UserRequest, docking_round: DockingRound, revision: int) -> str:
        place = (_number(request, "rank") or 1) + offset
        achievement = _achievement(request)
        services.place_achievement(docking_round, achievement, place=place, revision=revision, by=request.user)
        return "已移动。"

    return shift


def _clear_places(request: UserRequest, docking_round: DockingRound, revision: int) -> str:
    services.clear_places(docking_round, revision=revision, by=request.user)
    return "已恢复按得分排序。"


def _set_rules(request: UserRequest, docking_round: DockingRound, revision: int) -> str:
    overview = featured_overview(docking_round)
    form = RulesForm(request.POST, names=overview.names, rules=overview.rules)
    if not form.is_valid():
        raise ValidationError(form.error_sentences)
    try:
        overview.with_rules(form.rules)
    except InfeasibleRulesError as refusal:
        raise ValidationError("没有采用：%(why)s" % {"why": refusal}) from refusal
    services.set_rules(docking_round, form.rules, revision=revision, by=request.user)
    return "已采用新规则。"


STEPS = {
    "pin": _pin,
    "ban": _ban,
    "free": _unmark,
    "place": _place,
    "up": _shift_by(-1),
    "down": _shift_by(1),
    "forget_places": _clear_places,
    "rules": _set_rules,
}


@require_POST
def change_featured(request: UserRequest, pk: int) -> HttpResponse:
    """`deed` is a key of STEPS or `apply`; `revision` is that of the page. A message says what moved."""
    docking_round = round_or_404(request, VIEW_ROUND, pk=pk)
    name = request.POST.get("deed", "")
    try:
        if name == "apply":
            _apply(request, docking_round)
        elif name in STEPS:
            before = featured_overview(docking_round).proposal
            done = STEPS[name](request, docking_round, _number(request, "revision") or 0)
            messages.success(request, done + _changes_text(before, featured_overview(docking_round)))
        else:
            messages.error(request, "没有这样的操作，请刷新页面。")
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    return HttpResponseRedirect(reverse("admin:rounds_featured", args=[docking_round.pk]))


def _apply(request: UserRequest, docking_round: DockingRound) -> None:
    changes = services.apply_featured(docking_round, fingerprint=request.POST.get("mark", ""), by=request.user)
    if changes:
        words = grouped_changes(changes)["words"]
        messages.success(request, "推介名单已确定：%(changes)s。" % {"changes": words})
    else:
        messages.info(request, "活动上的名单已经是这一份，没有变化。")


def _changes_text(before: FeaturedProposal | None, overview: FeaturedOverview) -> str:
    """What a step changed in the proposed list, in one sentence."""
    if overview.proposal is None:
        return "现在规则不能同时满足，见下面的说明。"
    changes = compare_lists(_as_list(before), overview.proposal) if before else []
    parts = [
        "%(title)s %(kind)s（%(why)s）"
        % {"title": change.title, "kind": "进" if change.kind == "in" else "出", "why": change.why}
        for change in changes
        if change.kind != "moved"
    ]
    moved = sum(change.kind == "moved" for change in changes)
    if len(parts) > MAX_CHANGES_NAMED:
        rest = len(parts) - MAX_CHANGES_NAMED
        parts = [*parts[:MAX_CHANGES_NAMED], "另有 %(count)d 项进出" % {"count": rest}]
    if moved:
        parts.append("%(count)d 项位置移动" % {"count": moved})
    return "名单随之变化：%(changes)s。" % {"changes": "；".join(parts)} if parts else "名单没有变化。"


def _number(request: UserRequest, name: str) -> int | None:
    text = request.POST.get(name, "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else None
