"""After a talk: the firm answers a question by its link, staff write down what was said by telephone, and an
institution reads why its achievements did not fit."""

from collections import Counter

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_safe

from core import throttling
from matching.check_forms import CheckForm
from matching.models import Decision, FollowUpCheck, Match
from matching.services.asking import may_follow
from matching.services.checks import check_of_code


@require_http_methods(["GET", "POST"])
def check(request, code):
    """The question of whoever holds the link. Nothing of the other side is on it but its name and its achievement."""
    if throttling.is_throttled(request):
        return throttling.throttled_response(request)
    found = check_of_code(code)
    if found is None:
        throttling.record_failed_attempt(request)
        return render(request, "matching/public/check_unknown.html", status=404)
    response = _page(request, found)
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _page(request, found: FollowUpCheck):
    form = None
    if found.is_open and found.follow_up.is_agreed:
        form = CheckForm(request.POST or None, check=found)
        if request.method == "POST":
            if form.is_valid() and form.save():
                messages.success(request, "已收到答复，谢谢。")
                return redirect("check", found.code)
            found.refresh_from_db()
    context = {"check": found, "match": found.follow_up.match, "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "matching/public/check.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def check_by_phone(request, public_id):
    """Whoever follows the pair writes down what the firm said."""
    rows = FollowUpCheck.objects.visible_to(request.user).select_related(
        "follow_up__owner", "follow_up__match__achievement__institution", "follow_up__match__demand__firm"
    )
    found = get_object_or_404(rows, public_id=public_id)
    if not may_follow(found.follow_up, request.user) or not found.is_open or not found.follow_up.is_agreed:
        raise Http404
    form = CheckForm(request.POST or None, check=found, by=request.user)
    if request.method == "POST" and form.is_valid() and form.save():
        messages.success(request, "已记录回访。")
        return redirect("follow_up", found.follow_up.public_id)
    context = {"check": found, "match": found.follow_up.match, "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "matching/workbench/check_by_phone.html", context, status=status)


@login_required
@require_safe
def talk_feedback(request):
    """Per achievement of the user's institutions: which reasons of the list were given after talks, and how often.
    No firm is named, and nobody's own words are repeated."""
    rows = Decision.objects.standing().filter(
        kind=Decision.Kind.UNFIT, match__achievement__institution__in=request.user.scope.institution_ids
    )
    counted: dict = {}
    for title, public_id, reason in rows.values_list(
        "match__achievement__title", "match__achievement__public_id", "reason"
    ):
        counted.setdefault((title, public_id), Counter())[reason] += 1
    found = [
        {
            "title": title,
            "public_id": public_id,
            "reasons": [(Match.RejectReason(reason).label, number) for reason, number in reasons.most_common()],
            "total": reasons.total(),
        }
        for (title, public_id), reasons in counted.items()
    ]
    found.sort(key=lambda row: (-row["total"], row["title"]))
    return render(request, "matching/workbench/talk_feedback.html", {"rows": found})
