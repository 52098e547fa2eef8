"""The home of a round: timeline, the one next act, who waits for whom."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.requests import UserRequest
from rounds import home, home_waits
from rounds.models import DockingRound, RoundMove
from rounds.readiness import round_facts
from rounds.views.staff.checklist_links import checklist_link
from rounds.views.staff.round_access import VIEW_ROUND, round_or_404
from rounds.views.staff.round_acts import CHANGE_ROUND, offered_acts
from rounds.views.staff.round_pages import PAGES as TABS
from rounds.views.staff.round_pages import round_tabs

MOST_MOVES = 12
NAMED = 60
"""At most so many parties without a talk are named."""


@require_safe
def round_home(request: UserRequest, pk: int) -> HttpResponse:
    """Numbers are of what the user manages. The next act is that of the city office; a district has its button if it is
    about guests, and otherwise none."""
    docking_round = round_or_404(request, VIEW_ROUND, pk=pk)
    user, facts = request.user, round_facts(docking_round)
    counts = home.round_counts(docking_round, user)
    may_change = user.scope.is_city and user.has_perm(CHANGE_ROUND)
    act = home.next_act(docking_round, facts, counts)
    is_about_own_guests = bool(act and user.scope.is_district and act.where in GUEST_PAGES)
    links, waits = _Links(docking_round, user), home_waits.waits(docking_round, user)
    without_talk = home.parties_without_talk(docking_round, user)
    if docking_round.status not in SHOWS_TALKS:
        without_talk = without_talk.none()
    context = {
        "round": docking_round,
        "phases": [
            (phase, [(line, links.to(line.where, line.query)) for line in phase.lines])
            for phase in home.phases(docking_round, facts, counts)
        ],
        "next_act": act,
        "next_link": links.to_act(act) if act and (may_change or is_about_own_guests) else "",
        "waits": [(wait, links.to(wait.where, key=wait.key)) for wait in waits[: home_waits.MOST_WAITS]],
        "has_more_waits": len(waits) > home_waits.MOST_WAITS,
        "without_talk": without_talk[:NAMED],
        "without_talk_number": without_talk.count(),
        "timetable_link": links.to("timetable"),
        "acts": [
            (reverse(f"admin:rounds_act_{key}", args=[pk]) if key else "", words, text)
            for key, words, text in (offered_acts(docking_round) if may_change else [])
        ],
        "moves": RoundMove.objects.visible_to(user)
        .filter(docking_round=docking_round)
        .select_related("by")
        .order_by("-at", "-pk")[:MOST_MOVES],
        "may_copy": user.scope.is_city and user.has_perm("rounds.add_dockinground"),
        "sees_all": user.scope.sees_all,
        "reads_trail": user.has_perm("audit.view_auditrecord"),
    }
    return render(request, "rounds/staff/home.html", context)


GUEST_PAGES = ("guests", "guests_rows", "proposals", "calls", "outbox")
SHOWS_TALKS = (DockingRound.Status.GATHERING, DockingRound.Status.SCHEDULED, DockingRound.Status.RUNNING)


class _Links:
    """Addresses of the rows behind a number, empty for pages that this user may not open."""

    def __init__(self, docking_round: DockingRound, user):
        self.docking_round, self.user = docking_round, user
        self.open = {tab.words for tab in round_tabs(docking_round, user)}
        self.words = {page.key: page.words for page in TABS}

    def to(self, where: str, query: str = "", key: int | None = None) -> str:
        if where == "guests_rows":
            name, _, side = query.partition(" ")
            address = reverse("admin:rounds_board_rows", args=[name])
            return f"{address}?round={self.docking_round.public_id}" + (f"&side={side}" if side else "")
        if where == "rows":
            return f"{reverse('admin:rounds_home_rows', args=[self.docking_round.pk])}?of={query}"
        if where == "proposals":
            return f"{reverse('admin:rounds_proposals')}?round={self.docking_round.public_id}"
        if where == "party":
            return reverse("admin:rounds_party_change", args=[key])
        if not where or (where in self.words and self.words[where] not in self.open):
            return ""
        address = checklist_link(where, self.docking_round)
        return f"{address}{'&' if '?' in address else '?'}{query}" if address and query else address

    def to_act(self, act: home.NextAct) -> str:
        if act.act:
            return reverse(f"admin:rounds_act_{act.act}", args=[self.docking_round.pk])
        return self.to(act.where, act.query)
