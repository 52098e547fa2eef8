"""All requested meetings of a round on one page: who requested each, and its place in the plan or why it has none.

City and auditor see all of them; district staff see those of their firms and the number of the others.
"""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import UserRequest
from rounds.forms.meetings import AddMeetingForm
from rounds.models import DockingRound, LeftOut, Meeting, MeetingOrder, MeetingRequest, Party, Placement, Timetable
from rounds.services.meeting_orders import lift_order, set_order
from rounds.services.meeting_requests import refuse_request
from rounds.services.meetings import PRIORITIES, add_meeting, drop_meeting, set_priorities
from rounds.views.staff.round_access import CHANGE_TIMETABLE, planner_view, timetable_view

PAGE_SIZE = 100
MAX_CHOSEN = 500
MAX_REFUSALS_SHOWN = 5
MUST = "must"
Status = Meeting.Status
STATES = {
    "placed": ("已排", Q(status=Status.WANTED, is_placed=True)),
    "locked": ("其中锁定", Q(status=Status.WANTED, is_locked=True)),
    "left": ("没排上", Q(status=Status.WANTED, is_placed=False, is_left=True)),
    "later": ("等下次排期", Q(status=Status.WANTED, is_placed=False, is_left=False)),
    "over": ("已开始或谈过", Q(status__in=Meeting.SAT_DOWN)),
    "missed": ("未能进行", Q(status=Status.MISSED)),
    "dropped": ("已取消", Q(status=Status.DROPPED)),
}
"""State of a meeting in the plan: its label and the condition on the rows of `meetings_with_plan`."""
LINKED_STATES = {
    "published": ("已排进发布的日程", ~Q(status=Status.DROPPED) & Q(is_published=True)),
    "unpublished": ("没有排进发布的日程", ~Q(status=Status.DROPPED) & Q(is_published=False)),
    "silent": ("谈过、没有记结果", Q(status__in=Meeting.SAT_DOWN, outcomes=None)),
}
"""States behind numbers of the round's home; they overlap those above and are not offered as choices."""


@dataclass
class MeetingRow:
    """One meeting on the page, its sides as the reader may name them; its place or the reason for having none, and the
    requests of its two sides."""

    meeting: Meeting
    names: str
    place: Placement | None = None
    reason: str = ""
    requests: list[MeetingRequest] = field(default_factory=list)


# --- The page ---------------------------------------------------------------------------------------------------------
@require_safe
@timetable_view
def meeting_requests(request: UserRequest, docking_round: DockingRound) -> HttpResponse:
    return _page(request, docking_round, request.GET)


