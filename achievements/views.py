"""Files of achievements: sent, added, removed. The pages themselves are the portal's."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from achievements.forms import AttachmentForm
from achievements.models import Achievement, Attachment
from achievements.services import add_attachment, remove_attachment
from core.downloads import send_stored


@require_safe
def attachment_download(request, public_id):
    """A file of an achievement the visitor may see: public files to everybody, the others to those who work with it.

    Always sent as a download of the type it was checked to be, so no browser runs anything in it.
    """
    managed = Achievement.objects.managed_by(request.user)
    attachment = get_object_or_404(
        Attachment.objects.filter(Q(is_public=True) | Q(achievement__in=managed)),
        public_id=public_id,
        removed_at__isnull=True,
        achievement__in=Achievement.objects.visible_to(request.user),
    )
    return send_stored(attachment.file, attachment.name, attachment.content_type)


@login_required
@require_POST
def attachment_add(request, public_id):
    """Keep an uploaded file, then back to the form of the achievement."""
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
            )
            messages.success(request, _("已上传“%(name)s”。") % {"name": attachment})
        except ValidationError as error:
            form.add_error("file", error)
    for message in form.errors.get("file", ()):
        messages.error(request, message)
    return redirect("achievement_edit", public_id=achievement.public_id)


@login_required
@require_POST
def attachment_remove(request, public_id):
    """Show and send the file no longer."""
    attachment = get_object_or_404(
        Attachment.objects.filter(achievement__in=Achievement.objects.managed_by(request.user)).select_related(
            "achievement"
        ),
        public_id=public_id,
    )
    try:
        remove_attachment(attachment, by=request.user)
        messages.success(request, _("已移除“%(name)s”。") % {"name": attachment})
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("achievement_edit", public_id=attachment.achievement.public_id)
