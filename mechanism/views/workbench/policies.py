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

MAX_ITEMS, MAX_CHARS = 200, 100


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
    """Policy, own organisation (`unit`) and one of its achievements or demands (`item`).

    Without `unit` it is the organisation of the item. `q` narrows the list of items, which is cut at MAX_ITEMS.
    """
    policy = get_object_or_404(Policy.objects.published().prefetch_related("conditions"), public_id=public_id)
    user_scope = request.user.scope
    mine = Organisation.objects.filter(pk__in=user_scope.institution_ids | user_scope.firm_ids).order_by("name")
    own = list(mine.select_related("stat_region"))
    if not own:
        raise PermissionDenied("院校和企业可以为本单位准备申请。")
    item, owner = _wanted_item(request.GET.get("item", ""), own, request.user)
    unit = request.GET.get("unit", "")
    organisation = next((candidate for candidate in own if candidate.public_id == unit), owner or own[0])
    if unit and organisation.public_id != unit:
        raise Http404
    if owner not in (None, organisation):
        item = None  # the user has chosen another organisation in the form
    q = request.GET.get("q", "").replace("\0", "").strip()[:MAX_CHARS]
    rows = _items_of(organisation, request.user)
    items = list((rows.filter(title__icontains=q) if q else rows)[:MAX_ITEMS])
    if item is not None and item not in items:
        items.insert(0, item)
    return {
        "policy": policy,
        "organisation": organisation,
        "organisations": own,
        "items": items,
        "item": item,
        "q": q,
        "is_searchable": bool(q) or len(items) >= MAX_ITEMS,
    }


def _wanted_item(
    public_id: str, own: list[Organisation], user: User
) -> tuple[Achievement | Demand | None, Organisation | None]:
    """The item with this id and the organisation that owns it. Raises Http404 if none of `own` has it."""
    if not public_id:
        return None, None
    for organisation in own:
        if item := _items_of(organisation, user).filter(public_id=public_id[:10]).first():
            return item, organisation
    raise Http404


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
