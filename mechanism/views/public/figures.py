"""The public page of figures, and the page on which anybody checks the code of a signed paper."""

import re

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from core.public_id import is_public_id
from core.throttling import is_throttled, record_failed_attempt, throttle_guessing, throttled_response
from mechanism.closing.authentic import newer_than
from mechanism.closing.paper import printed_code
from mechanism.closing.publication import published_report, report_of
from mechanism.closing.sealing import is_published_intact
from mechanism.closing.spans import span_label
from mechanism.models import FigureVersion, FrozenFigure


@require_safe
def public_figures(request: HttpRequest) -> HttpResponse:
    """Signed versions only. Visitors can choose nothing but the year."""
    try:
        published = published_report(request.GET.get("year", ""))
    except ValidationError as error:
        raise Http404("".join(error.messages)) from error
    if published is None:
        return render(request, "mechanism/public/figures_unsigned.html")
    context = {
        "published": published,
        "version": published.version,
        "report": published.report,
        "code": printed_code(published.version.public_id),
    }
    return render(request, "mechanism/public/figures.html", context)


@require_safe
def figure_check_form(request: HttpRequest) -> HttpResponse:
    """The form for a code as printed: upper case, blanks and hyphens do not matter."""
    typed = request.GET.get("code", "")
    if not typed:
        return render(request, "mechanism/public/figure_check_form.html")
    if is_throttled(request):
        return throttled_response(request)
    code = re.sub(r"[\s\-–—－_]+", "", typed).lower()
    if is_public_id(code) and FigureVersion.objects.signed().filter(public_id=code).exists():
        return redirect("figure_check", code)
    record_failed_attempt(request)
    context = {"typed": typed[:40], "has_form_of_code": is_public_id(code)}
    return render(request, "mechanism/public/figure_check_form.html", context, status=404)


@throttle_guessing
@require_safe
def figure_check(request: HttpRequest, code: str) -> HttpResponse:
    """Whether a paper with this code is genuine, and whether a newer version replaces it.

    Shows what is public of the version. The other figures of the paper are for the office that received it.
    """
    version = get_object_or_404(FigureVersion.objects.signed(), public_id=code)
    newer = newer_than(version)
    context = {
        "version": version,
        "code": printed_code(code),
        "year_label": span_label(FrozenFigure.Span.YEAR, version.last_on),
        "is_intact": is_published_intact(version),
        "report": report_of(version),
        "newer": newer,
        "newer_code": printed_code(newer.public_id) if newer else "",
    }
    return render(request, "mechanism/public/figure_check.html", context)
