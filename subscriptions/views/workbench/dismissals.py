"""不适合，因为…, and what was hidden by it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import UserRequest
from achievements.models import Achievement
from core.pagination import PAGE_SIZE
from demands.models import Demand
from subscriptions.models import Dismissal, Hit
from subscriptions.rows import DismissedRow
from subscriptions.services import dismissals as services


@login_required
@require_POST
def hit_dismiss(request: UserRequest, public_id: str) -> HttpResponse:
    hits = Hit.objects.of_user(request.user).select_related("achievement", "demand")
    hit = get_object_or_404(hits, public_id=public_id)
    try:
        services.dismiss(
            hit,
            request.POST.get("reason", ""),
            by=request.user,
            note=request.POST.get("note", ""),
            is_for_organisation=request.POST.get("for_organisation") == "1",
            own=_own_item(request.user, hit, request.POST.get("own", "")),
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, "已记下，这一项不再出现在您的订阅里。可以在“不再显示的”里恢复。")
    return redirect("my_subscriptions")


def _own_item(user: User, hit: Hit, public_id: str) -> Achievement | Demand | None:
    if not public_id:
        return None
    if hit.achievement_id:
        return get_object_or_404(Demand.objects.managed_by(user), public_id=public_id)
    return get_object_or_404(Achievement.objects.managed_by(user), public_id=public_id)


@login_required
@require_safe
def dismissed_items(request: UserRequest) -> HttpResponse:
    dismissals = Dismissal.objects.of_user(request.user).select_related("achievement", "demand__firm")
    page = Paginator(dismissals, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [DismissedRow(dismissal, is_public) for dismissal, is_public in _with_publicity(request.user, list(page))]
    return render(request, "subscriptions/workbench/dismissed.html", {"page": page, "rows": rows})


def _with_publicity(user: User, dismissals: list[Dismissal]) -> list[tuple[Dismissal, bool]]:
    """Each with whether its item is still public. Two queries."""
    shown = {
        (model, pk)
        for model in (Achievement, Demand)
        for pk in model.objects.visible_to(user)
        .published()
        .filter(dismissals__in=dismissals)
        .values_list("pk", flat=True)
    }
    return [(row, (type(row.item), row.item.pk) in shown) for row in dismissals]


@login_required
@require_POST
def dismissal_restore(request: UserRequest, public_id: str) -> HttpResponse:
    dismissal = get_object_or_404(Dismissal.objects.of_user(request.user), public_id=public_id)
    services.restore(dismissal, by=request.user)
    messages.success(request, "已恢复，以后有更新时会再次出现。")
    return redirect("dismissed_items")
