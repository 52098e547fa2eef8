"""Publicised honours: list, detail page with rule and points, and the form for objections."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from mechanism.forms.honours import ObjectionForm
from mechanism.models import Honour


@require_safe
def honour_list(request: HttpRequest) -> HttpResponse:
    return render(request, "mechanism/public/honour_list.html", {"honours": Honour.objects.public()})


@require_safe
def honour_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    return _render_detail(request, get_object_or_404(Honour.objects.public(), public_id=public_id))


@login_required
@require_POST
def honour_object(request: UserRequest, public_id: str) -> HttpResponse:
    honour = get_object_or_404(Honour.objects.public(), public_id=public_id)
    form = ObjectionForm(request.POST, candidates=honour.candidates.with_names(), by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, "异议已提交，处理后会在公布名单时体现。")
        return redirect("honour_detail", public_id)
    return _render_detail(request, honour, form=form, status=422)


def _render_detail(
    request: HttpRequest, honour: Honour, form: ObjectionForm | None = None, status: int = 200
) -> HttpResponse:
    user = request.user
    if form is None and honour.is_open_to_objections and user.is_authenticated:
        form = ObjectionForm(candidates=honour.candidates.with_names(), by=user)
    context = {
        "honour": honour,
        "rows": honour.candidates.with_names().filter(points__gt=0),
        "is_open": honour.is_open_to_objections,
        "form": form,
        "is_candidate": user.is_authenticated and honour.candidates.of(user).exists(),
    }
    return render(request, "mechanism/public/honour_detail.html", context, status=status)
