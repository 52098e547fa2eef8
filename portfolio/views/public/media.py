"""Send a picture or a video of an achievement to those who may read the achievement."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from core.downloads import send_media
from portfolio.models import Picture, Video
from portfolio.services.pictures import file_of

DAY = "private, max-age=86400"
"""A picture never changes under its address; whether one may read it is asked again the next day."""


@require_safe
def picture(request: HttpRequest, public_id: str, size: str) -> HttpResponseBase:
    """`size`: one of Picture.SIZES."""
    rows = Picture.objects.visible_to(request.user).filter(status=Picture.Status.READY)
    return send_media(request, file_of(get_object_or_404(rows, public_id=public_id), size), "image/webp", cache=DAY)


@require_safe
def video(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """In one byte range if the browser asks for it, so that readers can jump forward."""
    row = get_object_or_404(Video.objects.visible_to(request.user).exclude(file=""), public_id=public_id)
    return send_media(request, row.file, "video/mp4", cache=DAY)
