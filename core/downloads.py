"""Responses for file downloads: always an attachment of a known type, so that no browser runs the content."""

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpResponse
from django.utils.http import content_disposition_header

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DOWNLOAD_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"}


def send_download(content: bytes, name: str, content_type: str = XLSX) -> HttpResponse:
    """Send generated content under a file name with its suffix."""
    headers = DOWNLOAD_HEADERS | {"Content-Disposition": content_disposition_header(True, name)}
    return HttpResponse(content, content_type=content_type, headers=headers)


def send_stored(file: FieldFile, name: str, content_type: str) -> FileResponse:
    """Stream a stored file. Raises Http404 if it is missing from the storage."""
    try:
        content = file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(content, as_attachment=True, filename=name, content_type=content_type, headers=DOWNLOAD_HEADERS)
