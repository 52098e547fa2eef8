"""The staff page of a round's fifty: the list with reasons, who comes next, and what other rules would change."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rounds.featured import (
    FeaturedProposal,
    InfeasibleRulesError,
    ListChange,
    ListedItem,
    RankedCandidate,
    compare_lists,
)
from rounds.featured.constraints import group_counts
from rounds.models import DockingRound, FeaturedMark
from rounds.services.featured import SELECT_PERMISSION, FeaturedOverview, featured_overview
from rounds.views.staff.featured.rules_form import LOOK, RulesForm, address_of

VIEW = "rounds.view_dockinground"
ON_BENCH, FOUND = 30, 50
"""So many of those who come next are on the page, and so many at most of those that are looked for."""


@dataclass(frozen=True, slots=True)
class Line:
    """One achievement on the page, with what was decided about it."""

    seat: RankedCandidate
    mark: FeaturedMark | None

    @property
    def reasons(self):
        return self.seat.reasons


@require_safe
def featured(request, pk: int, extra_context: dict):
    """`?look=1&…rules` shows what those would change; `?q=` looks for any achievement that could be shown."""
    docking_round = round_of(request, pk)
    planned = featured_overview(docking_round)
    asked = request.GET if LOOK in request.GET else None
    form = RulesForm(asked, names=planned.names, rules=planned.rules)
    q = request.GET.get("q", "").replace("\x00", "").strip()[:50]
    context = extra_context | {
        "title": _("推介名单：%(round)s") % {"round": docking_round.name},
        "round": docking_round,
        "planned": planned,
        "form": form,
        "q": q,
        "look": _look(planned, form) if asked else None,
        "look_values": [(name, value) for name in form.fields for value in asked.getlist(name)] if asked else [],
        "may_plan": request.user.has_perm(SELECT_PERMISSION) and docking_round.status in DockingRound.OPEN,
        "deed_url": reverse("admin:rounds_fifty_deed", args=[docking_round.pk]),
        "ways": _ways(planned.refusal),
        "changes": counted(planned.changes),
        **(_lines(planned, q) if planned.proposal else _marked(planned)),
    }
    return render(request, "rounds/staff/featured/page.html", context)


def round_of(request, pk: int) -> DockingRound:
    """Raises PermissionDenied before looking (403 or 404 would tell which rounds there are), Http404."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    found = DockingRound.objects.visible_to(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def as_current_list(proposal: FeaturedProposal) -> list[ListedItem]:
    return [ListedItem(seat.key, seat.candidate.title, seat.rank, seat.score) for seat in proposal.chosen]


def counted(changes: list[ListChange]) -> dict:
    """The changes by kind, and how many there are in words; empty if nothing changes."""
    if not changes:
        return {}
    kinds = {"in": _("新进"), "out": _("调出"), "moved": _("移动")}
    groups = [(words, [one for one in changes if one.kind == kind], kind) for kind, words in kinds.items()]
    groups = [group for group in groups if group[1]]
    return {
        "groups": groups,
        "words": "、".join(
            _("%(kind)s %(count)d 项") % {"kind": words, "count": len(ones)} for words, ones, _k in groups
        ),
    }


def _look(planned: FeaturedOverview, form: RulesForm) -> dict:
    """What the rules in the form would change in the proposed list, or why they cannot be met."""
    found = {"is_wrong": False, "refusal": None, "ways": [], "changes": {}, "number": 0}
    if not form.is_valid():
        return found | {"is_wrong": True}
    try:
        proposal = planned.with_rules(form.rules)
    except InfeasibleRulesError as refusal:
        return found | {"refusal": refusal, "ways": _ways(refusal)}
    before = as_current_list(planned.proposal) if planned.proposal else planned.current
    return found | {"changes": counted(compare_lists(before, proposal)), "number": len(proposal.chosen)}


def _ways(refusal: InfeasibleRulesError | None) -> list[tuple[str, str, str]]:
    """(words, address of a preview, key of a pin to lift) of what would help."""
    if refusal is None:
        return []
    return [(way.words, address_of(way.rules) if way.rules else "", way.key) for way in refusal.ways]


def _lines(planned: FeaturedOverview, q: str) -> dict:
    proposal, marks = planned.proposal, planned.marks

    def lines(seats):
        return [Line(seat, marks.get(seat.key)) for seat in seats]

    found = []
    if q:
        everyone = (*proposal.chosen, *proposal.reserve, *proposal.excluded)
        found = [seat for seat in everyone if q in seat.candidate.title or q in seat.candidate.institution_name]
    chosen = [seat.candidate for seat in proposal.chosen]
    return {
        "chosen": lines(proposal.chosen),
        "bench": lines(proposal.reserve[:ON_BENCH]),
        "barred": lines(proposal.excluded[:ON_BENCH]),
        "found": lines(found[:FOUND]),
        "found_number": len(found),
        "bench_number": len(proposal.reserve),
        "barred_number": len(proposal.excluded),
        "marked": [],
        "placed_number": sum(seat.is_placed for seat in proposal.chosen),
        "lost": [marks[key].achievement.title for key in proposal.missing_pins if key in marks],
        "shares": [
            (words, _shares(planned, side, chosen))
            for side, words in (("institutions", _("各院校")), ("industries", _("各产业")))
        ],
    }


def _shares(planned: FeaturedOverview, side: str, chosen) -> list[tuple[str, int, str]]:
    """(name, how many are chosen, its limits in words) of each institution or industry that has candidates."""
    number = group_counts(chosen, side)
    there = group_counts(planned.candidates, side)
    rows = []
    for key, name in planned.names[side].items():
        span = getattr(planned.rules, side).of(key)
        most = "" if span.most is None else span.most
        if there[key]:
            limits = _("%(least)s–%(most)s") % {"least": span.least, "most": most if most != "" else _("不限")}
            rows.append((name, number[key], limits))
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def _marked(planned: FeaturedOverview) -> dict:
    """Where the rules cannot be met: what was pinned and banned, so that it can be taken back."""
    return {
        "marked": [mark for mark in planned.marks.values() if mark.kind],
        "lost": [],
        "chosen": [],
    }
