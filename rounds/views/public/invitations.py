"""Where guests of a round answer: with their code and without an account, or signed in. Nothing of others is shown."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_safe

from core import throttling
from core.public_id import is_public_id
from rounds.forms import CodeForm, ReplyForm
from rounds.models import Party, Timetable
from rounds.services.invitation_answers import party_of_code, why_closed

UNKNOWN = "没有找到这个邀请码。请核对邀请函或邮件中的 10 位邀请码；邀请已经撤回的，也会看到这句话。"


@require_http_methods(["GET", "POST"])
def rsvp_code(request):
    """For whoever has a letter and types its code."""
    if throttling.is_throttled(request):
        return throttling.throttled_response(request)
    form = CodeForm(request.POST or None)
    if form.is_valid():
        code = form.cleaned_data["code"]
        if is_public_id(code) and party_of_code(code):
            return redirect("rsvp", code)
        throttling.record_failed_attempt(request)
        form.add_error("code", UNKNOWN)
    return render(request, "rounds/public/rsvp_code.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def rsvp(request, code):
    """The invitation of whoever holds the code."""
    if throttling.is_throttled(request):
        return throttling.throttled_response(request)
    party = party_of_code(code)
    if party is None:
        throttling.record_failed_attempt(request)
        return render(request, "rounds/public/rsvp_unknown.html", {"text": UNKNOWN}, status=404)
    response = _page(request, party, by=None)
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@login_required
@require_safe
def my_invitations(request):
    """Every round this user's organisations were asked to."""
    rows = Party.objects.spoken_for_by(request.user).select_related("organisation", "docking_round")
    rows = rows.exclude(docking_round__status="preparing").order_by("-docking_round__starts_at", "pk")
    rows = list(rows[:100])
    published = Timetable.objects.published().filter(docking_round__in=[party.docking_round_id for party in rows])
    planned = set(published.values_list("docking_round", flat=True))
    rows = [
        {"party": one, "is_open": one.docking_round.status == "gathering" and one.docking_round_id not in planned}
        for one in rows
    ]
    return render(request, "rounds/workbench/invitations.html", {"rows": rows})


@login_required
@require_http_methods(["GET", "POST"])
def my_invitation(request, public_id):
    rows = Party.objects.spoken_for_by(request.user).select_related("organisation", "docking_round__host")
    party = get_object_or_404(rows, public_id=public_id)
    if party.docking_round.status == "preparing":
        raise Http404
    return _page(request, party, by=request.user)


def _page(request, party: Party, *, by):
    closed = why_closed(party)
    form, status = ReplyForm(party=party, by=by), 200
    if request.method == "POST":
        form = ReplyForm(request.POST, party=party, by=by)
        if form.is_valid() and form.save():
            coming = party.answer == Party.Answer.COMING
            messages.success(
                request, "已记下：参加。日程发布前可以回来更改。" if coming else "已记下：不参加。感谢答复。"
            )
            return redirect(request.path)
        status = 422
        party.refresh_from_db()
        closed = why_closed(party)
        if any(error.code == "overtaken" for error in form.non_field_errors().as_data()):
            form = _shown_again(form, party)
    context = {
        "party": party,
        "round": party.docking_round,
        "form": form,
        "closed": closed,
        "people": party.attendees.order_by("pk"),
        "by_code": by is None,
    }
    return render(request, "rounds/public/rsvp.html", context, status=status)


def _shown_again(form: ReplyForm, party: Party) -> ReplyForm:
    """What was typed, knowing the answer that came in between: sent once more, it counts."""
    form.data = form.data.copy()
    form.data["revision"] = party.revision
    return form
