"""Public list and detail page of docking rounds."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from achievements.models import Achievement
from core.pagination import PAGE_SIZE
from portal.institutions import with_page_flag
from rounds.models import DockingRound, Organiser, RoundDocument
from rounds.views.public.agenda import public_agenda, subscription_address


@require_safe
def round_list(request: HttpRequest) -> HttpResponse:
    rounds = DockingRound.objects.visible_to(request.user).published().select_related("host")
    now = timezone.now()
    past = rounds.filter(ends_at__lt=now).order_by("-starts_at")
    context = {
        "upcoming": rounds.filter(ends_at__gte=now).order_by("starts_at"),
        "page": Paginator(past, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "portal/public/round_list.html", context)


@require_safe
def round_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    rounds = DockingRound.objects.visible_to(request.user).select_related("host")
    docking_round = get_object_or_404(rounds, public_id=public_id)
    is_open = docking_round.status in DockingRound.OPEN
    featured = (
        Achievement.objects.visible_to(request.user)
        .published()
        .filter(features__docking_round=docking_round)
        .order_by("features__rank", "features__pk")
        .select_related("institution", "industry")
        .prefetch_related("intellectual_property")
    )
    context = {
        "round": docking_round,
        "featured": featured,
        "is_open": is_open,
        "other_round": None if is_open else rounds.upcoming().order_by("starts_at").first(),
        "subscription": subscription_address(request, docking_round),
        "agenda": public_agenda(docking_round, request.user),
        "documents": RoundDocument.objects.kept().filter(docking_round=docking_round, is_public=True),
        "institutions": with_page_flag(docking_round.institutions.order_by("-is_local", "name")),
        "organisers": [
            (role.label, names) for role in Organiser.Role if (names := docking_round.organiser_names(role.value))
        ],
    }
    return render(request, "portal/public/round_detail.html", context)
