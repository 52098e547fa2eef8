"""One page per role: what is mine, what waits for me, what to do next. No rule lives here."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from core.pagination import PAGE_SIZE
from matching.models import BrokerRequest, Question
from matching.services.broker_requests import answer_broker_request
from matching.services.questions import answer_question
from portal.dashboard import base_requests_of, desks_for, next_step_of, own_matches
from portal.item_kinds import ACHIEVEMENT, DEMAND, ItemKind, in_state, state_counts


@login_required
@require_safe
def workbench(request):
    desks = desks_for(request.user)
    memberships = request.user.memberships.select_related("organisation").order_by("pk")
    context = {
        "desks": desks,
        "next_step": next_step_of(desks),
        "memberships": memberships,
        "base_requests": base_requests_of(request.user),
    }
    return render(request, "portal/workbench/dashboard.html", context)


@login_required
@require_safe
def my_items(request, kind: ItemKind):
    """The user's own items, all or in one state: never what they may merely see."""
    items, labels = kind.own(request.user), kind.state_labels()
    counts = state_counts(items)
    state = request.GET.get("status", "")
    if state in labels:
        items = in_state(items, state)
    else:
        state = ""
    paginator = Paginator(items, PAGE_SIZE)
    paginator.count = counts.get(state, 0) if state else sum(counts.values())  # known: no query of its own
    page = paginator.get_page(request.GET.get("page"))
    returned = set(items.returned().filter(pk__in=[one.pk for one in page]).values_list("pk", flat=True))
    context = {
        "kind": kind,
        "state": state,
        "total": sum(counts.values()),
        "tabs": [(value, label, counts.get(value, 0)) for value, label in labels.items() if counts.get(value)],
        "bulk": [
            (value, labels[value], counts[value])
            for value in kind.bulk_states
            if counts.get(value) and state in {"", value}
        ],
        "page": page,
        "rows": [
            {
                "item": one,
                "is_returned": one.pk in returned,
                "is_editable": kind.is_editable(one, request.user),
                "is_submittable": kind.is_submittable(one, request.user),
                "edit_url": kind.edit_url(one),
                "submit_url": kind.submit_url(one),
            }
            for one in page
        ],
        "may_enter": kind.may_enter(request.user.scope),
    }
    return render(request, "portal/workbench/my_records.html", context)


@login_required
@require_safe
def my_matches(request):
    """Everything that was accepted of the user's own items."""
    page = Paginator(own_matches(request.user, ACHIEVEMENT, DEMAND), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "portal/workbench/my_matches.html", {"page": page})


@login_required
@require_POST
def submit_items(request, kind: ItemKind):
    """Hand in the ticked items, or all in one state (`all=draft`)."""
    own = kind.own(request.user)
    state = request.POST.get("all", "")
    if state in kind.bulk_states:
        chosen = in_state(own, state)
    else:
        asked = set(request.POST.getlist("chosen"))
        chosen = own.filter(public_id__in=asked)
        if chosen.count() != len(asked):
            raise Http404
        if not asked:
            messages.warning(request, f"请先勾选要提交的{kind.noun}。")
            return redirect(kind.list_url)
    number = chosen.count()
    moved = kind.submit_many(chosen, by=request.user) if number else 0
    if moved:
        messages.success(request, f"已提交 {moved} 项{kind.noun}，等待{kind.reviewer}审核。")
    if moved < number or not number:
        messages.warning(
            request, f"另有 {number - moved} 项已经提交过，没有变化。" if moved else "这些都已经提交过了。"
        )
    return redirect(kind.list_url)


@login_required
@require_POST
def request_answer(request, public_id):
    """The broker takes a request or declines it."""
    asked = get_object_or_404(
        BrokerRequest.objects.visible_to(request.user).select_related("broker"), public_id=public_id
    )
    answer = request.POST.get("answer")
    if answer not in {"accept", "decline"}:
        messages.error(request, "请选择接受或谢绝。")
        return redirect("workbench")
    try:
        answer_broker_request(asked, accept=answer == "accept", by=request.user, note=request.POST.get("note", ""))
        messages.success(request, "已接受这项委托。" if answer == "accept" else "已谢绝这项委托。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("workbench")


@login_required
@require_POST
def question_answer(request, public_id):
    """A firm or an office answers what an officer asked about its own item."""
    question = get_object_or_404(Question.objects.addressed_to(request.user), public_id=public_id)
    try:
        answer_question(question, text=request.POST.get("answer", ""), by=request.user)
        messages.success(request, "已提交答复，审核人员会接着处理。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("workbench")
