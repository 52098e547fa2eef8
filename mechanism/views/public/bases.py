"""Pilot bases and proof-of-concept centres: list, detail page and the request form on it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import UserRequest
from core.pagination import PAGE_SIZE
from mechanism.forms.base_requests import BaseRequestForm
from mechanism.models import Base, FreePeriod
from mechanism.public_results import public_trials
from taxonomy.models import Industry, MaturityBucket


def _current_free_periods() -> Prefetch:
    return Prefetch("free_periods", FreePeriod.objects.filter(ends_on__gte=timezone.localdate()), to_attr="free")


@require_safe
def base_list(request: HttpRequest) -> HttpResponse:
    """Filtered by kind, field, maturity and keywords."""
    bases = Base.objects.visible_to(request.user).listed().with_operator()
    fields = Industry.objects.filter(pk__in=bases.order_by().values("fields"))
    chosen = {name: request.GET.get(name, "") for name in ("kind", "field", "takes", "q")}
    if chosen["kind"] in Base.Kind.values:
        bases = bases.filter(kind=chosen["kind"])
    if chosen["field"]:
        bases = bases.filter(fields__slug=chosen["field"][:60].replace("\0", "")).distinct()
    if chosen["takes"] in MaturityBucket.values:
        bases = bases.filter(takes__contains=[chosen["takes"]])
    for word in chosen["q"].replace("\0", "").split()[:5]:
        bases = bases.filter(Q(name__icontains=word) | Q(description__icontains=word) | Q(capacity__icontains=word))
    rows = bases.select_related("organisation", "region").prefetch_related("fields", _current_free_periods())
    context = {
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "chosen": chosen,
        "is_filtered": any(chosen.values()),
        "kinds": Base.Kind.choices,
        "fields": fields,
        "buckets": MaturityBucket.choices,
    }
    return render(request, "mechanism/public/base_list.html", context)


@require_safe
def base_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    return _render_detail(request, _base_or_404(request, public_id))


@login_required
@require_POST
def base_ask(request: UserRequest, public_id: str) -> HttpResponse:
    base = _base_or_404(request, public_id)
    if not _may_request(request.user):
        raise PermissionDenied("院校和企业可以向基地申请。")
    form = BaseRequestForm(request.POST, base=base, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, "申请已发出，答复后您会收到消息。")
        return redirect("base_requests")
    return _render_detail(request, base, form=form, status=422)


def _may_request(user: User) -> bool:
    return user.is_authenticated and bool(user.scope.institution_ids | user.scope.firm_ids)


def _base_or_404(request: HttpRequest, public_id: str) -> Base:
    rows = Base.objects.visible_to(request.user).select_related("organisation", "region")
    return get_object_or_404(rows.prefetch_related("fields", _current_free_periods()), public_id=public_id)


def _render_detail(
    request: HttpRequest, base: Base, *, form: BaseRequestForm | None = None, status: int = 200
) -> HttpResponse:
    if form is None and base.is_listed and _may_request(request.user):
        form = BaseRequestForm(base=base, by=request.user)
    context = {"base": base, "form": form, "trials": public_trials(base=base)}
    return render(request, "mechanism/public/base_detail.html", context, status=status)
