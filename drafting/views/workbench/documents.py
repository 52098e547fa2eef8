"""The documents of drafts: sent to their own office only, read again on demand."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from core.downloads import send_stored
from core.file_validation import CONTENT_TYPES
from drafting.models import DraftDocument
from drafting.services.documents import read_again


@login_required
@require_safe
def draft_document_file(request: UserRequest, public_id: str) -> FileResponse:
    documents = DraftDocument.objects.visible_to(request.user).with_file()
    document = get_object_or_404(documents, public_id=public_id)
    content_type = CONTENT_TYPES.get(document.kind, "text/plain; charset=utf-8")
    return send_stored(document.file, document.name, content_type)


@login_required
@require_POST
def draft_document_read(request: UserRequest, public_id: str) -> HttpResponse:
    """Read it once more; with `ocr` by character recognition."""
    documents = DraftDocument.objects.visible_to(request.user).select_related("draft")
    document = get_object_or_404(documents, public_id=public_id)
    try:
        read_again(document, with_ocr="ocr" in request.POST, by=request.user)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    return redirect("document_draft", public_id=document.draft.public_id)
