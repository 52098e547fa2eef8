"""The weekly and the monthly briefing: a draft on a page and as a Word file."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import UserRequest
from audit.services import record
from core.downloads import DOCX, send_download
from core.word_templates import WordTemplateError
from mechanism.briefing_word import briefing_word
from mechanism.kpi.briefing import briefing_periods, build_briefing
from mechanism.kpi.period import Period, parse_period, year_period
from mechanism.kpi.query_scope import FigureScope


def _period_or_404(request: UserRequest) -> Period:
    """A week or a month that has begun; by default this week."""
    if not request.user.scope.sees_all:
        raise PermissionDenied
    text = request.GET.get("period", "")
    if not text:
        return briefing_periods(timezone.localdate())[0]
    try:
        period = parse_period(text)
    except ValidationError as error:
        raise Http404("".join(error.messages)) from error
    if not (period.is_week or "-" in period.name) or period.first > timezone.localdate():
        raise Http404
    return period


@login_required
@require_safe
def briefing(request: UserRequest) -> HttpResponse:
    period = _period_or_404(request)
    today = timezone.localdate()
    context = {
        "briefing": build_briefing(period, user=request.user),
        "period": period,
        "choices": briefing_periods(today),
        "scope": FigureScope(year_period(today.year)),
        "scope_query": f"period={today.year}",
        "organiser": settings.SITE["organiser"],
    }
    return render(request, "mechanism/workbench/briefing.html", context)


@login_required
@require_safe
def briefing_file(request: UserRequest) -> HttpResponse:
    period = _period_or_404(request)
    written = build_briefing(period, user=request.user)
    site = request.build_absolute_uri("/").rstrip("/")
    try:
        content = briefing_word(written, organiser=settings.SITE["organiser"], site=site)
    except WordTemplateError as error:
        messages.error(request, str(error))
        return redirect(f"{reverse('briefing')}?period={period.name}")
    record("导出简报", request.user, by=request.user, changes={"period": [None, period.name]})
    return send_download(content, f"{written.title}（{period.name}）.docx", DOCX)
