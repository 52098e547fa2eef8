from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from achievements.models import Achievement, Attachment
from core.downloads import send_stored


@require_safe
def attachment_download(request: HttpRequest, public_id):
    """Send an attachment of a visible achievement: public ones to everybody, others to users who manage it.

    Always sent as a download with the detected content type, so that browsers do not execute it.
    """
    managed = Achievement.objects.managed_by(request.user)
    attachment = get_object_or_404(
        Attachment.objects.kept().filter(Q(is_public=True) | Q(achievement__in=managed)),
        public_id=public_id,
        achievement__in=Achievement.objects.visible_to(request.user),
    )
    return send_stored(attachment.file, attachment.name, attachment.content_type)
