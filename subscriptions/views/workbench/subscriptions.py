"""我的订阅: what is new, and the subscriptions with their buttons."""

import re

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.requests import UserRequest
from core.pagination import PAGE_SIZE
from sheets.cells import clean_text
from subscriptions.filters import filter_texts, kind_of, list_query, read_filters
from subscriptions.forms import SavedSearchForm
from subscriptions.models import MAX_SEARCHES, TEXT_LENGTH, WORDS_LENGTH, Hit, SavedSearch
from subscriptions.own_items import own_items_for
from subscriptions.rows import HitRow
from subscriptions.services import saved_searches as services
from subscriptions.services.saved_searches import MIN_MEANING

DESCRIPTION = re.compile(r"[，。；！？,;!?]|怎么|如何|老是|总是|\S{12}")
"""What reads like a sentence is offered to be compared by meaning; the form lets the user change this."""


@login_required
@require_safe
def my_subscriptions(request: UserRequest) -> HttpResponse:
    searches = list(SavedSearch.objects.of_user(request.user))
    chosen = next((search for search in searches if search.public_id == request.GET.get("search")), None)
    hits = Hit.objects.shown_to(request.user).select_related(
        "achievement__institution", "demand__firm__stat_region", "demand__industry__parent"
    )
    if chosen:
        hits = hits.filter(reasons__contains=[{"search": chosen.public_id}])
    page = Paginator(hits, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [HitRow(hit) for hit in page],
        "chosen": chosen,
        "query": f"search={chosen.public_id}" if chosen else "",
        "searches": [
            {
                "search": search,
                "filters": filter_texts(search.kind, search.filters),
                "list_url": f"{reverse(f'{search.kind}_list')}?{list_query(search)}",
                "has_list": search.mode == SavedSearch.Mode.WORDS,
            }
            for search in searches
        ],
        "may_add": len(searches) < MAX_SEARCHES,
        "most": MAX_SEARCHES,
        "own_items": own_items_for(request.user),
    }
    return render(request, "subscriptions/workbench/subscriptions.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def saved_search_new(request: UserRequest) -> HttpResponse:
    """GET takes the search of a public list: ?kind=demand&q=…&industry=…; POST subscribes."""
    kind = kind_of(request.POST if request.method == "POST" else request.GET)
    if request.method == "POST":
        form = SavedSearchForm(request.POST, user=request.user, kind=kind)
        if form.is_valid() and form.save():
            messages.success(request, "已订阅。每天有新内容时，会列在工作台并写进当天的邮件。")
            return redirect("my_subscriptions")
        return _form_page(request, form, status=422)
    q = " ".join(clean_text(request.GET.get("q", ""), multiline=True).split())[:TEXT_LENGTH]
    filters = {f"filter_{name}": values for name, values in read_filters(kind, request.GET).items()}
    is_description = len(q) > WORDS_LENGTH or (len(q) >= MIN_MEANING and DESCRIPTION.search(q))
    mode = SavedSearch.Mode.MEANING if is_description else SavedSearch.Mode.WORDS
    form = SavedSearchForm(user=request.user, kind=kind, initial={"text": q, "mode": mode, **filters})
    return _form_page(request, form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def saved_search_edit(request: UserRequest, public_id: str) -> HttpResponse:
    search = _own(request.user, public_id)
    if request.method == "POST":
        form = SavedSearchForm(request.POST, user=request.user, kind=search.kind, instance=search)
        if form.is_valid() and form.save():
            messages.success(request, "已保存。从现在起按新的内容订阅。")
            return redirect("my_subscriptions")
        return _form_page(request, form, status=422)
    initial = {"text": search.text, "mode": search.mode, "name": search.name}
    initial |= {f"filter_{name}": values for name, values in search.filters.items()}
    return _form_page(request, SavedSearchForm(user=request.user, kind=search.kind, instance=search, initial=initial))


@login_required
@require_POST
def saved_search_step(request: UserRequest, public_id: str) -> HttpResponse:
    """One of the buttons of a subscription: pause, resume, delete."""
    search = _own(request.user, public_id)
    try:
        messages.success(request, _step(search, request.POST.get("action", ""), by=request.user))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("my_subscriptions")


def _step(search: SavedSearch, action: str, *, by: User) -> str:
    if action == "pause":
        services.pause_search(search, by=by)
        return f"已暂停“{search.name}”。"
    if action == "resume":
        services.resume_search(search, by=by)
        return f"已恢复“{search.name}”，从现在起的新内容会告诉您。"
    if action == "delete":
        services.delete_search(search, by=by)
        return f"已删除“{search.name}”。"
    raise ValidationError("请选择暂停、恢复或删除。")


def _own(user: User, public_id: str) -> SavedSearch:
    search: SavedSearch = get_object_or_404(SavedSearch.objects.of_user(user), public_id=public_id)
    return search


def _form_page(request: UserRequest, form: SavedSearchForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "kind": form.kind, "search": form.instance}
    return render(request, "subscriptions/workbench/saved_search.html", context, status=status)
