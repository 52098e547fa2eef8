"""Answering by the link in a mail, without an account. GET changes nothing: mail scanners open links."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from core.throttling import throttle_guessing
from deals.confirmation_presentation import author_text
from deals.confirmation_subjects import matter_label
from deals.forms.confirmations import ConfirmForm, ObjectForm
from deals.models import Confirmation
from deals.permissions import represents_party
from deals.services.confirmation_links import confirmation_by_link

LINK_FORMS = {form.action: form for form in (ConfirmForm, ObjectForm)}


@require_http_methods(["GET", "POST"])
@throttle_guessing
def confirmation_link(request: HttpRequest, token: str) -> HttpResponse:
    """The facts of one confirmation for one party. A used, replaced or old link is answered like an unknown one."""
    row = confirmation_by_link(token)
    if row is None:
        raise Http404
    user = request.user
    if user.is_authenticated and not represents_party(user, row):
        raise PermissionDenied("这个链接只供被写明的单位使用。您登录的账号不属于这个单位，不能代为答复。")
    if request.method == "GET":
        return _page(request, row)
    action = request.POST.get("action", "")
    if action not in LINK_FORMS:
        raise Http404
    form = LINK_FORMS[action](request.POST, confirmation=row, by=None)
    if form.is_valid() and form.save():
        return _closed(render(request, "deals/public/confirmation_done.html", {"text": form.done}))
    return _page(request, row, faulty=form, status=422)


def _page(request: HttpRequest, row: Confirmation, *, faulty=None, status: int = 200) -> HttpResponse:
    forms = [
        faulty if faulty and faulty.action == action else form(confirmation=row, by=None)
        for action, form in LINK_FORMS.items()
    ]
    context = {
        "confirmation": row,
        "matter": matter_label(row),
        "author": author_text(row),
        "action_url": request.path,
        "forms": forms,
        "faulty": faulty,
    }
    return _closed(render(request, "deals/public/confirmation_link.html", context, status=status))


def _closed(response: HttpResponse) -> HttpResponse:
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
