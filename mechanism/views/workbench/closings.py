"""Month-end close for the city: list of months, check of one, a version with signature, its PDF."""

from collections.abc import Callable
from functools import wraps

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import UserRequest, user_of
from audit.services import record
from core.downloads import send_download
from mechanism.closing import paper
from mechanism.closing.attention import attention_of
from mechanism.closing.authentic import newer_than
from mechanism.closing.differences import describe_differences
from mechanism.closing.overview import (
    headline_lines,
    months_to_close,
    open_differences,
    planned_lines,
    span_labels,
    split_choices,
    split_lines,
)
from mechanism.closing.restated import restated_lines
from mechanism.closing.sealing import is_published_intact, is_sealed, prove
from mechanism.closing.spans import parse_month, span_label
from mechanism.models import FigureVersion
from mechanism.services.closing import Reasons, check_month, next_version, sign_version, withdraw_check
from rounds.papers.pdf import PdfRenderingError

PER_PAGE = 20
MAX_SHOWN = 200
"""Differences with a field of their own; the reason for the rest covers the others."""


def _oversight(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """City staff and auditors."""

    @login_required
    @wraps(view)
    def wrapper(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not user_of(request).has_perm("mechanism.view_figureversion"):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapper


def _version_or_404(request: UserRequest, public_id: str) -> FigureVersion:
    rows = FigureVersion.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("checked_by", "signed_by", "withdrawn_by", "previous"), public_id=public_id
    )


@_oversight
@require_safe
def closings(request: UserRequest) -> HttpResponse:
    versions = FigureVersion.objects.visible_to(request.user).select_related("checked_by", "signed_by", "withdrawn_by")
    context = {
        "page": Paginator(versions, PER_PAGE).get_page(request.GET.get("page")),
        "to_close": months_to_close(),
        "waiting": versions.awaiting_signature(),
        "open_differences": open_differences(),
        "rejected": [row for row in versions.signed() if not is_published_intact(row)],
        "may_check": request.user.has_perm("mechanism.check_figureversion"),
    }
    return render(request, "mechanism/workbench/closings.html", context)


@_oversight
@require_http_methods(["GET", "HEAD", "POST"])
def closing_check(request: UserRequest, month: str) -> HttpResponse:
    """What stands in the way of closing a month, and the form that closes it or restates its last version."""
    try:
        period = parse_month(month)
    except ValidationError as error:
        raise Http404("".join(error.messages)) from error
    errors: list[str] = []
    if request.method == "POST":
        try:
            version = _check(request, period.name)
        except ValidationError as error:
            errors = error.messages
        else:
            messages.success(request, "已核对，请另一位市级专员签发。")
            return redirect("figure_version", version.public_id)
    try:
        planned = next_version(period)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("closings")
    since = planned.previous.signed_at if planned.previous else None
    described = describe_differences(planned.differences.records[:MAX_SHOWN], since)
    context = {
        "month": period,
        "planned": planned,
        "year_label": span_label("year", period.last),
        "waiting": FigureVersion.objects.awaiting_signature().filter(period=period.name).first(),
        "attention": attention_of(period),
        "lines": planned_lines(period, planned.previous),
        "described": [(item, request.POST.get(f"reason-{item.record.key}", "")) for item in described],
        "hidden_differences": len(planned.differences.records) - len(described),
        "posted": request.POST,
        "errors": errors,
        "may_check": request.user.has_perm("mechanism.check_figureversion"),
    }
    return render(request, "mechanism/workbench/closing_check.html", context, status=422 if errors else 200)


def _check(request: UserRequest, month: str) -> FigureVersion:
    prefix = "reason-"
    by_record = {name.removeprefix(prefix): text for name, text in request.POST.items() if name.startswith(prefix)}
    reasons = Reasons(by_record, request.POST.get("rest", ""), request.POST.get("digest", ""))
    if not request.POST.get("seen"):
        raise ValidationError("请先看过上面列出的各项，再勾选“我已逐项看过”。")
    return check_month(month, by=request.user, note=request.POST.get("note", ""), reasons=reasons)


@_oversight
@require_safe
def figure_version(request: UserRequest, public_id: str) -> HttpResponse:
    """One version: who checked and signed, its values, splits and restatements; `prove` computes all hashes anew."""
    version = _version_or_404(request, public_id)
    figure, by = request.GET.get("figure", ""), request.GET.get("by", "")
    choices = split_choices(version)
    if (figure or by) and (figure, by) not in {(choice.figure, choice.by) for choice in choices}:
        raise Http404
    chosen = next(
        (choice for choice in choices if (choice.figure, choice.by) == (figure, by)), next(iter(choices), None)
    )
    restatements = Paginator(version.restatements.all(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "version": version,
        "newer": newer_than(version) if version.is_signed else None,
        "spans": list(span_labels(version).values()),
        "lines": headline_lines(version),
        "choices": choices,
        "chosen": chosen,
        "split": split_lines(version, chosen) if chosen else [],
        "restatements": restatements,
        "restated": restated_lines(restatements.object_list),
        "is_sealed": is_sealed(version),
        "proof": prove(version) if request.GET.get("prove") == "1" else None,
        "may_sign": request.user.has_perm("mechanism.sign_figureversion"),
        "may_check": request.user.has_perm("mechanism.check_figureversion"),
        "is_own_check": version.checked_by_id == request.user.pk,
    }
    return render(request, "mechanism/workbench/figure_version.html", context)


@_oversight
@require_POST
@reauthentication_required(app="mechanism")
def figure_version_sign(request: HttpRequest, public_id: str) -> HttpResponse:
    """Asks for the password or the second factor again before it signs."""
    user = user_of(request)
    version = get_object_or_404(FigureVersion.objects.visible_to(user), public_id=public_id)
    try:
        sign_version(version, by=user, content_hash=request.POST.get("content_hash", ""))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, f"已签发{version}。公开页面从现在起使用这一版。")
    return redirect("figure_version", public_id)


@_oversight
@require_POST
def figure_version_withdraw(request: UserRequest, public_id: str) -> HttpResponse:
    version = _version_or_404(request, public_id)
    try:
        withdraw_check(version, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("figure_version", public_id)
    messages.success(request, "已撤回核对，可以重新核对。")
    return redirect("closing_check", version.period)


@_oversight
@require_safe
def figure_version_paper(request: UserRequest, public_id: str) -> HttpResponse:
    """The signed version as PDF; each download is recorded."""
    version = _version_or_404(request, public_id)
    if not version.is_signed:
        raise Http404
    address = request.build_absolute_uri(reverse("figure_check", args=[version.public_id]))
    try:
        content = paper.version_paper(version, address)
    except (PdfRenderingError, ValidationError) as error:
        messages.error(request, error.messages[0] if isinstance(error, ValidationError) else str(error))
        return redirect("figure_version", public_id)
    record("下载月结签发件", version, by=request.user)
    return send_download(content, f"{version}.pdf", "application/pdf")
