"""Published policies: list and detail page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from mechanism.models import Policy


@require_safe
def policy_list(request: HttpRequest) -> HttpResponse:
    """Policies in force first; expired ones remain readable and are marked."""
    kind = request.GET.get("kind", "")
    policies = Policy.objects.visible_to(request.user).published()
    kinds = sorted(set(policies.order_by().values_list("kind", flat=True)), key=list(Policy.Kind.values).index)
    if kind in Policy.Kind.values:
        policies = policies.filter(kind=kind)
    context = {
        "policies": sorted(policies, key=lambda policy: not policy.is_in_force),
        "kind": kind if kind in kinds else "",
        "kinds": [(value, Policy.Kind(value).label) for value in kinds],
    }
    return render(request, "mechanism/public/policy_list.html", context)


@require_safe
def policy_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    policies = Policy.objects.visible_to(request.user).prefetch_related("conditions")
    policy = get_object_or_404(policies, public_id=public_id)
    user_scope = getattr(request.user, "scope", None)
    may_prepare = bool(user_scope and user_scope.institution_ids | user_scope.firm_ids)
    context = {"policy": policy, "may_prepare": may_prepare}
    return render(request, "mechanism/public/policy_detail.html", context)
