"""The weekly and the monthly briefing of the city or a district: a draft on a page and as a Word file."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Organisation, Region
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


def _region_or_404(request: UserRequest) -> Region | None:
    """The district whose briefing is asked for; None for the whole city. District officers read that of their own."""
    scope, code = request.user.scope, request.GET.get("region", "")
    if not (scope.sees_all or scope.is_district):
        raise PermissionDenied
    regions = Region.objects.reporting()
    if not scope.sees_all:
        regions = Region.objects.filter(pk__in=scope.region_ids)
        code = code or getattr(regions.first(), "code", "")
    if not code:
        return None
    if "\x00" in code:
        raise Http404
    return get_object_or_404(regions, code=code)


def _organiser(region: Region | None) -> str:
    """Who signs: the organiser in the settings or else the city's office, or the office of the district."""
    if region is None and settings.SITE["organiser"]:
        return settings.SITE["organiser"]
    offices = Organisation.objects.filter(is_active=True).order_by("pk")
    offices = offices.filter(kind="city") if region is None else offices.filter(kind="district", stat_region=region)
    office = offices.first()
    return office.name if office else ""


def _query(period: Period, region: Region | None) -> str:
    return urlencode({"period": period.name} | ({"region": region.code} if region else {}))


@login_required
@require_safe
def briefing(request: UserRequest) -> HttpResponse:
    region, period = _region_or_404(request), _period_or_404(request)
    today = timezone.localdate()
    scope = FigureScope(year_period(today.year), request.user, (("region", region),) if region else ())
    context = {
        "briefing": build_briefing(period, user=request.user, region=region),
        "region": region,
        "regions": Region.objects.reporting() if request.user.scope.sees_all else [],
        "query": _query(period, region),
        "period": period,
        "choices": briefing_periods(today),
        "scope": scope,
        "scope_query": urlencode(scope.query),
        "organiser": _organiser(region),
    }
    return render(request, "mechanism/workbench/briefing.html", context)


@login_required
@require_safe
def briefing_file(request: UserRequest) -> HttpResponse:
    region, period = _region_or_404(request), _period_or_404(request)
    written = build_briefing(period, user=request.user, region=region)
    site = request.build_absolute_uri("/").rstrip("/")
    try:
        content = briefing_word(written, organiser=_organiser(region), site=site)
    except WordTemplateError as error:
        messages.error(request, str(error))
        return redirect(f"{reverse('briefing')}?{_query(period, region)}")
    changes: dict = {"period": [None, period.name]} | ({"region": [None, str(region)]} if region else {})
    record("导出简报", request.user, by=request.user, changes=changes)
    return send_download(content, f"{written.title}（{period.name}）.docx", DOCX)
