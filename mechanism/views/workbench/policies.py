"""A policy application prepared for an organisation of the user, on the page and as a workbook."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import Organisation, User
from accounts.requests import UserRequest
from achievements.models import Achievement
from core.downloads import send_download
from demands.models import Demand
from mechanism.models import Policy
from mechanism.policy_application import MISSING, application_fit, application_lines, export_application

MAX_ITEMS = 200


@login_required
@require_safe
def policy_application(request: UserRequest, public_id: str) -> HttpResponse:
    """The data of an application as far as they are known; missing values are marked."""
    context = _application_context(request, public_id)
    lines = application_lines(context["organisation"], context["item"])
    context |= {
        "lines": lines,
        "missing": sum(not line.value for line in lines),
        "fit": application_fit(context["policy"], context["organisation"], context["item"]),
        "blank": MISSING,
    }
    return render(request, "mechanism/workbench/policy_application.html", context)


@login_required
@require_safe
def policy_application_sheet(request: UserRequest, public_id: str) -> HttpResponse:
    context = _application_context(request, public_id)
    policy = context["policy"]
    content = export_application(policy, context["organisation"], context["item"], by=request.user)
    return send_download(content, f"申请准备 {policy.title}.xlsx")


def _application_context(request: UserRequest, public_id: str) -> dict:
    """Policy, own organisation (`unit`) and one of its achievements or demands (`item`)."""
    user_scope = request.user.scope
    mine = Organisation.objects.filter(pk__in=user_scope.institution_ids | user_scope.firm_ids).order_by("name")
    own = list(mine.select_related("stat_region"))
    policy = get_object_or_404(Policy.objects.published().prefetch_related("conditions"), public_id=public_id)
    if not own:
        raise PermissionDenied("院校和企业可以为本单位准备申请。")
    unit = request.GET.get("unit", "")
    organisation = next((candidate for candidate in own if candidate.public_id == unit), own[0])
    if unit and organisation.public_id != unit:
        raise Http404
    items = list(_items_of(organisation, request.user)[:MAX_ITEMS])
    wanted = request.GET.get("item", "")
    item = next((candidate for candidate in items if candidate.public_id == wanted), None)
    if wanted and item is None:
        raise Http404
    return {"policy": policy, "organisation": organisation, "organisations": own, "items": items, "item": item}


def _items_of(organisation: Organisation, user: User) -> QuerySet:
    """Demands of a firm, achievements of an institution."""
    if organisation.kind == Organisation.Kind.FIRM:
        rows = Demand.objects.managed_by(user).filter(firm=organisation).exclude(status=Demand.Status.CLOSED)
        return rows.select_related("industry__parent").prefetch_related("indicators").order_by("-updated_at", "-pk")
    achievements = Achievement.objects.managed_by(user).filter(institution=organisation)
    achievements = achievements.exclude(status=Achievement.Status.WITHDRAWN).select_related(
        "industry__parent", "institution"
    )
    return achievements.prefetch_related("intellectual_property").order_by("-updated_at", "-pk")
