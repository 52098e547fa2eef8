"""Pilot bases and proof-of-concept centres: a public list, requests to them and their answers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.pagination import PAGE_SIZE
from mechanism.models import Base, BaseRequest, FreePeriod
from mechanism.services import answer_base_request, withdraw_base_request
from portal.base_forms import AskForm
from taxonomy.models import Industry, MaturityBucket


def _free_from_now():
    return Prefetch("free_periods", FreePeriod.objects.filter(ends_on__gte=timezone.localdate()), to_attr="free")


@require_safe
def base_list(request):
    """Narrowed by kind, field and the maturity they take."""
    bases = Base.objects.visible_to(request.user).listed()
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
    rows = bases.select_related("organisation", "region").prefetch_related("fields", _free_from_now())
    context = {
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "chosen": chosen,
        "is_narrowed": any(chosen.values()),
        "kinds": Base.Kind.choices,
        "fields": fields,
        "buckets": MaturityBucket.choices,
    }
    return render(request, "portal/base_list.html", context)


@require_safe
def base_detail(request, public_id):
    return _page(request, _found(request, public_id))


@login_required
@require_POST
def base_ask(request, public_id):
    base = _found(request, public_id)
    if not _may_ask(request.user):
        raise PermissionDenied("院校和企业可以向基地申请。")
    form = AskForm(request.POST, base=base, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, "申请已发出，答复后您会收到消息。")
        return redirect("base_requests")
    return _page(request, base, form=form, status=422)


@login_required
@require_safe
def base_requests(request):
    """What one's organisations asked for, and what waits for one's answer."""
    user = request.user
    rows = BaseRequest.objects.select_related("base", "organisation", "achievement", "answered_by")
    to_answer = rows.answerable_by(user).waiting().order_by("asked_at", "pk")
    context = {
        "to_answer": to_answer[:PAGE_SIZE],
        "page": Paginator(rows.visible_to(user), PAGE_SIZE).get_page(request.GET.get("page")),
        "own": set(BaseRequest.objects.of(user).waiting().values_list("pk", flat=True)),
    }
    return render(request, "portal/workbench/base_requests.html", context)


@login_required
@require_POST
def base_request_answer(request, public_id):
    """`answer`: accept or decline by who runs the base, withdraw by who asked."""
    asked = get_object_or_404(
        BaseRequest.objects.visible_to(request.user).select_related("base", "organisation"), public_id=public_id
    )
    answer, words = request.POST.get("answer"), request.POST.get("words", "")
    try:
        if answer == "withdraw":
            withdraw_base_request(asked, by=request.user)
            messages.success(request, "已撤回申请。")
        elif answer in {"accept", "decline"}:
            answer_base_request(asked, accept=answer == "accept", answer=words, by=request.user)
            messages.success(request, "已答复，申请人会收到消息。")
        else:
            messages.error(request, "请选择接受或不接受。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("base_requests")


def _may_ask(user) -> bool:
    return user.is_authenticated and bool(user.scope.institution_ids | user.scope.firm_ids)


def _found(request, public_id) -> Base:
    rows = Base.objects.visible_to(request.user).select_related("organisation", "region")
    return get_object_or_404(rows.prefetch_related("fields", _free_from_now()), public_id=public_id)


def _page(request, base: Base, *, form=None, status: int = 200):
    if form is None and base.is_listed and _may_ask(request.user):
        form = AskForm(base=base, by=request.user)
    return render(request, "portal/base_detail.html", {"base": base, "form": form}, status=status)
