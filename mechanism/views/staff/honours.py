"""The candidates of an honour as scored now (draft) or as publicised, with a line for every contract."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import UserRequest
from brokers.models import Agency, Broker
from deals.models import Contract
from mechanism.models import Honour
from mechanism.score_breakdowns import score_breakdowns
from mechanism.services.honours import score_honour


@require_safe
def candidates(request: UserRequest, public_id: str) -> HttpResponse:
    if not request.user.has_perm("mechanism.view_honour"):
        raise PermissionDenied
    honour = get_object_or_404(Honour.objects.managed_by(request.user), public_id=public_id)
    is_draft = honour.status == Honour.Status.DRAFT
    rows = _current_rows(honour) if is_draft else _publicised_rows(honour, request.user)
    context = {"honour": honour, "rows": rows, "is_draft": is_draft}
    return render(request, "mechanism/staff/honour_candidates.html", context)


def _current_rows(honour: Honour) -> list[dict]:
    """Scores of today, which are not stored."""
    scores = score_honour(honour, as_of=timezone.localdate())
    is_broker = honour.kind == Honour.Kind.BROKER
    candidate_objects = Broker.objects if is_broker else Agency.objects.select_related("organisation")
    names = {pk: str(row) for pk, row in candidate_objects.in_bulk([score.candidate for score in scores]).items()}
    contracts = Contract.objects.in_bulk([line.contract for score in scores for line in score.lines])
    return [
        {
            "rank": rank,
            "name": names[score.candidate],
            "points": score.points,
            "pairs": score.pairs,
            "is_proposed": score.qualifies and rank <= honour.places,
            "lines": [(contracts[line.contract], line.counted_wan, line.why) for line in score.lines],
        }
        for rank, score in enumerate(scores, start=1)
    ]


def _publicised_rows(honour: Honour, user: User) -> list[dict]:
    stored = honour.candidates.with_names().order_by("rank")
    return [
        {
            "rank": breakdown.candidate.rank,
            "name": breakdown.candidate.name,
            "points": breakdown.candidate.points,
            "pairs": breakdown.candidate.pairs,
            "is_proposed": breakdown.candidate.is_proposed,
            "lines": [(line.contract, line.counted_wan, line.why) for line in breakdown.lines],
        }
        for breakdown in score_breakdowns(stored, by=user)
    ]
