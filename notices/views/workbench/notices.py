"""The user's notices: the list, and marking them as read."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from notices import services
from notices.models import Notice, NoticeKind

PAGE_SIZE = 20


@login_required
@require_safe
def notices(request: UserRequest) -> HttpResponse:
    own = Notice.objects.for_user(request.user)
    labels = dict(NoticeKind.choices)
    kind = request.GET.get("kind", "")
    if kind not in labels:
        kind = ""
    kinds_in_list = set(own.order_by().values_list("kind", flat=True).distinct())
    context = {
        "page": Paginator(own.filter(kind=kind) if kind else own, PAGE_SIZE).get_page(request.GET.get("page")),
        "kind": kind,
        "kinds": [(value, label) for value, label in labels.items() if value in kinds_in_list],
        "unread": own.unread().count(),
    }
    return render(request, "notices/workbench/notices.html", context)


@login_required
@require_POST
def read(request: UserRequest, public_id: str) -> HttpResponse:
    """Mark one notice as read and redirect to the page it links to."""
    notice = get_object_or_404(Notice.objects.for_user(request.user), public_id=public_id)
    services.mark_read(notice)
    return redirect(notice.path)


@login_required
@require_POST
def read_all(request: UserRequest) -> HttpResponse:
    count = services.mark_all_read(request.user)
    messages.success(request, f"已把 {count} 条消息标为已读。" if count else "没有未读的消息。")
    return redirect("notices")
