"""收件箱 of an institution's office: the list, and one row with the answer in place."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.requests import UserRequest
from achievements.models import Achievement
from core.pagination import PAGE_SIZE
from core.public_id import is_public_id
from correspondence.forms import HandOverForm
from correspondence.handover_links import link_of
from correspondence.inbox import STATES, Inbox, InboxFilter, InboxRow, colleges_of
from correspondence.kinds import BY_KEY, KINDS
from correspondence.people import address_of
from correspondence.services.completer_answers import version_of
from correspondence.services.handovers import message_of, recipient_of
from correspondence.targets import is_waiting, own_response
from enquiries.forms import FORMS, ApproachForm
from enquiries.models import Approach
from enquiries.models.approach import Side
from enquiries.permissions import speaking_side, writing_side
from enquiries.presentation import talks_of, thread_of
from enquiries.services.thread import mark_read
from matching.models import Question
from matching.services.questions import answer_question

STEPS = ("message", "times", "end")
"""Steps of an approach that the office takes here; the others are on the page of the approach."""


def chosen_filter(data: MultiValueDict) -> InboxFilter:
    """Values that are unknown do not narrow."""
    state, kind, item = data.get("state", "todo"), data.get("kind", ""), data.get("item", "")
    return InboxFilter(
        state=state if state in STATES else "todo",
        kind=kind if kind in BY_KEY else "",
        work=data.get("work", "")[:40],
        item=item if is_public_id(item) else "",
        college=data.get("college", "").strip()[:60],
        q=data.get("q", "").replace("\0", "").strip()[:60],
        late=data.get("late") == "1",
        mine=data.get("mine") == "1",
    )


def query_of(chosen: InboxFilter, **changed: str) -> str:
    """The filter as a query string, without empty values; `state` is always there."""
    values = {
        "state": chosen.state, "kind": chosen.kind, "work": chosen.work, "item": chosen.item,
        "college": chosen.college, "q": chosen.q,
        "late": "1" if chosen.late else "", "mine": "1" if chosen.mine else "",
    }  # fmt: skip
    values |= changed
    return urlencode({name: value for name, value in values.items() if value or name == "state"})


def _require_office(user: User) -> None:
    if not user.scope.institution_ids:
        raise PermissionDenied("收件箱由院校和科研院所的专员使用。")


@login_required
@require_safe
def inbox(request: UserRequest) -> HttpResponse:
    user = request.user
    _require_office(user)
    chosen = chosen_filter(request.GET)
    box = Inbox(user, chosen)
    counts = box.counts()
    paginator = Paginator(box.keys(), PAGE_SIZE)
    paginator.count = counts[chosen.state]
    page = paginator.get_page(request.GET.get("page"))
    query = query_of(chosen)
    rows = box.rows(page.object_list)
    item = None
    if chosen.item:
        item = Achievement.objects.managed_by(user).filter(public_id=chosen.item).first()
    narrowed = query_of(chosen, state="") != query_of(InboxFilter(), state="")
    context = {
        "page": page,
        "rows": rows,
        "chosen": chosen,
        "query": query,
        "tabs": [
            (value, label, counts[value], query_of(chosen, state=value))
            for value, label in STATES.items()
            if counts[value] or value in ("todo", "", chosen.state)
        ],
        "kinds": [(kind.key, kind.label) for kind in KINDS],
        "colleges": colleges_of(user),
        "item": item,
        "work": box.works.get(chosen.work),
        "narrowed": narrowed,
    }
    return render(request, "correspondence/workbench/inbox.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def inbox_item(request: UserRequest, key: str) -> HttpResponse:
    """POST `step`: message, times, end (an approach), answer (a question) or read."""
    box, row = find_row(request, key)
    if request.method == "POST":
        return _post(request, box, row)
    return render_item(request, box, row)


def find_row(request: UserRequest, key: str) -> tuple[Inbox, InboxRow]:
    """The inbox with the filter of the address, and the row with this `InboxRow.key`.

    Raises Http404 for what is not in the user's inbox.
    """
    kind, _dash, public_id = key.partition("-")
    shown = BY_KEY.get(kind)
    if shown is None or not shown.handed or not request.user.scope.institution_ids:
        raise Http404
    box = Inbox(request.user, chosen_filter(request.GET))
    row = box.row_of(shown, public_id)
    if row is None:
        raise Http404
    return box, row


def render_item(
    request: UserRequest,
    box: Inbox,
    row: InboxRow,
    *,
    invalid: ApproachForm | HandOverForm | None = None,
    problem: str = "",
    typed: str = "",
    status: int = 200,
) -> HttpResponse:
    """`invalid`: a posted form with its errors. problem, typed: why nothing was done, and what was written."""
    user, target = request.user, row.row
    side = writing_side(target, user) if isinstance(target, Approach) else ""
    before, after = box.neighbours(row)
    handover = row.handover
    waits = is_waiting(target)
    context = {
        "row": row,
        "query": query_of(box.chosen),
        "before": before,
        "after": after,
        "problem": problem,
        "typed": typed,
        "invalid": invalid,
        "forms": _forms(target, user, side, invalid) if isinstance(target, Approach) else {},
        "entries": thread_of(target, user, side) if isinstance(target, Approach) else [],
        "talks": talks_of(target, side) if isinstance(target, Approach) else [],
        "is_approach": isinstance(target, Approach),
        "is_question": isinstance(target, Question),
        "response": own_response(target) if row.kind.key == "follow_up" else None,
        "waits": waits,
        "is_unread": isinstance(target, Approach) and _is_unread(target),
        "full_url": _full_url(row),
        "handover": handover,
        "handover_form": None,
    }
    may_hand = waits and row.achievement is not None
    if handover is not None and handover.is_open:
        name = recipient_of(handover)
        context |= {
            "completer": name,
            "link": "" if handover.is_over else link_of(handover),
            "message": "" if handover.is_over else message_of(handover).body,
            "has_address": bool(address_of(handover.achievement, name)),
            "seen": version_of(handover),
        }
        may_hand = may_hand and handover.answered_at is None
    if may_hand:
        is_posted = isinstance(invalid, HandOverForm)
        context["handover_form"] = invalid if is_posted else HandOverForm(target=target, by=user)
    return render(request, "correspondence/workbench/inbox_item.html", context, status=status)


def next_page(box: Inbox, row: InboxRow) -> str:
    """Where the office goes on after a row is dealt with: the next one that waits, else the list."""
    _before, after = box.neighbours(row)
    if after is None:  # the tab is empty now
        return f"{reverse('inbox')}?{query_of(box.chosen, state='todo')}"
    if not after.is_todo or not after.kind.handed:
        return f"{reverse('inbox')}?{query_of(box.chosen)}"
    return f"{reverse('inbox_item', args=[after.key])}?{query_of(box.chosen)}"


def _post(request: UserRequest, box: Inbox, row: InboxRow) -> HttpResponse:
    step, target = request.POST.get("step", ""), row.row
    if isinstance(target, Approach) and step == "read":
        mark_read(target, by=request.user)
        return redirect(f"{request.path}?{query_of(box.chosen)}")
    if isinstance(target, Approach) and step in STEPS:
        side = speaking_side(target, request.user)
        form = FORMS[step](request.POST, request.FILES, approach=target, by=request.user, side=side)
        if form.is_valid() and form.save():
            messages.success(request, "已发送。" if step != "end" else "已结束。")
            return redirect(next_page(box, row))
        return render_item(request, box, row, invalid=form, status=422)
    if isinstance(target, Question) and step == "answer":
        text = request.POST.get("answer", "")
        try:
            answer_question(target, text=text, by=request.user)
        except ValidationError as error:
            return render_item(request, box, row, problem="；".join(error.messages), typed=text, status=422)
        messages.success(request, "已提交答复，审核人员会接着处理。")
        return redirect(next_page(box, row))
    raise Http404


def _is_unread(approach: Approach) -> bool:
    """The firm's words that nobody of the office has opened."""
    unread = approach.messages.filter(read_at=None, is_event=False, side=Side.FIRM)
    return (approach.is_enquiry and approach.status == Approach.Status.SENT) or unread.exists()


def _forms(
    approach: Approach, user: User, side: str, invalid: ApproachForm | HandOverForm | None
) -> dict[str, ApproachForm]:
    if not approach.is_open:
        return {}
    forms = {step: FORMS[step](approach=approach, by=user, side=side) for step in STEPS}
    if isinstance(invalid, ApproachForm):
        forms[invalid.step] = invalid
    return forms


def _full_url(row: InboxRow) -> str:
    """The page with all steps."""
    names: dict[str, str] = {"enquiry": "approach", "answer": "approach", "follow_up": "follow_up"}
    return reverse(names[row.kind.key], args=[row.row.public_id]) if row.kind.key in names else ""
