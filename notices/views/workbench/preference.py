"""The user's choice of the kinds of notices that are mailed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.requests import UserRequest
from core.masking import mask_email
from notices import services
from notices.models import NoticeKind, Preference


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preference(request: UserRequest) -> HttpResponse:
    user = request.user
    if request.method == "POST":
        wanted = set(request.POST.getlist("wanted"))
        services.save_preference(user, no_mail="mail" not in request.POST, muted=set(NoticeKind.values) - wanted)
        messages.success(request, "已保存消息设置。")
        return redirect("notice_preference")
    saved = Preference.objects.filter(user=user).first()
    muted = saved.muted if saved else []
    context = {
        "address": mask_email(user.email) if user.email else "",
        "no_mail": bool(saved and saved.no_mail),
        "kinds": [(value, label, value not in muted) for value, label in NoticeKind.choices],
    }
    return render(request, "notices/workbench/preference.html", context)
