"""保密协议 on the page of a follow-up: upload of a side's signed copy, end, download."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from core.downloads import send_stored
from core.forms import form_messages
from demands.models import Agreement, AgreementCopy
from matching.forms import AgreementForm
from matching.models import FollowUp
from matching.services.agreements import end_agreement_of, sign_agreement


@login_required
@require_POST
def agreement_upload(request: UserRequest, public_id: str) -> HttpResponse:
    follow_up = _follow_up(request, public_id)
    form = AgreementForm(request.POST, request.FILES)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            copy = sign_agreement(
                follow_up,
                content=upload.read(),
                name=upload.name,
                valid_until=form.cleaned_data["valid_until"],
                by=request.user,
            )
            is_in_force = Agreement.objects.in_force().filter(pk=copy.agreement_id).exists()
            messages.success(
                request, "保密协议已生效。" if is_in_force else "已上传。对方也上传签署件后，保密协议生效。"
            )
        except ValidationError as error:
            form.add_error("file", error)
    for message in form_messages(form):
        messages.error(request, message)
    return redirect("follow_up", follow_up.public_id)


@login_required
@require_POST
def agreement_end(request: UserRequest, public_id: str) -> HttpResponse:
    follow_up = _follow_up(request, public_id)
    try:
        end_agreement_of(follow_up, reason=request.POST.get("reason", ""), by=request.user)
        messages.success(request, "保密协议已终止，只供协议双方看的附件不再开放。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("follow_up", follow_up.public_id)


@login_required
@require_safe
def agreement_copy(request: UserRequest, public_id: str) -> FileResponse:
    """The signed copy of one side, for both sides and the staff in charge."""
    copies = AgreementCopy.objects.filter(agreement__in=Agreement.objects.visible_to(request.user))
    copy = get_object_or_404(copies, public_id=public_id)
    return send_stored(copy.file, copy.name, copy.content_type)


def _follow_up(request: UserRequest, public_id: str) -> FollowUp:
    rows = FollowUp.objects.visible_to(request.user).select_related(
        "match__demand__firm", "match__achievement__institution"
    )
    follow_up = get_object_or_404(rows, public_id=public_id)
    match, scope = follow_up.match, request.user.scope
    if match.demand.firm_id not in scope.firm_ids and match.achievement.institution_id not in scope.institution_ids:
        raise PermissionDenied("保密协议由双方各自上传和终止。")
    return follow_up
