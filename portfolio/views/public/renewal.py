"""The page behind a link of a renewal campaign: a completer answers without an account. Opening it changes nothing."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from audit.revisions import compare, json_values
from core.scope import is_outsider
from core.throttling import throttle_guessing, throttle_posts
from members.models import Delegation
from portfolio.models import RenewalAnswer, RenewalRequest
from portfolio.renewal_form import RenewalForm
from portfolio.renewal_links import days_left, recipient_of, request_of_token
from portfolio.services.consents import consent_in_force, give_consent, revoke_consent
from portfolio.services.renewals import answer as store_answer

Status = RenewalAnswer.Status
POSTS, SECONDS = 200, 3600


@require_http_methods(["GET", "HEAD", "POST"])
@throttle_guessing
@throttle_posts("renewal", POSTS, SECONDS)
def renewal(request: HttpRequest, token: str) -> HttpResponse:
    """POST `item` and `answer`: valid, corrected, ended; or `consent`: give, revoke."""
    asked = request_of_token(token)
    if asked is None:
        raise Http404
    school = asked.campaign.institution_id
    takes_part = Delegation.objects.of(request.user).filter(organisation=school).exists()
    outsider = is_outsider(request.user, school) and not takes_part
    faulty: RenewalForm | None = None
    if request.method == "POST":
        if outsider:
            raise PermissionDenied("您登录的账号不是这个单位的，不能代替完成人答复。请退出登录后再打开链接。")
        faulty = _post(request, asked)
        if faulty is None:
            response: HttpResponse = redirect("renewal", token)
            add_never_cache_headers(response)
            return response
    response = _page(request, asked, faulty, is_open=not outsider)
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _post(request: HttpRequest, asked: RenewalRequest) -> RenewalForm | None:
    """Store what was posted. Returns a form with errors if the corrections cannot be read."""
    rows = asked.answers.select_related("achievement__institution", "request__campaign")
    row = get_object_or_404(rows, public_id=request.POST.get("item", "")[:10])
    try:
        if step := request.POST.get("consent"):
            _note_consent(request, row, step)
            return None
        status, after = request.POST.get("answer", ""), None
        if status not in {Status.VALID, Status.CORRECTED, Status.ENDED}:
            raise ValidationError("请选择一个答复。")
        if status == Status.CORRECTED:
            form = RenewalForm(request.POST, instance=row.achievement, prefix=row.public_id)
            if not form.is_valid():
                return form
            after = form.corrections
        note = request.POST.get("note", "")
        store_answer(row, status, request=asked, after=after, note=note)
        messages.success(request, "已收到，谢谢。在单位处理以前还可以再改。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return None


def _note_consent(request: HttpRequest, row: RenewalAnswer, step: str) -> None:
    """Of the person in charge; a college gives no consent for a person."""
    if row.request.college:
        raise PermissionDenied
    if step == "give":
        give_consent(row.achievement, row.achievement.lead_person, by=None)
        messages.success(request, "已登记您的同意，以后可以在这里撤回。")
    else:
        revoke_consent(row.achievement, row.achievement.lead_person, by=None)
        messages.success(request, "已登记：您不同意继续公开。单位已收到通知，成果暂停对接。")


def _page(request: HttpRequest, asked: RenewalRequest, faulty: RenewalForm | None, *, is_open: bool) -> HttpResponse:
    rows = list(asked.answers.select_related("achievement__institution").order_by("pk"))
    items = [_item(row, asked, faulty) for row in rows]
    context = {
        "asked": asked,
        "recipient": recipient_of(asked, [row.achievement for row in rows]),
        "days_left": days_left(asked),
        "items": items,
        "waiting": sum(row.status == Status.WAITING and row.decided_at is None for row in rows),
        "is_open": is_open,
    }
    return render(request, "portfolio/public/renewal.html", context, status=422 if faulty else 200)


def _item(row: RenewalAnswer, asked: RenewalRequest, faulty: RenewalForm | None) -> dict[str, Any]:
    item = row.achievement
    form = faulty if faulty is not None and faulty.prefix == row.public_id else None
    if faulty is not None and form is not None:
        item.refresh_from_db()
    return {
        "row": row,
        "item": item,
        "form": form or RenewalForm(instance=item, prefix=row.public_id),
        "has_errors": form is not None,
        "changes": compare(type(item), json_values(item, row.after), row.after),
        "asks_consent": not asked.college,
        "consent": None if asked.college else consent_in_force(item, item.lead_person),
    }
