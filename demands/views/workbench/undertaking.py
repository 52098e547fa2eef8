"""保密承诺 of the user's institution or agency: text, signature, end."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Organisation
from accounts.requests import UserRequest
from demands.models import Undertaking
from demands.models.disclosure import UNDERTAKING_VERSION
from demands.services.undertakings import end_undertaking, sign_undertaking


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def undertaking(request: UserRequest) -> HttpResponse:
    """The text with the state of each of the user's institutions and agencies; POST signs for one (`organisation`)."""
    organisations = _own_organisations(request)
    if request.method == "POST":
        organisation = get_object_or_404(organisations, public_id=request.POST.get("organisation", "")[:10])
        try:
            sign_undertaking(organisation, by=request.user, has_read=request.POST.get("has_read") == "1")
            messages.success(request, "已签署。现在可以查看只公开摘要的需求全文，每次查看都会告诉需求单位。")
        except ValidationError as error:
            messages.error(request, error.messages[0])
        return redirect("undertaking")
    current = {row.organisation_id: row for row in Undertaking.objects.in_force().of_user(request.user)}
    last = {row.organisation_id: row for row in Undertaking.objects.of_user(request.user).order_by("signed_at", "pk")}
    context = {
        "version": UNDERTAKING_VERSION,
        "rows": [
            {"organisation": row, "undertaking": current.get(row.pk), "last": last.get(row.pk)} for row in organisations
        ],
    }
    return render(request, "demands/workbench/undertaking.html", context)


@login_required
@require_POST
def undertaking_end(request: UserRequest) -> HttpResponse:
    """End the undertaking of one of the user's organisations."""
    organisation = get_object_or_404(_own_organisations(request), public_id=request.POST.get("organisation", "")[:10])
    row = Undertaking.objects.filter(organisation=organisation, ended_at=None).first()
    if row is None:
        messages.error(request, "本单位没有生效的保密承诺。")
        return redirect("undertaking")
    try:
        end_undertaking(row, by=request.user, reason=request.POST.get("reason", ""))
        messages.success(request, "已终止。今后只能看公开摘要。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("undertaking")


def _own_organisations(request: UserRequest):
    scope = request.user.scope
    rows = Organisation.objects.filter(pk__in=scope.institution_ids | scope.agency_ids).order_by("name")
    if not rows:
        raise PermissionDenied("保密承诺由院所和服务机构的人员签署。")
    return rows
