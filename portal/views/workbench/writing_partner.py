"""The fragment of the demand's form that is updated when typing pauses. Stores nothing."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.requests import UserRequest
from portal import form_display, writing_partner
from portal.record_kinds import DEMAND


@login_required
@require_POST
def demand_partner(request: UserRequest) -> HttpResponse:
    """Offers for the fields, near achievements and what is missing, for the form as typed."""
    if not DEMAND.may_create(request.user):
        raise PermissionDenied(f"录入{DEMAND.noun}需要{DEMAND.officer_title}的账号。")
    if writing_partner.asks_too_often(request.user):
        return HttpResponse(writing_partner.TOO_OFTEN, status=429, content_type="text/plain; charset=utf-8")
    record = DEMAND.managed_by(request.user).filter(public_id=request.POST.get("itself", "")[:10]).first()
    form = form_display.without_errors(DEMAND.form_class(request.POST, instance=record, by=request.user))
    partner = writing_partner.partner_help(form, user=request.user, compares=True)
    return render(request, "portal/workbench/_partner.html", {"partner": partner, "is_update": True})
