"""Policies as everybody may read them, and an application prepared for one's own organisation."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import Organisation
from achievements.models import Achievement
from core.downloads import send_download
from demands.models import Demand
from mechanism.models import Policy
from mechanism.preparation import MISSING, data_sheet, export_preparation, fit_of

MOST_ITEMS = 200


@require_safe
def policy_list(request):
    """Those in force first; what has run out stays to be read, and says so."""
    kind = request.GET.get("kind", "")
    policies = Policy.objects.visible_to(request.user).published()
    kinds = sorted(set(policies.order_by().values_list("kind", flat=True)), key=list(Policy.Kind.values).index)
    if kind in Policy.Kind.values:
        policies = policies.filter(kind=kind)
    rows = sorted(policies, key=lambda one: not one.is_in_force)
    context = {
        "policies": rows,
        "kind": kind if kind in kinds else "",
        "kinds": [(value, Policy.Kind(value).label) for value in kinds],
    }
    return render(request, "portal/policy_list.html", context)


@require_safe
def policy_detail(request, public_id):
    policies = Policy.objects.visible_to(request.user).prefetch_related("conditions")
    policy = get_object_or_404(policies, public_id=public_id)
    scope = getattr(request.user, "scope", None)
    may_prepare = bool(scope and scope.institution_ids | scope.firm_ids)
    return render(request, "portal/policy_detail.html", {"policy": policy, "may_prepare": may_prepare})


@login_required
@require_safe
def prepare(request, public_id):
    """What an application needs, filled in from what is known; what is missing is marked."""
    context = _prepared(request, public_id)
    lines = data_sheet(context["organisation"], context["item"])
    context |= {
        "lines": lines,
        "missing": sum(not line.value for line in lines),
        "fit": fit_of(context["policy"], context["organisation"], context["item"]),
        "blank": MISSING,
    }
    return render(request, "portal/workbench/policy_prepare.html", context)


@login_required
@require_safe
def prepare_sheet(request, public_id):
    found = _prepared(request, public_id)
    content = export_preparation(found["policy"], found["organisation"], found["item"], by=request.user)
    return send_download(content, f"申请准备 {found['policy'].title}.xlsx")


def _prepared(request, public_id) -> dict:
    """For whom and about what: an organisation the user speaks for and one of its own items, as the address says."""
    scope = request.user.scope
    own = Organisation.objects.filter(pk__in=scope.institution_ids | scope.firm_ids).order_by("name")
    own = list(own.select_related("stat_region"))
    policy = get_object_or_404(Policy.objects.published().prefetch_related("conditions"), public_id=public_id)
    if not own:
        raise PermissionDenied("院校和企业可以为本单位准备申请。")
    chosen = request.GET.get("unit", "")
    organisation = next((one for one in own if one.public_id == chosen), own[0])
    if chosen and organisation.public_id != chosen:
        raise Http404
    items = list(_items_of(organisation, request.user)[:MOST_ITEMS])
    wanted = request.GET.get("item", "")
    item = next((one for one in items if one.public_id == wanted), None)
    if wanted and item is None:
        raise Http404
    return {"policy": policy, "organisation": organisation, "organisations": own, "items": items, "item": item}


def _items_of(organisation: Organisation, user):
    if organisation.kind == Organisation.Kind.FIRM:
        rows = Demand.objects.managed_by(user).filter(firm=organisation).exclude(status=Demand.Status.CLOSED)
        return rows.select_related("industry__parent").prefetch_related("indicators").order_by("-updated_at", "-pk")
    rows = Achievement.objects.managed_by(user).filter(institution=organisation)
    rows = rows.exclude(status=Achievement.Status.WITHDRAWN).select_related("industry__parent", "institution")
    return rows.prefetch_related("intellectual_property").order_by("-updated_at", "-pk")
