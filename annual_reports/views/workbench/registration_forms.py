"""科技成果登记表 of own achievements: one as Word, several as a zip."""

import io
import zipfile
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import UserRequest
from achievements.models import Achievement
from achievements.registration_form import registration_forms as render_forms
from core.downloads import DOCX, send_download
from portfolio.own_items import chosen_items, own_item, own_items

MOST = 200
PER_PAGE = 100
PARTS = ("completers", "intellectual_property", "indicators")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def registration_forms(request: UserRequest) -> HttpResponse:
    """GET lists the own achievements, with `q`. POST `chosen` (several) answers with a zip of their forms."""
    if request.method == "POST":
        items = chosen_items(request.user, request.POST.getlist("chosen"), MOST)
        if not items:
            messages.error(request, "请先勾选成果。")
            return redirect("registration_forms")
        if len(items) > MOST:
            messages.error(request, f"一次最多 {MOST} 项，请分几次下载。")
            return redirect("registration_forms")
        keys = [item.pk for item in items]
        chosen = Achievement.objects.filter(pk__in=keys).select_related("institution", "industry")
        files = render_forms(list(chosen.prefetch_related(*PARTS).order_by("title", "pk")), by=request.user)
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, content in files:
                packed.writestr(name, content)
        return send_download(archive.getvalue(), f"科技成果登记表_{len(files)}项.zip", "application/zip")
    text = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    rows = own_items(request.user).exclude(status=Achievement.Status.WITHDRAWN).order_by("title", "pk")
    matching = rows.filter(title__icontains=text) if text else rows
    context = {
        "page": Paginator(matching, PER_PAGE).get_page(request.GET.get("page")),
        "q": text,
        "pager_query": urlencode({"q": text}) if text else "",
    }
    return render(request, "annual_reports/workbench/registration_forms.html", context)


@login_required
@require_safe
def registration_form(request: UserRequest, public_id: str) -> HttpResponse:
    item = own_item(request.user, public_id)
    ((name, content),) = render_forms([item], by=request.user)
    return send_download(content, name, DOCX)
