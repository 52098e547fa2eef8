"""The answer of a door that hands out a file. Always a download of the type it is known to be: no browser runs it."""

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpResponse
from django.utils.http import content_disposition_header

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KEPT_BY_NOBODY = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"}


def send_download(content: bytes, name: str, content_type: str = XLSX) -> HttpResponse:
    """A workbook unless `content_type` says otherwise, under a name with its ending."""
    headers = KEPT_BY_NOBODY | {"Content-Disposition": content_disposition_header(True, name)}
    return HttpResponse(content, content_type=content_type, headers=headers)


def send_stored(file: FieldFile, name: str, content_type: str) -> FileResponse:
    """A file kept with a record, streamed. Raises Http404 where it is gone from the store."""
    try:
        content = file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(content, as_attachment=True, filename=name, content_type=content_type, headers=KEPT_BY_NOBODY)
