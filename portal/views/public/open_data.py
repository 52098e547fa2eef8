"""Open data: the page about the data sets, their catalogue, and their files."""

import json

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from core.client_address import client_address
from core.throttling import exceeds, throttled_response
from portal.open_data.catalogue import ADDRESS_COLUMN, FORMATS, catalogue, file_path, licence, publisher
from portal.open_data.datasets import DATASETS
from portal.open_data.writing import csv_lines, json_lines

LIMIT, WINDOW = 60, 3600
"""So many whole files for one address in so many seconds."""


@require_safe
def open_data(request: HttpRequest) -> HttpResponse:
    context = {
        "datasets": [
            {
                "dataset": dataset,
                "columns": [*dataset.columns, ADDRESS_COLUMN],
                "files": [(kind, file_path(dataset, kind)) for kind in FORMATS],
            }
            for dataset in DATASETS.values()
        ],
        "licence": licence(),
    }
    return render(request, "portal/public/open_data.html", context)


@require_safe
def open_data_catalogue(request: HttpRequest) -> HttpResponse:
    text = json.dumps(catalogue(request.build_absolute_uri), ensure_ascii=False, indent=1)
    return HttpResponse(text, content_type="application/ld+json; charset=utf-8")


@require_safe
def open_data_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """A whole data set such as achievements.csv, streamed. Raises Http404 for an unknown one."""
    slug, _, kind = name.partition(".")
    dataset = DATASETS.get(slug)
    if dataset is None or kind not in FORMATS:
        raise Http404
    if exceeds("open-data", client_address(request) or "", LIMIT, WINDOW):
        return throttled_response(request, WINDOW)
    headers = {
        "Content-Disposition": content_disposition_header(True, f"{dataset.title}.{kind}"),
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "no-cache",
    }
    content_type = f"{FORMATS[kind]}; charset=utf-8"
    if request.method == "HEAD":
        return HttpResponse(content_type=content_type, headers=headers)
    if kind == "csv":
        lines = csv_lines(dataset, request.build_absolute_uri)
    else:
        head = {
            "dataset": dataset.slug,
            "title": dataset.title,
            "description": dataset.about,
            "publisher": publisher(),
            "license": licence() or None,
            "generated_at": timezone.localtime().isoformat(timespec="seconds"),
            "fields": {column.name: column.about or column.label for column in (*dataset.columns, ADDRESS_COLUMN)},
        }
        lines = json_lines(dataset, request.build_absolute_uri, head)
    return StreamingHttpResponse(lines, content_type=content_type, headers=headers)
