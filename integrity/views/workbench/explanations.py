"""What the user's organisations are asked to explain, and their answers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import UserRequest
from core.downloads import send_stored
from core.pagination import PAGE_SIZE
from integrity.forms import AnswerForm
from integrity.models import Explanation
from integrity.presentation import own_contracts, own_payments


@login_required
@require_safe
def explanations(request: UserRequest) -> HttpResponse:
    """Those of the own organisations: what waits first."""
    rows = Explanation.objects.addressed_to(request.user).select_related("case", "organisation", "answered_by")
    page = Paginator(rows.order_by("answered_at", "due_on", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "integrity/workbench/explanations.html", {"page": page})


@login_required
@require_http_methods(["GET", "POST"])
def explanation(request: UserRequest, public_id: str) -> HttpResponse:
    """One question with the own contracts that it is about; POST answers it."""
    rows = Explanation.objects.visible_to(request.user).select_related("case", "organisation", "answered_by")
    row = get_object_or_404(rows, public_id=public_id)
    may_answer = Explanation.objects.addressed_to(request.user).filter(pk=row.pk).exists()
    form = AnswerForm(explanation=row, by=request.user)
    if request.method == "POST":
        if not may_answer:
            raise PermissionDenied("说明由被问到的单位的专员作出。")
        form = AnswerForm(request.POST, request.FILES, explanation=row, by=request.user)
        if form.is_valid() and form.save():
            messages.success(request, "已提交说明，谢谢。市科技局核查后会作出决定。")
            return redirect("integrity_explanation", public_id)
        row.refresh_from_db()
    context = {
        "explanation": row,
        "contracts": own_contracts(row),
        "payments": own_payments(row),
        "form": form if may_answer and row.is_pending else None,
        "faulty": form if form.is_bound else None,
    }
    return render(request, "integrity/workbench/explanation.html", context, status=422 if form.is_bound else 200)


@login_required
@require_safe
def explanation_file(request: UserRequest, public_id: str) -> FileResponse:
    row = get_object_or_404(Explanation.objects.visible_to(request.user), public_id=public_id)
    if not row.file:
        raise Http404
    return send_stored(row.file, row.file_name, row.file_type)
