"""The firm's page of its demand after it was sent: where it stands, what happened, and what the firm can do.

Its agent by a mandate reads where it stands and proposes changes; the other steps are the firm's own.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import UserRequest
from core.pagination import PAGE_SIZE
from demands.forms import DemandFileForm
from demands.models import Demand, DemandReading
from demands.permissions import FIRM_EDITABLE, owns, posts_for
from demands.services.revisions import may_revise, pending_revision
from portal.demand_history import edits_of, history_of
from portal.demand_standing import next_step, standing_lines, stations
from portal.demand_steps import STEP_FORMS, DemandStepForm
from portal.record_kinds import DEMAND, RecordKind
from portal.views.workbench.records import edit_record


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def demand_page(request: UserRequest, kind: RecordKind, public_id: str) -> HttpResponse:
    """The form of a demand that may be edited at once, or the page of where it stands; a POST saves the form."""
    demand = _managed_demand(request, public_id)
    if request.method != "POST" and demand.status not in FIRM_EDITABLE and posts_for(request.user, demand.firm):
        return _render(request, demand)
    response: HttpResponse = edit_record(request, kind=kind, public_id=public_id)
    return response


@login_required
@require_POST
def demand_step(request: UserRequest, public_id: str) -> HttpResponse:
    """One step of the firm; `action` is a key of STEP_FORMS."""
    demand = _managed_demand(request, public_id)
    if not owns(request.user, demand.firm):
        raise PermissionDenied("这一步由企业自己办理。")
    form_class = STEP_FORMS.get(request.POST.get("action", ""))
    if form_class is None:
        raise Http404
    if not form_class.is_offered(demand):
        messages.error(
            request, f"需求现在是“{demand.get_status_display()}”，不能{form_class.button}。下面是最新的情况。"
        )
        return redirect("demand_edit", public_id)
    form = form_class(request.POST, demand=demand, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, form.done)
        return redirect("demand_edit", public_id)
    return _render(request, _managed_demand(request, public_id), faulty=form, status=422)


def _managed_demand(request: UserRequest, public_id: str) -> Demand:
    demands = DEMAND.managed_by(request.user).select_related("firm__stat_region", "industry", "contact", "solver")
    demand: Demand = get_object_or_404(demands, public_id=public_id)
    return demand


def _render(
    request: UserRequest, demand: Demand, *, faulty: DemandStepForm | None = None, status: int = 200
) -> HttpResponse:
    """`faulty`: a form that was refused, as it was filled in."""
    user = request.user
    pending, last = pending_revision(demand), demand.revisions.first()
    is_own = owns(user, demand.firm)
    events = history_of(demand, user) if is_own else edits_of(demand)
    forms = [
        faulty if faulty and isinstance(faulty, form_class) else form_class(demand=demand, by=user)
        for form_class in STEP_FORMS.values()
        if is_own and form_class.is_offered(demand)
    ]
    context = {
        "demand": demand,
        "stations": stations(demand),
        "lines": standing_lines(demand, pending),
        "step": next_step(demand, pending, last, user) if is_own else None,
        "revision": pending,
        "returned": last if pending is None and last and last.status == "returned" else None,
        "may_revise": may_revise(demand, user),
        "forms": forms,
        "faulty": faulty,
        "is_own": is_own,
        "page": Paginator(events, PAGE_SIZE).get_page(request.GET.get("page")),
        "readers": DemandReading.objects.filter(demand=demand).aggregate(Sum("times"))["times__sum"],
        "files": demand.files.kept() if is_own else demand.files.none(),
        "file_form": DemandFileForm() if is_own else None,
        "record": demand,
    }
    return render(request, "portal/workbench/demand_page.html", context, status=status)
