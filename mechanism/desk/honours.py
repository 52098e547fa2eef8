"""The list of an award as it is counted now, or as it was shown, with a line for every contract."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from brokers.models import Agency, Broker
from deals.models import Contract
from mechanism.models import Honour
from mechanism.services import count_candidates, traces


@require_safe
def candidates(request, public_id):
    if not request.user.has_perm("mechanism.view_honour"):
        raise PermissionDenied
    honour = get_object_or_404(Honour.objects.managed_by(request.user), public_id=public_id)
    is_draft = honour.status == Honour.Status.DRAFT
    rows = _counted(honour) if is_draft else _shown(honour, request.user)
    return render(request, "admin/mechanism/honour_list.html", {"honour": honour, "rows": rows, "is_draft": is_draft})


def _counted(honour: Honour) -> list[dict]:
    """As counted today; nothing is kept of it."""
    found = count_candidates(honour, as_of=timezone.localdate())
    model = Broker.objects if honour.kind == Honour.Kind.BROKER else Agency.objects.select_related("organisation")
    names = {pk: str(one) for pk, one in model.in_bulk([one.candidate for one in found]).items()}
    contracts = Contract.objects.in_bulk([line.contract for one in found for line in one.lines])
    return [
        {
            "rank": number,
            "name": names[one.candidate],
            "points": one.points,
            "pairs": one.pairs,
            "is_proposed": one.qualifies and number <= honour.places,
            "lines": [(contracts[line.contract], line.counted_wan, line.why) for line in one.lines],
        }
        for number, one in enumerate(found, start=1)
    ]


def _shown(honour: Honour, user) -> list[dict]:
    kept = honour.candidates.select_related("broker", "agency__organisation").order_by("rank")
    return [
        {
            "rank": one.candidate.rank,
            "name": one.candidate.name,
            "points": one.candidate.points,
            "pairs": one.candidate.pairs,
            "is_proposed": one.candidate.is_proposed,
            "lines": [(line.contract, line.counted_wan, line.why) for line in one.lines],
        }
        for one in traces(kept, by=user)
    ]
