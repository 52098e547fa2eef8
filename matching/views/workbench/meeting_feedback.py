"""洽谈反馈: the reasons why achievements of the user's institutions did not fit after meetings."""

from collections import Counter
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import UserRequest
from matching.models import Decision, Match


@login_required
@require_safe
def meeting_feedback(request: UserRequest) -> HttpResponse:
    """Reasons per achievement and how often each was given. Names no firm and shows no free text."""
    decisions = Decision.objects.not_undone().filter(
        kind=Decision.Kind.UNFIT, match__achievement__institution__in=request.user.scope.institution_ids
    )
    counts: dict[tuple[str, str], Counter] = {}
    for title, public_id, reason in decisions.values_list(
        "match__achievement__title", "match__achievement__public_id", "reason"
    ):
        counts.setdefault((title, public_id), Counter())[reason] += 1
    rows: list[dict[str, Any]] = [
        {
            "title": title,
            "public_id": public_id,
            "reasons": [(Match.RejectReason(reason).label, number) for reason, number in reasons.most_common()],
            "total": reasons.total(),
        }
        for (title, public_id), reasons in counts.items()
    ]
    rows.sort(key=lambda row: (-row["total"], row["title"]))
    return render(request, "matching/workbench/meeting_feedback.html", {"rows": rows})
