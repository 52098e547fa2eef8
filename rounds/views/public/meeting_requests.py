"""Where a party says whom it would like to meet at a round: signed in, or by the code of its invitation."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from core.throttling import against_guessing
from rounds.models import MeetingRequest, Party
from rounds.own_requests import request_lines
from rounds.services.meeting_requests import (
    MAX_MOST_WANTED,
    MAX_REQUESTS,
    mark_most_wanted,
    request_meeting,
    requestable_achievements,
    requestable_demands,
    why_requests_closed,
    withdraw_request,
)
from search.bigrams import is_searchable

PAGE_SIZE = 30


@login_required
@require_http_methods(["GET", "POST"])
def my_wishes(request, public_id: str):
    """For the officers of the party alone; staff have a page of their own."""
    mine = Party.objects.represented_by(request.user).exclude(docking_round__status="preparing")
    mine = mine.select_related("docking_round", "organisation")
    return _page(request, get_object_or_404(mine, public_id=public_id), by=request.user)


@require_http_methods(["GET", "POST"])
@against_guessing
def party_wishes(request, code: str):
    """The same for whoever has the code. Kept out of caches and search engines."""
    coming = Party.objects.coming().exclude(docking_round__status="preparing")
    party = get_object_or_404(coming.select_related("docking_round", "organisation"), code=code)
    return _page(request, party, by=None)


def _page(request, party: Party, *, by):
    if request.method == "POST":
        return _step(request, party, by)
    is_firm = party.side == Party.Side.FIRM
    lines = request_lines(party)
    closed = why_requests_closed(party)
    q = request.GET.get("q", "").strip()[:60]
    page = None if closed else Paginator(_offered(party, q), PAGE_SIZE).get_page(request.GET.get("page"))
    said = {line.request.achievement_id or line.request.demand_id for line in lines}
    context = {
        "party": party,
        "round": party.docking_round,
        "is_firm": is_firm,
        "by_code": by is None,
        "lines": lines,
        "standing": sum(line.is_active for line in lines),
        "most": sum(line.request.is_most for line in lines),
        "most_wishes": MAX_REQUESTS,
        "most_wanted": MAX_MOST_WANTED,
        "closed": closed,
        "q": q,
        "page": page,
        "rows": [(one, one.pk in said) for one in page] if page else [],
    }
    response = render(request, "rounds/public/plans/meeting_requests.html", context)
    response["X-Robots-Tag"] = "noindex, nofollow"
    add_never_cache_headers(response)
    return response


def _offered(party: Party, q: str):
    if party.side == Party.Side.FIRM:
        found = requestable_achievements(party)
        return found.filter(Q(title__icontains=q) | Q(institution__name__icontains=q)) if q else found
    found = requestable_demands(party)
    return found.search(q) if is_searchable(q) else found


def _step(request, party: Party, by):
    """One press: a wish for `target`, or something with the party's own `wish`."""
    kind = request.POST.get("kind", "")
    try:
        if kind == "wish":
            target = _offered(party, "").filter(public_id=request.POST.get("target", "")).first()
            request_meeting(party, target, by=by)
            messages.success(request, "已提出。日程发布前可以回来撤回或标为最想谈。")
        elif kind in ("most", "unmost", "withdraw"):
            rows = MeetingRequest.objects.filter(party=party).select_related(
                "achievement", "demand__firm", "party", "meeting__firm_party", "meeting__institution_party"
            )
            own = rows.filter(public_id=request.POST.get("wish", "")).first()
            if own is None:
                raise ValidationError("没有找到这一项，请刷新页面。")
            if kind == "withdraw":
                withdraw_request(own, by=by)
                messages.success(request, "已撤回。")
            else:
                mark_most_wanted(own, is_most=kind == "most", by=by)
                messages.success(request, "已标为最想谈。" if kind == "most" else "已取消“最想谈”。")
        else:
            raise BadRequest
    except ValidationError as refusal:
        messages.error(request, "".join(refusal.messages))
    return redirect(request.get_full_path())