def _page(
    request: UserRequest,
    docking_round: DockingRound,
    query: QueryDict,
    *,
    form: AddMeetingForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, filtered by `query` (party, priority, state, page). `form`: a refused one, as it was filled in."""
    user = request.user
    plan = plan_for_reader(docking_round, user)
    meetings = meetings_with_plan(docking_round, user, plan)
    parties = Party.objects.filter(pk__in=_party_ids(meetings)).select_related("organisation")
    parties = list(parties.order_by("side", "organisation__name"))
    filters, filtered = _filter(meetings, parties, query)
    page = Paginator(filtered, PAGE_SIZE).get_page(query.get("page"))
    rows = _rows(page.object_list, plan, user)
    may_change = user.has_perm(CHANGE_TIMETABLE) and docking_round.status in DockingRound.OPEN
    orders = MeetingOrder.objects.active().of_round(docking_round).managed_by(user)
    counts = meetings.aggregate(**{name: Count("pk", filter=condition) for name, (_label, condition) in STATES.items()})
    hidden = 0 if user.scope.sees_all else docking_round.meetings.wanted().count() - meetings.wanted().count()
    context = {
        "round": docking_round,
        "plan": plan,
        "plan_text": _plan_text(plan),
        "page": page,
        "rows": rows,
        "parties": parties,
        "filters": filters,
        "filter_query": urlencode({name: value for name, value in filters.items() if value}),
        "counts": [(name, label, counts[name]) for name, (label, _condition) in STATES.items()],
        "linked_state": LINKED_STATES.get(filters["state"], ("",))[0],
        "reads_trail": user.has_perm("audit.view_auditrecord"),
        "others": hidden,
        "priorities": PRIORITIES.items(),
        "plan_page": "洽谈日程",
        "orders": orders.select_related(*_party_names("before"), *_party_names("after")),
        "orderable": [row.meeting for row in rows if row.meeting.status == Status.WANTED] if may_change else [],
        "may_change": may_change,
        "form": form or (AddMeetingForm(docking_round) if may_change else None),
    }
    return render(request, "rounds/staff/timetable/meeting_requests.html", context, status=status)


def plan_for_reader(docking_round: DockingRound, user: User) -> Timetable | None:
    """The published version, or the newest draft that this user may see."""
    visible = Timetable.objects.visible_to(user).filter(docking_round=docking_round)
    drafts = visible.filter(status__in=[Timetable.Status.DRAFT, Timetable.Status.SOLVING]).order_by("-number")
    return visible.published().first() or drafts.first()


def _plan_text(plan: Timetable | None) -> str:
    if plan is None:
        return "还没有排期。"
    return "对照第 %(number)d 版（%(status)s）。" % {"number": plan.number, "status": plan.get_status_display()}


def meetings_with_plan(docking_round: DockingRound, user: User, plan: Timetable | None) -> QuerySet[Meeting]:
    """The round's meetings that the user manages, the most wanted first; each with is_placed, is_locked, is_left."""
    places = Placement.objects.filter(timetable=plan, meeting=OuterRef("pk"))
    meetings = Meeting.objects.managed_by(user).filter(docking_round=docking_round)
    meetings = meetings.annotate(
        is_placed=Exists(places),
        is_locked=Exists(places.filter(is_locked=True)),
        is_published=Exists(
            Placement.objects.filter(timetable__status=Timetable.Status.PUBLISHED, meeting=OuterRef("pk"))
        ),
        is_left=Exists(LeftOut.objects.filter(timetable=plan, meeting=OuterRef("pk"))),
    )
    matters = ("match__demand__firm", "match__follow_up", "unmatched_demand__firm")
    return meetings.select_related(*matters, *_party_names()).order_by(
        "-is_must", "-priority", F("match__score").desc(nulls_last=True), "pk"
    )


def _party_names(prefix: str = "") -> list[str]:
    path = f"{prefix}__" if prefix else ""
    return [f"{path}firm_party__organisation", f"{path}institution_party__organisation"]


def _party_ids(meetings: QuerySet[Meeting]) -> set[int]:
    return {pk for pair in meetings.order_by().values_list("firm_party", "institution_party") for pk in pair}


def _filter(meetings: QuerySet[Meeting], parties: list[Party], query: QueryDict) -> tuple[dict, QuerySet[Meeting]]:
    """The filters of the query, unknown values left out, and the meetings that remain. `meeting` is that of a record
    behind a figure, in whatever state."""
    filters = {name: query.get(name, "") for name in ("party", "priority", "state", "meeting")}
    if of_record := meetings.filter(public_id=filters["meeting"][:10]):
        return dict.fromkeys(filters, "") | {"meeting": filters["meeting"]}, of_record
    filters["meeting"] = ""
    party = next((row for row in parties if row.public_id == filters["party"]), None)
    if party is None:
        filters["party"] = ""
    else:
        meetings = meetings.of(party)
    if filters["priority"] == MUST:
        meetings = meetings.filter(is_must=True)
    elif filters["priority"] in {str(priority) for priority in PRIORITIES}:
        meetings = meetings.filter(priority=filters["priority"])
    else:
        filters["priority"] = ""
    states = STATES | LINKED_STATES
    if filters["state"] in states:
        meetings = meetings.filter(states[filters["state"]][1])
    else:
        filters["state"] = ""
        meetings = meetings.wanted()
    return filters, meetings


def _rows(meetings: QuerySet[Meeting], plan: Timetable | None, user: User) -> list[MeetingRow]:
    """A fixed number of queries."""
    rows = {meeting.pk: MeetingRow(meeting, meeting.pair_for(user)) for meeting in meetings}
    for place in Placement.objects.filter(timetable=plan, meeting__in=rows).select_related("slot", "hall"):
        rows[place.meeting_id].place = place
    for meeting, reason in LeftOut.objects.filter(timetable=plan, meeting__in=rows).values_list("meeting", "reason"):
        rows[meeting].reason = reason
    requests = MeetingRequest.objects.filter(meeting__in=rows)
    for meeting_request in requests.select_related("party", "achievement", "demand__firm"):
        rows[meeting_request.meeting_id].requests.append(meeting_request)
    return list(rows.values())


# --- The steps --------------------------------------------------------------------------------------------------------
@require_POST
@planner_view
def change_meeting_requests(request: UserRequest, docking_round: DockingRound) -> HttpResponse:
    """`kind` is a key of STEPS or `add`; `back` is the query of the page on which the step was taken."""
    if not request.user.has_perm(CHANGE_TIMETABLE):
        raise PermissionDenied
    if request.POST.get("kind") == "add":
        return _add(request, docking_round)
    step = STEPS.get(request.POST.get("kind", ""))
    if step is None:
        raise BadRequest
    try:
        step(request, docking_round)
    except ValidationError as refusal:
        messages.error(request, "".join(refusal.messages))
    return _back(request, docking_round)


def _add(request: UserRequest, docking_round: DockingRound) -> HttpResponse:
    form = AddMeetingForm(docking_round, request.POST)
    if form.is_valid():
        values = form.cleaned_data
        try:
            meeting = add_meeting(
                docking_round,
                values["firm"],
                values["team"],
                by=request.user,
                topic=values["topic"],
                why=values["why"],
                priority=values["priority"],
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(
                request, "已添加：%(meeting)s，下次排期时安排。" % {"meeting": meeting.pair_for(request.user)}
            )
            return _back(request, docking_round)
    return _page(request, docking_round, QueryDict(request.POST.get("back", "")), form=form, status=422)


def _set_priority(request: UserRequest, docking_round: DockingRound) -> None:
    """For the ticked meetings; `value` is 3, 2, 1, must or free."""
    value, chosen = request.POST.get("value", ""), _chosen_meetings(request, docking_round)
    change = {"is_must": value == "must"} if value in ("must", "free") else {"priority": _number(value)}
    shown = {row.pk: _shown_priority(request, row) for row in chosen if f"seen-{row.public_id}" in request.POST}
    done = set_priorities(chosen, by=request.user, seen=shown, **change)
    if done.changed:
        messages.success(request, "已调整 %(count)d 场，重新排期时生效。" % {"count": done.changed})
    elif not done.refused:
        messages.info(request, "勾选的洽谈已经是这个优先级。")
    _show_refusals(request, done.refused)


def _drop(request: UserRequest, docking_round: DockingRound) -> None:
    dropped, refused = 0, []
    for meeting in _chosen_meetings(request, docking_round):
        try:
            drop_meeting(meeting, reason=request.POST.get("reason", ""), by=request.user)
            dropped += 1
        except ValidationError as refusal:
            refused.append(f"{meeting.pair_for(request.user)}：{''.join(refusal.messages)}")
    if dropped:
        messages.success(request, "已取消 %(count)d 场。" % {"count": dropped})
    _show_refusals(request, refused)


def _set_order(request: UserRequest, docking_round: DockingRound) -> None:
    ids = [request.POST.get(name, "") for name in ("before", "after")]
    meetings = {row.public_id: row for row in _meetings(request, docking_round).filter(public_id__in=ids)}
    if not all(public_id in meetings for public_id in ids):
        raise ValidationError("请选择在前和在后的洽谈；已取消或不在这次活动里的不能选。")
    order = set_order(meetings[ids[0]], meetings[ids[1]], by=request.user)
    messages.success(request, "已定先后：%(order)s，重新排期时生效。" % {"order": order})


def _lift_order(request: UserRequest, docking_round: DockingRound) -> None:
    orders = MeetingOrder.objects.of_round(docking_round).managed_by(request.user)
    order = get_object_or_404(
        orders.select_related("before__firm_party__organisation", "before__institution_party__organisation"),
        public_id=request.POST.get("order", ""),
    )
    lift_order(order, by=request.user)
    messages.success(request, "已取消先后要求：%(order)s。" % {"order": order})


def _refuse(request: UserRequest, docking_round: DockingRound) -> None:
    requests = MeetingRequest.objects.managed_by(request.user).filter(meeting__docking_round=docking_round)
    meeting_request = get_object_or_404(
        requests.select_related(
            "meeting", "party__docking_round", "party__organisation", "achievement", "demand__firm"
        ),
        public_id=request.POST.get("wish", ""),
    )
    refuse_request(meeting_request, reason=request.POST.get("reason", ""), by=request.user)
    messages.success(request, "已退回：%(wish)s，原因已告诉提出的单位。" % {"wish": meeting_request})


STEPS = {"priority": _set_priority, "drop": _drop, "order": _set_order, "lift": _lift_order, "refuse": _refuse}


def _meetings(request: UserRequest, docking_round: DockingRound) -> QuerySet[Meeting]:
    meetings = Meeting.objects.managed_by(request.user).filter(docking_round=docking_round)
    related = ("docking_round", "firm_party__organisation", "institution_party__organisation")
    return meetings.select_related(*related).order_by("pk")


def _chosen_meetings(request: UserRequest, docking_round: DockingRound) -> list[Meeting]:
    ids = request.POST.getlist("chosen")[:MAX_CHOSEN]
    chosen = list(_meetings(request, docking_round).filter(public_id__in=ids))
    if not chosen:
        raise ValidationError("请先勾选洽谈。")
    return chosen


def _shown_priority(request: UserRequest, meeting: Meeting) -> tuple[int, bool]:
    """The priority that the sender's page showed: "2" or "2 must"."""
    priority, _space, must = request.POST[f"seen-{meeting.public_id}"].partition(" ")
    return _number(priority) or 0, must == "must"


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 4 else None


def _show_refusals(request: UserRequest, refused: list[str]) -> None:
    for sentence in refused[:MAX_REFUSALS_SHOWN]:
        messages.error(request, f"{sentence}。" if not sentence.endswith("。") else sentence)
    if len(refused) > MAX_REFUSALS_SHOWN:
        messages.error(request, "另有 %(count)d 场没有改动。" % {"count": len(refused) - MAX_REFUSALS_SHOWN})


def _back(request: UserRequest, docking_round: DockingRound) -> HttpResponse:
    query = QueryDict(request.POST.get("back", "")).urlencode()
    path = reverse("admin:rounds_timetable_requests", args=[docking_round.pk])
    return redirect(f"{path}?{query}" if query else path)
