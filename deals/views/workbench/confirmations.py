"""What the user's organisations are asked to confirm, and what the staff has to follow up."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.requests import UserRequest
from core.pagination import PAGE_SIZE
from deals.confirmation_presentation import author_text, available_forms, record_url, related_confirmations
from deals.confirmation_subjects import matter_label
from deals.forms.confirmations import FORMS
from deals.models import Confirmation

TABS = {"mine": "待您确认", "listed": "待核对", "answered": "已答复"}
STAFF_TABS = {"disputed": "有异议", "overdue": "逾期未答", "proof": "凭证待核", "waiting": "待对方确认"}


@login_required
@require_safe
def confirmations(request: UserRequest) -> HttpResponse:
    """`?show=` a key of TABS, for the staff also of STAFF_TABS."""
    user = request.user
    is_staff = user.scope.sees_all or user.scope.is_district
    own = Confirmation.objects.addressed_to(user)
    labels = (TABS if own.exists() or not is_staff else {}) | (STAFF_TABS if is_staff else {})
    lists = {key: _rows(user, key) for key in labels}
    tab = request.GET.get("show", "")
    tab = tab if tab in lists else next((key for key in lists if key in ("mine", "disputed")), "")
    rows = lists[tab].select_related("organisation", "broker", "asked_by").order_by("asked_at", "pk")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [{"confirmation": row, "matter": matter_label(row)} for row in page],
        "tab": tab,
        "tabs": [(key, label, lists[key].order_by().count()) for key, label in labels.items()],
        "is_staff_tab": tab in STAFF_TABS,
    }
    return render(request, "deals/workbench/confirmations.html", context)


def _rows(user: User, tab: str) -> QuerySet[Confirmation]:
    own, managed = Confirmation.objects.addressed_to(user), Confirmation.objects.managed_by(user)
    return {
        "mine": own.pending().exclude(matter="listed"),
        "listed": own.pending().filter(matter="listed"),
        "answered": own.current().exclude(status="pending"),
        "disputed": managed.filter(objected_at__isnull=False, decision=""),
        "overdue": managed.overdue().exclude(matter="listed"),
        "proof": managed.pending().filter(proof__isnull=False),
        "waiting": managed.pending().exclude(matter="listed"),
    }[tab]


@login_required
@require_http_methods(["GET", "POST"])
def confirmation(request: UserRequest, public_id: str) -> HttpResponse:
    """One confirmation with its facts; POST with `action`, a key of FORMS."""
    rows = Confirmation.objects.visible_to(request.user).select_related("organisation", "broker__agency", "asked_by")
    row = get_object_or_404(rows, public_id=public_id)
    if request.method == "GET":
        return _page(request, row)
    action = request.POST.get("action", "")
    if action not in FORMS:
        raise Http404
    forms = {form.action: form for form in available_forms(row, request.user)}
    if action not in forms:
        if not forms:
            raise PermissionDenied("这项记录不由您答复。")
        messages.error(request, "现在不能这样做，请看最新的内容。")
        return redirect("confirmation", public_id)
    form = forms[action](request.POST, confirmation=row, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, form.done)
        return redirect("confirmation", public_id)
    row.refresh_from_db()
    return _page(request, row, faulty=form, status=422)


def _page(request: UserRequest, row: Confirmation, *, faulty=None, status: int = 200) -> HttpResponse:
    forms = [
        faulty if faulty and faulty.action == form.action else form(confirmation=row, by=request.user)
        for form in available_forms(row, request.user)
    ]
    if faulty and faulty not in forms:
        messages.error(request, "；".join(faulty.non_field_errors()) or "请看最新的内容再答复。")
    context = {
        "confirmation": row,
        "matter": matter_label(row),
        "author": author_text(row),
        "action_url": request.path,
        "forms": forms,
        "faulty": faulty if faulty in forms else None,
        "others": related_confirmations(row, request.user),
        "record_url": record_url(row, request.user),
    }
    return render(request, "deals/workbench/confirmation.html", context, status=status)
