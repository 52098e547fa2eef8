"""The answer of a door that hands out a file."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def send_download(content: bytes, name: str, content_type: str = XLSX) -> HttpResponse:
    """A workbook unless `content_type` says otherwise, under a name with its ending. Nobody on the way keeps it."""
    headers = {"Content-Disposition": content_disposition_header(True, name), "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type=content_type, headers=headers)
