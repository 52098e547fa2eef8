"""Everybody's own notices: the list, reading, what to be mailed about, and the link that stops the mail."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.masking import mask_email
from notices import services
from notices.models import Kind, Notice, Preference
from notices.unsubscribing import whose

PAGE_SIZE = 20


@login_required
@require_safe
def notices(request):
    own = Notice.objects.of(request.user)
    kinds = dict(Kind.choices)
    kind = request.GET.get("kind", "")
    shown = own.filter(kind=kind) if kind in kinds else own
    page = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "kind": kind if kind in kinds else "",
        "kinds": [
            (value, label)
            for value, label in kinds.items()
            if value in set(own.order_by().values_list("kind", flat=True).distinct())
        ],
        "unread": own.unread().count(),
    }
    return render(request, "notices/list.html", context)


@login_required
@require_POST
def read(request, public_id):
    """Open one: it is read, and leads to its page."""
    notice = get_object_or_404(Notice.objects.of(request.user), public_id=public_id)
    services.mark_read(notice)
    return redirect(notice.path)


@login_required
@require_POST
def read_all(request):
    number = services.mark_all_read(request.user)
    messages.success(request, f"已把 {number} 条消息标为已读。" if number else "没有未读的消息。")
    return redirect("notices")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preference(request):
    user = request.user
    if request.method == "POST":
        wanted = set(request.POST.getlist("wanted"))
        services.save_preference(user, no_mail="mail" not in request.POST, muted=set(Kind.values) - wanted)
        messages.success(request, "已保存消息设置。")
        return redirect("notice_preference")
    chosen = Preference.objects.filter(user=user).first()
    muted = chosen.muted if chosen else []
    context = {
        "address": mask_email(user.email) if user.email else "",
        "no_mail": bool(chosen and chosen.no_mail),
        "kinds": [(value, label, value not in muted) for value, label in Kind.choices],
    }
    return render(request, "notices/preference.html", context)


@csrf_exempt  # mail programs send the one click of RFC 8058 without having seen a page; the token is the permission
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request, token):
    """Whoever has the link of a mail stops that person's mail. Looking at the page changes nothing."""
    user = whose(token)
    if user is None:
        raise Http404
    if request.method == "POST":
        services.stop_mail(user)
        if request.POST.get("List-Unsubscribe") == "One-Click":
            return HttpResponse(status=204)
    return render(request, "notices/unsubscribe.html", {"is_done": request.method == "POST", "token": token})
