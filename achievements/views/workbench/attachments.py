"""Add and remove attachments. The form that posts here is on the edit page of `portal`."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.requests import UserRequest
from achievements.forms import AttachmentForm
from achievements.models import Achievement, Attachment
from achievements.services.attachments import add_attachment, remove_attachment


@login_required
@require_POST
def attachment_add(request: UserRequest, public_id):
    """Store an uploaded file and redirect to the edit page."""
    achievement = get_object_or_404(Achievement.objects.managed_by(request.user), public_id=public_id)
    form = AttachmentForm(request.POST, request.FILES)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            attachment = add_attachment(
                achievement,
                content=upload.read(),
                name=upload.name,
                by=request.user,
                is_public=form.cleaned_data["is_public"],
                kind=form.cleaned_data["kind"],
            )
            messages.success(request, "已上传“%(name)s”。" % {"name": attachment})
        except ValidationError as error:
            form.add_error("file", error)
    for message in form.errors.get("file", ()):
        messages.error(request, message)
    return redirect("achievement_edit", public_id=achievement.public_id)


@login_required
@require_POST
def attachment_remove(request: UserRequest, public_id):
    """Remove an attachment and redirect to the edit page."""
    attachment = get_object_or_404(
        Attachment.objects.filter(achievement__in=Achievement.objects.managed_by(request.user)).select_related(
            "achievement"
        ),
        public_id=public_id,
    )
    try:
        remove_attachment(attachment, by=request.user)
        messages.success(request, "已移除“%(name)s”。" % {"name": attachment})
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("achievement_edit", public_id=attachment.achievement.public_id)
