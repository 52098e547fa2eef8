"""修改建议 of college offices and completers, decided by the institution's office field by field."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from achievements.models import Achievement
from achievements.services.revisions import pending_revision
from audit.revisions import compare, json_values, version_of
from core.pagination import PAGE_SIZE
from portfolio.models import ItemProposal
from portfolio.services.item_proposals import accept_proposal, decline_proposal


@login_required
@require_safe
def proposal_list(request: UserRequest) -> HttpResponse:
    """Those that wait, the oldest first, each proposed text beside the present one."""
    return _list(request)


def _list(request: UserRequest, *, status: int = 200, problem: str = "") -> HttpResponse:
    if not request.user.scope.institution_ids:
        raise Http404
    rows = ItemProposal.objects.visible_to(request.user).pending().order_by("proposed_at", "pk")
    rows = rows.select_related("achievement__institution", "proposed_by", "delegation")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    items = []
    for row in page:
        item, pending = row.achievement, pending_revision(row.achievement)
        now = json_values(item, row.after)
        items.append(
            {
                "row": row,
                "changes": [
                    (field, now[field.name] != row.before.get(field.name))
                    for field in compare(Achievement, now, row.after)
                ],
                "seen": version_of(item, pending),
                "pending": pending,
            }
        )
    context = {"page": page, "items": items, "problem": problem}
    return render(request, "portfolio/workbench/proposals.html", context, status=status)


@login_required
@require_POST
def proposal_decide(request: UserRequest, public_id: str) -> HttpResponse:
    """`step`: accept (with `fields` and `seen`) or decline (with `reason`)."""
    rows = ItemProposal.objects.visible_to(request.user).select_related("achievement__institution")
    row = get_object_or_404(rows, public_id=public_id)
    try:
        if request.POST.get("step") == "decline":
            decline_proposal(row, by=request.user, reason=request.POST.get("reason", ""))
            messages.success(request, "已告知对方没有采纳，成果没有改动。")
        else:
            names, seen = request.POST.getlist("fields"), request.POST.get("seen", "")
            waits = accept_proposal(row, names, by=request.user, seen=seen)
            messages.success(request, "已采纳，文字和指标等市科技局核对。" if waits else "已采纳，成果已更新。")
    except ValidationError as error:
        return _list(request, status=422, problem=f"“{row.achievement}”：{'；'.join(error.messages)}")
    return redirect("proposals")
