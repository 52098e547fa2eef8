"""价格公示 of the own side: what runs, objections to answer, deals whose price can be publicised."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import UserRequest
from core.pagination import PAGE_SIZE
from deals.models import Deal, PriceObjection, PricePublicity

MOST_DEALS = 50


@login_required
@require_safe
def price_publicities(request: UserRequest) -> HttpResponse:
    """`item`: public id of an achievement, for its deals only. The staff sees those of the deals that it manages."""
    user = request.user
    if user.scope.sees_all or user.scope.is_district:
        rows = PricePublicity.objects.filter(deal__in=Deal.objects.managed_by(user).order_by().values("pk"))
        deals = Deal.objects.none()
    else:
        rows = PricePublicity.objects.of_seller(user)
        deals = Deal.objects.visible_to(user).filter(
            seller__in=user.scope.institution_ids | user.scope.firm_ids, stage=Deal.Stage.INTENT, publicities=None
        )
    item = request.GET.get("item", "")[:10]
    own = [deal for deal in deals.with_pair().order_by("-made_at", "-pk")[:MOST_DEALS]]
    if item:
        own = [deal for deal in own if deal.achievement and deal.achievement.public_id == item]
    waiting = PriceObjection.objects.filter(publicity__in=rows, settled_on=None)
    page = Paginator(
        rows.select_related("deal__seller").prefetch_related("objections").order_by("-ends_on", "-pk"), PAGE_SIZE
    ).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "waiting": waiting.select_related("publicity__deal").order_by("raised_on", "pk")[:PAGE_SIZE],
        "deals": own,
        "item": item,
    }
    return render(request, "deals/workbench/price_publicities.html", context)
