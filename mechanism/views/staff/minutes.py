"""Decisions of meeting minutes offered as measures, to be corrected, ticked and created."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import BaseFormSet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.models import Organisation, Role, User
from accounts.requests import UserRequest
from mechanism.forms.minutes import DecisionFormSet
from mechanism.minutes_parsing import parse_decisions
from mechanism.models import Measure, Minutes, Task
from mechanism.services.minutes import split_minutes


@require_http_methods(["GET", "HEAD", "POST"])
def split_decisions(request: UserRequest, public_id: str) -> HttpResponse:
    if not request.user.has_perm("mechanism.change_minutes"):
        raise PermissionDenied
    minutes = get_object_or_404(Minutes.objects.visible_to(request.user), public_id=public_id)
    bodies = Organisation.objects.filter(kind__in=["city", "bureau", "district"], is_active=True).order_by(
        "kind", "name"
    )
    owners = User.objects.filter(
        is_active=True, memberships__role__in=[Role.CITY, Role.BUREAU, Role.DISTRICT]
    ).distinct()
    choices = {"bodies": bodies, "owners": owners.order_by("name", "pk"), "tasks": Task.objects.all()}
    if request.method == "POST":
        formset = DecisionFormSet(request.POST, form_kwargs=choices)
        if formset.is_valid() and (created := _create_measures(request, minutes, formset)):
            messages.success(request, f"已建立 {len(created)} 项举措，责任人会收到消息。")
            return redirect("admin:mechanism_board")
    else:
        formset = DecisionFormSet(initial=_initial(minutes, choices), form_kwargs=choices)
    present = minutes.measures.with_state().select_related("organisation")
    context = {"minutes": minutes, "formset": formset, "present": present}
    status = 422 if request.method == "POST" else 200
    return render(request, "mechanism/staff/minutes_split.html", context, status=status)


def _create_measures(request: UserRequest, minutes: Minutes, formset: BaseFormSet) -> list[Measure]:
    """Empty if the service rejects the measures; its messages are shown to the user."""
    wanted = [form.measure() for form in formset if form.cleaned_data.get("wanted")]
    try:
        return split_minutes(minutes, wanted, by=request.user)
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
        return []


def _initial(minutes: Minutes, choices: dict) -> list[dict]:
    """Initial form data of the decisions that are not measures yet. Bodies and tasks are found by their names."""
    bodies = {body.name: body for body in choices["bodies"]}
    bodies |= {body.short_name: body for body in choices["bodies"] if body.short_name}
    tasks = {task.number: task for task in choices["tasks"]}
    present = set(minutes.measures.values_list("title", flat=True))
    return [
        {
            "wanted": bool(decision.body),
            "title": decision.title,
            "task": tasks.get(decision.task),
            "organisation": bodies.get(decision.body),
            "body": "" if decision.body in bodies else decision.body,
            "due_on": decision.due_on,
        }
        for decision in parse_decisions(minutes.text, minutes.held_on)
        if decision.title not in present
    ]
