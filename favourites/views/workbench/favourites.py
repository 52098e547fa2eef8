"""我的收藏: the user's own favourites, those that colleagues share, and what one does with one's own."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Organisation
from accounts.requests import UserRequest
from core.pagination import PAGE_SIZE
from core.search_results import clean_query
from favourites.changes import FavouriteView, view_favourites
from favourites.kept_list import share_query
from favourites.models import Favourite, FavouriteQuerySet
from favourites.services import favourites as services

KINDS = {"achievement": "成果", "demand": "需求"}
SHARED = "shared"


@login_required
@require_safe
def my_favourites(request: UserRequest) -> HttpResponse:
    chosen, q = request.GET.get("of", ""), clean_query(request.GET.get("q", ""))
    own = Favourite.objects.of_user(request.user)
    shared = Favourite.objects.shared_with(request.user)
    rows = shared if chosen == SHARED else own
    if chosen in KINDS:
        rows = rows.filter(**{f"{chosen}__isnull": False})
    page: Page[Any]
    if q:
        # By the titles that are shown: those that are stored may name a firm that is anonymous.
        hits = [view for view in view_favourites(_with_items(rows)) if q.casefold() in _searched(view).casefold()]
        page = Paginator(hits, PAGE_SIZE).get_page(request.GET.get("page"))
        views = list(page)
    else:
        page = Paginator(_with_items(rows), PAGE_SIZE).get_page(request.GET.get("page"))
        views = view_favourites(page)
    context = {
        "page": page,
        "views": views,
        "chosen": chosen if chosen in {*KINDS, SHARED} else "",
        "is_shared": chosen == SHARED,
        "q": q,
        "counts": {
            "own": own.count(),
            "achievement": own.exclude(achievement=None).count(),
            "demand": own.exclude(demand=None).count(),
            "shared": shared.count(),
        },
        "organisations": Organisation.objects.filter(pk__in=request.user.scope.organisation_ids).order_by("name"),
        "share_address": request.build_absolute_uri(reverse("shared_favourites"))
        + share_query([view.item for view in views if not view.gone]),
        "query": urlencode({key: value for key, value in (("of", chosen), ("q", q)) if value}),
    }
    return render(request, "favourites/workbench/favourites.html", context)


def _with_items(rows: FavouriteQuerySet) -> FavouriteQuerySet:
    return rows.select_related("achievement__institution", "demand__firm", "user", "shared_in")


def _searched(view: FavouriteView) -> str:
    note = view.favourite.note
    return f"{view.title} {view.owner} {note}"


@login_required
@require_POST
def change_favourite(request: UserRequest, public_id: str) -> HttpResponse:
    """One of the buttons of a favourite: note, share, unshare, confirm, remove."""
    own = Favourite.objects.of_user(request.user).select_related("achievement", "demand__firm")
    favourite = get_object_or_404(own, public_id=public_id)
    try:
        messages.success(request, _change(request, favourite))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect(f"{reverse('my_favourites')}#f-{favourite.public_id}")


def _change(request: UserRequest, favourite: Favourite) -> str:
    """Carry out what was pressed. Returns the sentence for the user."""
    action, by = request.POST.get("action", ""), request.user
    if action == "note":
        services.save_note(favourite, request.POST.get("note", ""), by=by)
        return "已保存备注。"
    if action == "share":
        own = Organisation.objects.filter(pk__in=by.scope.organisation_ids)
        organisation = get_object_or_404(own, public_id=request.POST.get("organisation", ""))
        services.share_favourite(favourite, organisation, by=by)
        return f"{organisation.name}的同事现在能看到这条收藏，看不到您的备注。"
    if action == "unshare":
        services.share_favourite(favourite, None, by=by)
        return "已不再共享。"
    if action == "confirm":
        services.confirm_changes(favourite, by=by)
        return "已记下，以后只显示新的变化。"
    if action == "remove":
        services.remove_favourite(favourite.item, by=by)
        return "已取消收藏。"
    raise ValidationError("请选择要做的操作。")
