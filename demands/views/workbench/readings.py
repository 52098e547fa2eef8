"""谁看过: who has read a demand, for its firm and for the staff in charge."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.requests import UserRequest
from core.pagination import PAGE_SIZE
from demands.models import Demand, DemandReading


@login_required
@require_safe
def demand_readers(request: UserRequest, public_id: str) -> HttpResponse:
    """The readings of a demand, latest first, filtered by `step`."""
    demand = get_object_or_404(Demand.objects.managed_by(request.user), public_id=public_id)
    rows = demand.reading_records.all()
    counts = dict(rows.order_by().values_list("step").annotate(Count("pk")))
    step = request.GET.get("step", "")
    step = step if step in DemandReading.Step.values else ""
    shown = rows.filter(step=step) if step else rows
    page = Paginator(shown.select_related("reader", "organisation", "file"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {
        "demand": demand,
        "page": page,
        "step": step,
        "total": sum(counts.values()),
        "tabs": [(value, label, counts[value]) for value, label in DemandReading.Step.choices if value in counts],
    }
    return render(request, "demands/workbench/readers.html", context)
