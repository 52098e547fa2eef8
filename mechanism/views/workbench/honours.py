"""The score of the user's own candidates in an honour, contract by contract, with the form for objections."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.requests import UserRequest
from mechanism.forms.honours import ObjectionForm
from mechanism.models import Honour
from mechanism.score_breakdowns import score_breakdowns


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def honour_score(request: UserRequest, public_id: str) -> HttpResponse:
    honour = get_object_or_404(Honour.objects.public(), public_id=public_id)
    own = honour.candidates.with_names().of(request.user)
    if not own:
        raise Http404
    form, status = ObjectionForm(request.POST or None, candidates=own, by=request.user), 200
    if request.method == "POST":
        if form.is_valid() and form.save():
            messages.success(request, "已提交。核实后改正登记、确认或到账，公布前会重新计算。")
            return redirect("honour_mine", public_id)
        status = 422
    context = {
        "honour": honour,
        "breakdowns": score_breakdowns(own, by=request.user),
        "form": form,
        "is_open": honour.is_open_to_objections,
    }
    return render(request, "mechanism/workbench/honour_score.html", context, status=status)
