"""Published answers to obstacles, without the names of those who raised them."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.pagination import PAGE_SIZE
from mechanism.models import Obstacle, ObstacleKind


@require_safe
def obstacle_answers(request: HttpRequest) -> HttpResponse:
    """Filtered by kind and words of the published texts."""
    rows = Obstacle.objects.published()
    chosen = {name: request.GET.get(name, "").replace("\0", "")[:60] for name in ("kind", "q")}
    kinds = list(ObstacleKind.objects.filter(pk__in=rows.order_by().values("kind")))
    kind = next((kind for kind in kinds if kind.name == chosen["kind"]), None)
    total = rows.count()
    if kind:
        rows = rows.filter(kind=kind)
    for word in chosen["q"].split()[:5]:
        rows = rows.filter(Q(public_text__icontains=word) | Q(public_answer__icontains=word))
    # Only what is published is read: who raised it, in which record and when is not on the page.
    rows = rows.select_related("kind", "solver", "policy").order_by("-published_at", "-pk")
    rows = rows.only(
        *("public_id", "public_text", "public_answer", "published_at", "kind__name", "solver__name", "solver__kind"),
        *("policy__title", "policy__public_id", "policy__published_at"),
    )
    context = {
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "total": total,
        "kinds": kinds,
        "kind": kind,
        "chosen": chosen,
        "is_filtered": bool(kind or chosen["q"]),
    }
    return render(request, "mechanism/public/obstacle_answers.html", context)
