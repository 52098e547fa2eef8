"""我想谈这项: the form on the page of an achievement. What somebody writes before signing in waits in the session."""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.requests import user_of
from achievements.models import Achievement
from core.csrf import accept_same_origin
from core.throttling import throttle_posts
from enquiries.forms import EnquiryForm, firms_to_ask_for
from enquiries.models.approach import MAX_TEXT
from enquiries.presentation import open_enquiry_of
from sheets.cells import clean_text

DRAFT = "enquiry_draft"
"""Session key: {field: text} of the enquiry that was written before signing in, with the id of its achievement."""


@accept_same_origin
@require_http_methods(["GET", "HEAD", "POST"])
@throttle_posts("enquire", limit=120, seconds=600)
def enquire(request: HttpRequest, public_id: str) -> HttpResponse:
    achievements = Achievement.objects.visible_to(request.user).published().select_related("institution")
    achievement = get_object_or_404(achievements, public_id=public_id)
    user = user_of(request) if request.user.is_authenticated else None
    running = open_enquiry_of(user, achievement) if user else None
    sent_before = running is not None and running.text == clean_text(request.POST.get("text", ""), multiline=True)
    if running and (request.method != "POST" or sent_before):  # a new text comes back with the reason
        messages.info(request, "贵单位对这项成果已有一条进行中的询问，请在这里继续。")
        return redirect("approach", running.public_id)
    if request.method != "POST":
        return _render(
            request, achievement, EnquiryForm(achievement=achievement, by=user, initial=_draft(request, achievement))
        )
    if user is None:
        return _keep_and_sign_in(request, achievement)
    form = EnquiryForm(request.POST, achievement=achievement, by=user)
    if form.is_valid() and form.save() and form.sent:
        request.session.pop(DRAFT, None)
        due = form.sent.answer_due_on
        messages.success(request, f"已送达{achievement.institution.name}，请对方在 {due.month} 月 {due.day} 日前答复。")
        return redirect("approach", form.sent.public_id)
    return _render(request, achievement, form, status=422)


def _keep_and_sign_in(request: HttpRequest, achievement: Achievement) -> HttpResponse:
    """Keep what was written and ask to sign in. The page after it shows the text again, to be sent."""
    request.session[DRAFT] = {
        "achievement": achievement.public_id,
        "purpose": request.POST.get("purpose", "")[:10],
        "text": request.POST.get("text", "")[:MAX_TEXT],
        "is_anonymous": bool(request.POST.get("is_anonymous")),
    }
    messages.info(request, "写的内容已经保留。请用企业账号登录，登录后确认发出；还没有账号可以先注册企业。")
    return redirect_to_login(reverse("enquire", args=[achievement.public_id]))


def _draft(request: HttpRequest, achievement: Achievement) -> dict:
    """What waits in the session, or the problem that another page hands over as the parameter `text`."""
    draft = request.session.get(DRAFT)
    if draft and draft.get("achievement") == achievement.public_id:
        return draft
    return {"text": text} if (text := clean_text(request.GET.get("text", ""), multiline=True)[:MAX_TEXT]) else {}


def _render(request: HttpRequest, achievement: Achievement, form: EnquiryForm, *, status: int = 200) -> HttpResponse:
    user: User | None = form.by
    context = {
        "achievement": achievement,
        "form": form,
        "is_offered": Achievement.objects.on_offer().filter(pk=achievement.pk).exists(),
        "is_own": user is not None and achievement.institution_id in user.scope.institution_ids,
        "may_send": user is None or firms_to_ask_for(user).exists(),
        "is_restored": bool(form.initial.get("achievement")) and not form.is_bound,
    }
    return render(request, "enquiries/public/enquire.html", context, status=status)
