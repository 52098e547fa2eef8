"""Responses for file downloads: always an attachment of a known type, so that no browser runs the content."""

import re
from collections.abc import Iterator

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BLOCK = 64 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
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


def send_media(
    request: HttpRequest, file: FieldFile, content_type: str, *, cache: str = "private, no-store"
) -> HttpResponseBase:
    """Stream a picture or video that the browser shows in the page; one byte range (RFC 9110) if it asks for one.

    The caller names the type, which it has checked. A policy of its own forbids the content to run anything.
    Raises Http404 if the file is missing from the storage.
    """
    try:
        size, content = file.size, file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": cache,
        "Accept-Ranges": "bytes",
        "Content-Disposition": "inline",
    }
    asked = request.headers.get("Range", "")
    wanted = _range_of(asked, size)
    if wanted is None:
        return FileResponse(content, content_type=content_type, headers=headers)
    first, last = wanted
    if first > last:
        content.close()
        return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    content.seek(first)
    headers |= {"Content-Range": f"bytes {first}-{last}/{size}", "Content-Length": str(last - first + 1)}
    return StreamingHttpResponse(
        _blocks(content, last - first + 1), status=206, content_type=content_type, headers=headers
    )


def _range_of(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte of the one range; None for the whole file; first > last if it lies outside."""
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None  # no range, several, or another unit: the whole file is a correct answer
    start, end = match.groups()
    if not start:
        return (max(size - int(end), 0), size - 1) if int(end) else (1, 0)
    last = min(int(end), size - 1) if end else size - 1
    if end and int(end) < int(start):
        return None
    return (int(start), last) if int(start) < size else (1, 0)


def _blocks(content, left: int) -> Iterator[bytes]:
    with content:
        while left > 0 and (block := content.read(min(BLOCK, left))):
            left -= len(block)
            yield block
