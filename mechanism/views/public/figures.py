"""The public page of figures."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mechanism.kpi.public_report import cached_report


@require_safe
def public_figures(request: HttpRequest) -> HttpResponse:
    """Visitors can choose nothing but the year."""
    try:
        report = cached_report(request.GET.get("year", ""))
    except ValidationError as error:
        raise Http404("".join(error.messages)) from error
    return render(request, "mechanism/public/figures.html", {"report": report})
