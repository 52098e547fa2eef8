"""The page of a completer's monthly letter, and the end of the letters with one click. Opening changes nothing."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from achievements.models import Achievement
from core.scope import is_outsider
from core.throttling import throttle_guessing
from correspondence.letter_links import is_expired, letter_of_token, token_of
from correspondence.letter_text import item_lines
from correspondence.models import CompleterLetter, LetterPreference
from correspondence.models.letter import month_text
from correspondence.services.letters import months_of, resume_letters, stop_letters
from portfolio.models import RenewalAnswer
from portfolio.renewal_links import link_of


@require_safe
@throttle_guessing
def letter_page(request: HttpRequest, token: str) -> HttpResponse:
    letter = letter_of_token(token)
    if letter is None or is_expired(letter):
        raise Http404
    contact = letter.contact
    rows = months_of([contact], letter.month, contact.organisation)[contact.pk]
    context = {
        "letter": letter,
        "contact": contact,
        "month": month_text(letter.month),
        "items": [{"row": row, "lines": item_lines(row), "renewal": _renewal_link(row.achievement)} for row in rows],
        "token": token,
        "is_stopped": _is_stopped(letter),
    }
    return _private(render(request, "correspondence/public/letter.html", context))


@csrf_exempt  # one-click unsubscribe (RFC 8058): mail programs post without loading a page; the token is the permission
@require_http_methods(["GET", "HEAD", "POST"])
@throttle_guessing
def letter_stop(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button and changes nothing. POST stops the letters of this person; with `resume` it starts them."""
    letter = letter_of_token(token)
    if letter is None:
        raise Http404
    if request.method == "POST":
        if is_outsider(request.user, letter.contact.organisation_id):
            raise PermissionDenied("您登录的账号不是这个单位的，不能代替本人。请退出登录后再打开链接。")
        if request.POST.get("resume"):
            resume_letters(letter.contact, by=None)
        else:
            stop_letters(letter.contact, by=None)
        if request.POST.get("List-Unsubscribe") == "One-Click":
            return HttpResponse(status=204)
    context = {
        "letter": letter,
        "token": token_of(letter),
        "is_stopped": _is_stopped(letter),
        "is_done": request.method == "POST",
        "opens": not is_expired(letter),
    }
    return _private(render(request, "correspondence/public/letter_stop.html", context))


def _renewal_link(achievement: Achievement) -> str:
    """The person's own open link of a renewal campaign, where what is wrong can be corrected."""
    if achievement.contact is None or achievement.contact.name != achievement.lead_person:
        return ""
    waiting = RenewalAnswer.objects.undecided().filter(achievement=achievement, request__revoked_at=None)
    answer = waiting.filter(request__college="").select_related("request__campaign").first()
    return link_of(answer.request) if answer and not answer.request.campaign.is_over else ""


def _is_stopped(letter: CompleterLetter) -> bool:
    return LetterPreference.objects.filter(contact=letter.contact_id, stopped_at__isnull=False).exists()


def _private(response: HttpResponse) -> HttpResponse:
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
