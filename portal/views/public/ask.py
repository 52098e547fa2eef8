"""A problem in words and its answer, for everybody. Posted, so that a firm's problem stands in no log and no address.

Nothing is stored but what the visitor wants to make a demand, which stays in the session.
"""

import re
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from core.client_address import client_address
from core.csrf import accept_same_origin
from core.throttling import exceeds
from matching.engine.problem_parts import is_problem
from portal.kept_problem import keep_problem
from portal.problem_answers import answer_problem
from portal.problem_cells import READ_CHARS, Problem, posted_problem
from portal.record_kinds import DEMAND

LIMIT, SECONDS = 30, 60
"""Questions of one address (one user, if signed in) in so many seconds."""
MAX_SEARCH_CHARS = 60

EMPTY = "还没有写难题。写一句就行：什么东西、坏在哪儿、想要它变成什么样。"
NO_WORDS = "没有看到文字，只有标点或符号。请用一句话写出难题，例如“船体焊缝变形大，校正费工”。"
TOO_MANY = "您问得太快了，请过一分钟再点“找能解决的”。您写的内容还在下面，没有丢。"


@accept_same_origin
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The box alone, or the answer to what was posted. Words and numbers that describe no problem are searched for."""
    if request.method != "POST":
        return _render(request, Problem(""))
    problem = posted_problem(request.POST)
    if not re.search(r"\w", problem.text):
        return _render(request, problem, error=NO_WORDS if problem.text else EMPTY, status=422)
    is_new = not {"read", "need", "as_problem"} & request.POST.keys()
    if is_new and len(problem.text) <= MAX_SEARCH_CHARS and not is_problem(problem.text):
        return redirect(search_url(problem.text))
    if "need" in request.POST:
        return _make_need(request, problem)
    if _asks_too_often(request):
        response = _render(request, problem, error=TOO_MANY, status=429)
        response.headers["Retry-After"] = str(SECONDS)
        return response
    return _render(request, problem, is_answered=True)


def search_url(words: str) -> str:
    """The address of the search for words across all kinds."""
    return f"{reverse('search')}?{urlencode({'q': words})}"


def _asks_too_often(request: HttpRequest) -> bool:
    user = request.user
    asker = f"user-{user.pk}" if user.is_authenticated else client_address(request) or ""
    return exceeds("ask", asker, LIMIT, SECONDS)


def _make_need(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Keep the problem and go to the demand's form, for visitors by way of the login."""
    user = request.user
    if user.is_authenticated and not DEMAND.may_create(user):
        text = f"您的账号不能发布需求，发布需求要用{DEMAND.officer_title}的账号。"
        return _render(request, problem, error=text, status=403)
    keep_problem(request.session, problem)
    if user.is_authenticated:
        return redirect(DEMAND.new_url)
    messages.info(request, "您写的难题已经留着：登录后会填进需求表，由您核对。还没有账号的，请先企业注册。")
    return redirect(f"{reverse('login')}?{urlencode({'next': DEMAND.new_url})}")


def _render(
    request: HttpRequest, problem: Problem, *, error: str = "", status: int = 200, is_answered: bool = False
) -> HttpResponse:
    answer = answer_problem(problem, user=request.user) if is_answered else None
    context = {
        "problem": problem,
        "answer": answer,
        "error": error,
        "read_chars": READ_CHARS,
        "search_url": search_url(problem.text) if answer and len(problem.text) <= MAX_SEARCH_CHARS else "",
    }
    return render(request, "portal/public/ask.html", context, status=status)
