"""All meetings wished of a round on one page: what each has, where it stands in the plan or why it does not. City and
auditor read all; a district's staff those of its firms, of the published plan, and how many there are besides."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, Exists, F, OuterRef, Q
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from rounds.models import DockingRound, LeftOut, Meeting, MeetingOrder, MeetingRequest, Party, Placement, Timetable
from rounds.services.meetings import PRIORITIES
from rounds.views.staff.timetable.forms import AddForm
from rounds.views.staff.timetable.pages import WRITE, for_readers

PAGE_SIZE = 100
Status = Meeting.Status
STATES = {
    "placed": (_("已排"), Q(status=Status.WANTED, is_placed=True)),
    "locked": (_("其中锁定"), Q(status=Status.WANTED, is_locked=True)),
    "left": (_("没排上"), Q(status=Status.WANTED, is_placed=False, is_left=True)),
    "later": (_("等下次排期"), Q(status=Status.WANTED, is_placed=False, is_left=False)),
    "over": (_("已开始或谈过"), Q(status__in=Meeting.SAT_DOWN)),
    "missed": (_("未能进行"), Q(status=Status.MISSED)),
    "dropped": (_("已取消"), Q(status=Status.DROPPED)),
}
"""How a wished meeting stands towards the plan; what it is called, and which rows."""
MUST = "must"


@dataclass
class Row:
    """One wished meeting as the page shows it."""

    meeting: Meeting
    place: Placement | None = None
    reason: str = ""
    own: list[MeetingRequest] = field(default_factory=list)


@require_safe
@for_readers
def wishes(request, docking_round: DockingRound):
    return shown(request, docking_round, request.GET)


def shown(request, docking_round: DockingRound, query, *, form: AddForm | None = None, status: int = 200):
    """The page, narrowed by `query`: party, priority, state, page. `form`: one that was refused, as it was typed."""
    user = request.user
    plan = plan_in_view(docking_round, user)
    mine = meetings_of(docking_round, user, plan)
    parties = list(
        Party.objects.filter(pk__in=_sides(mine)).select_related("organisation").order_by("side", "organisation__name")
    )
    chosen, narrowed = _narrowed(mine, parties, query)
    page = Paginator(narrowed, PAGE_SIZE).get_page(query.get("page"))
    rows = _rows(page.object_list, plan)
    may_change = user.has_perm(WRITE) and docking_round.status in DockingRound.OPEN
    orders = MeetingOrder.objects.active().of_round(docking_round).managed_by(user)
    counts = mine.aggregate(**{name: Count("pk", filter=which) for name, (_words, which) in STATES.items()})
    context = {
        "round": docking_round,
        "plan": plan,
        "page": page,
        "rows": rows,
        "parties": parties,
        "chosen": chosen,
        "narrowed": urlencode({name: value for name, value in chosen.items() if value}),
        "counts": [(name, words, counts[name]) for name, (words, _which) in STATES.items()],
        "others": 0 if user.scope.sees_all else docking_round.meetings.wanted().count() - mine.wanted().count(),
        "priorities": PRIORITIES.items(),
        "plan_page": _("洽谈排期") if user.scope.sees_all else _("洽谈日程"),
        "orders": orders.select_related(*_with_names("before"), *_with_names("after")),
        "orderable": [row.meeting for row in rows if row.meeting.status == Status.WANTED] if may_change else [],
        "may_change": may_change,
        "form": form or (AddForm(docking_round) if may_change else None),
    }
    return render(request, "rounds/staff/timetable/meeting_requests.html", context, status=status)


def plan_in_view(docking_round: DockingRound, user) -> Timetable | None:
    """The published version, else the newest draft that this reader may see."""
    seen = Timetable.objects.visible_to(user).filter(docking_round=docking_round)
    draft = seen.filter(status__in=[Timetable.Status.DRAFT, Timetable.Status.SOLVING]).order_by("-number")
    return seen.published().first() or draft.first()


def meetings_of(docking_round: DockingRound, user, plan: Timetable | None):
    """The round's meetings that this reader sees, with how each stands in the plan; the most wanted first."""
    places = Placement.objects.filter(timetable=plan, meeting=OuterRef("pk"))
    rows = Meeting.objects.managed_by(user).filter(docking_round=docking_round)
    rows = rows.annotate(
        is_placed=Exists(places),
        is_locked=Exists(places.filter(is_locked=True)),
        is_left=Exists(LeftOut.objects.filter(timetable=plan, meeting=OuterRef("pk"))),
    )
    return rows.select_related("match", *_with_names()).order_by(
        "-is_must", "-priority", F("match__score").desc(nulls_last=True), "pk"
    )


def _with_names(prefix: str = "") -> list[str]:
    at = f"{prefix}__" if prefix else ""
    return [f"{at}firm_party__organisation", f"{at}institution_party__organisation"]


def _sides(meetings) -> set[int]:
    return {pk for pair in meetings.order_by().values_list("firm_party", "institution_party") for pk in pair}


def _narrowed(mine, parties: list[Party], query) -> tuple[dict, object]:
    """What was asked for and is known, and the rows that remain."""
    chosen = {name: query.get(name, "") for name in ("party", "priority", "state")}
    party = next((one for one in parties if one.public_id == chosen["party"]), None)
    if party is None:
        chosen["party"] = ""
    else:
        mine = mine.of(party)
    if chosen["priority"] == MUST:
        mine = mine.filter(is_must=True)
    elif chosen["priority"] in {str(one) for one in PRIORITIES}:
        mine = mine.filter(priority=chosen["priority"])
    else:
        chosen["priority"] = ""
    if chosen["state"] in STATES:
        mine = mine.filter(STATES[chosen["state"]][1])
    else:
        chosen["state"] = ""
        mine = mine.wanted()
    return chosen, mine


def _rows(meetings, plan: Timetable | None) -> list[Row]:
    """A fixed number of queries, however many rows."""
    rows = {one.pk: Row(one) for one in meetings}
    for place in Placement.objects.filter(timetable=plan, meeting__in=rows).select_related("slot", "hall"):
        rows[place.meeting_id].place = place
    for meeting, reason in LeftOut.objects.filter(timetable=plan, meeting__in=rows).values_list("meeting", "reason"):
        rows[meeting].reason = reason
    for own in MeetingRequest.objects.filter(meeting__in=rows).select_related("party", "achievement", "demand__firm"):
        rows[own.meeting_id].own.append(own)
    return list(rows.values())
