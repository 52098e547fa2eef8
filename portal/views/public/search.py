"""The search page over all kinds, and suggestions while typing."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.search_results import LONGEST_QUERY, clean_query
from demands.models import Demand
from portal.problem_examples import problem_examples
from portal.search.everywhere import Everywhere, find_everywhere
from portal.search.fields import nearest_fields
from portal.search.index import SEARCH_INDEX
from portal.search.suggestions import suggest
from portal.views.public.result_page import limit_searches
from search.bigrams import is_searchable


@require_safe
@limit_searches
def search(request: HttpRequest) -> HttpResponse:
    q = clean_query(request.GET.get("q", ""))
    results = find_everywhere(q, request.user) if is_searchable(q) else Everywhere([])
    context = {
        "q": q,
        "results": results,
        "is_search": is_searchable(q),
        "is_too_short": bool(q) and not is_searchable(q),
        "is_cut": len(request.GET.get("q", "")) > LONGEST_QUERY,
        "examples": [] if is_searchable(q) else problem_examples(Demand.objects.visible_to(request.user).published()),
        "fields": nearest_fields(q, request.user) if q and not results.total else [],
    }
    return render(request, "portal/public/search.html", context)


@require_safe
@limit_searches
def search_suggestions(request: HttpRequest) -> JsonResponse:
    """{"suggestions": [{"text", "kind", "url"}]} for the letters typed so far in `q`."""
    index = SEARCH_INDEX.current_or_none()
    suggestions = suggest(clean_query(request.GET.get("q", "")), index) if index else []
    rows = [{"text": row.text, "kind": row.kind, "url": row.url} for row in suggestions]
    return JsonResponse({"suggestions": rows}, headers={"Cache-Control": "private, max-age=60"})
