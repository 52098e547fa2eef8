"""The public page of a broker: certificate, fields, what the platform counts, introduction and cases. No telephone."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from brokerage.track_record import track_record
from brokers.models import Agency, Broker
from core.scope import scope_of


@require_safe
def broker_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    brokers = (
        Broker.objects.visible_to(request.user)
        .select_related("agency__organisation", "profile")
        .prefetch_related("industries", "regions")
    )
    broker = get_object_or_404(brokers, public_id=public_id)
    profile = getattr(broker, "profile", None)
    scope = scope_of(request.user)
    agency = broker.agency
    context = {
        "broker": broker,
        "profile": profile,
        "record": track_record(broker),
        "cases": profile.cases.all().published().select_related("contract") if profile else (),
        "shows_agency": agency is not None and Agency.objects.visible_to(request.user).filter(pk=agency.pk).exists(),
        "takes_requests": broker.user_id is not None
        and broker.is_active
        and broker.certificate_is_valid
        and (profile is None or profile.takes_requests),
        "may_ask": bool(scope.firm_ids or scope.institution_ids) or not request.user.is_authenticated,
        "is_own": scope.user_id != 0 and broker.user_id == scope.user_id,
    }
    return render(request, "brokerage/public/broker_detail.html", context)
