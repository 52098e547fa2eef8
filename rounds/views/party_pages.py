"""Pages that a party of a round opens in two ways: signed in on the workbench, or by the code of its invitation.

The views of both choose the party. `by` is the signed-in user and None for the holder of a code, who has no account.
"""

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.timezone import localdate

from accounts.models import User
from core.json_body import JsonBody, read_json_body
from rounds.day.party_meetings import party_meetings
from rounds.forms.invitations import ReplyForm
from rounds.forms.outcomes import OutcomeForm
from rounds.models import Announcement, DockingRound, LateAnswer, Meeting, MeetingRequest, Outcome, Party
from rounds.offer_ranking import ranked_offers, ranking_note
from rounds.own_plan import own_plan
from rounds.own_requests import accepted_talks, asked_talks, request_lines, wishes_of_cancelled_rounds
from rounds.participants import participant_rows, shown_parties
from rounds.services.guest_letters import terms_of
from rounds.services.invitation_answers import AnswerEffect, why_closed
from rounds.services.meeting_acceptance import answer_talk
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
from rounds.views.outbox import json_answer, record_posted_outcome
from search.bigrams import is_searchable
from sheets.cells import clean_text

REQUESTS_PER_PAGE = 30
LATE = "答复已收到，等主办方安排"
ANSWERED: dict[str, str] = {
    Party.Answer.COMING: "已答复参加",
    Party.Answer.WAITING: "候补，有了名额会通知您",
    Party.Answer.DECLINED: "已答复不参加",
}


# --- The invitation ---------------------------------------------------------------------------------------------------
def invitation_page(request: HttpRequest, party: Party, *, by: User | None) -> HttpResponse:
    """The invitation with the form for its answer; a POST answers it."""
    closed = why_closed(party)
    form, status = ReplyForm(party=party, by=by), 200
    if request.method == "POST":
        form = ReplyForm(request.POST, party=party, by=by)
        if form.is_valid() and form.save():
            messages.success(request, _answered_text(party, form.effect))
            return redirect(request.path)
        status = 422
        party.refresh_from_db()
        closed = why_closed(party)
        if any(error.code == "overtaken" for error in form.non_field_errors().as_data()):
            form = _with_current_revision(form, party)
    late = LateAnswer.objects.open().filter(party=party).first()
    context = {
        "party": party,
        "round": party.docking_round,
        "form": form,
        "closed": closed,
        "answered": LATE if late else ANSWERED.get(party.answer, "没有答复" if closed else "请答复是否参加"),
        "people_text": _people_text(party),
        "by_code": by is None,
        "terms": terms_of(party.docking_round),
        "late": late,
        "asked_talks": Meeting.objects.asking([party]).count() if party.answer == Party.Answer.COMING else 0,
    }
    return render(request, "rounds/public/invitation.html", context, status=status)


def _answered_text(party: Party, effect: str) -> str:
    if effect == AnswerEffect.PROPOSED:
        return "已收到。洽谈日程已经发布，工作人员安排后会通知您。"
    if effect == AnswerEffect.WAITING:
        return "已记下：候补。名额已满，有了名额会通知您。"
    coming = party.answer == Party.Answer.COMING
    return "已记下：参加。活动开始以前可以回来更改。" if coming else "已记下：不参加。感谢答复。"


def _people_text(party: Party) -> str:
    people = party.attendees.order_by("pk")
    return "、".join(f"{person.name}（{person.position}）" if person.position else person.name for person in people)


def _with_current_revision(form: ReplyForm, party: Party) -> ReplyForm:
    """The same input on top of the answer that came in meanwhile, so that sending it again saves it."""
    if isinstance(form.data, QueryDict):
        data = form.data.copy()
        data["revision"] = str(party.revision)
        form.data = data
    return form


# --- The list of its meetings -----------------------------------------------------------------------------------------
def plan_links(requests_view: str, invitation_view: str, opened_with: str) -> dict[str, str]:
    """Where the reader of a plan requests meetings and answers the invitation for the party."""
    return {
        "requests_url": reverse(requests_view, args=[opened_with]),
        "invitation_url": reverse(invitation_view, args=[opened_with]),
    }


def plan_page(request: HttpRequest, party: Party, *, is_own: bool, links: dict[str, str]) -> HttpResponse:
    """`is_own`: show the address of the calendar, which holds the party's code and is only for the party itself.
    `links`: from `plan_links`; empty for a reader who does not act for the party."""
    context = {
        "plan": own_plan(party),
        "party": party,
        "is_own": is_own,
        "subscription": _subscription(request, party) if is_own else "",
    } | links
    response = render(request, "rounds/public/plan.html", context)
    response["X-Robots-Tag"] = "noindex"
    add_never_cache_headers(response)
    return response


def _subscription(request: HttpRequest, party: Party) -> str:
    """The address that a calendar program reads again and again."""
    return f"webcal://{request.get_host()}{reverse('party_calendar', args=[party.code])}"


# --- Its meeting requests ---------------------------------------------------------------------------------------------
def meeting_requests_page(request: HttpRequest, party: Party, *, by: User | None) -> HttpResponse:
    """What the party requested and what it may request; a POST takes one step with a request."""
    if request.method == "POST":
        return _take_request_step(request, party, by)
    lines, asked, accepted = request_lines(party), asked_talks(party), accepted_talks(party)
    closed = why_requests_closed(party)
    q = request.GET.get("q", "").strip()[:60]
    page, earlier, note = None, [], ""
    if not closed:
        offers = ranked_offers(party, _requestable(party, q))
        page = Paginator(offers, REQUESTS_PER_PAGE).get_page(request.GET.get("page"))
        note = "" if q else ranking_note(party, offers)
        earlier = list(_requestable(party, "").filter(pk__in=wishes_of_cancelled_rounds(party))[:MAX_REQUESTS])
    requested = {line.request.achievement_id or line.request.demand_id for line in lines}
    context = {
        "party": party,
        "round": party.docking_round,
        "is_firm": party.side == Party.Side.FIRM,
        "by_code": by is None,
        "lines": lines,
        "asked": asked,
        "accepted": accepted,
        "terms": terms_of(party.docking_round) if closed else None,
        "request_count": sum(line.is_active for line in lines),
        "most_wanted_count": sum(line.request.is_most for line in lines),
        "max_requests": MAX_REQUESTS,
        "max_most_wanted": MAX_MOST_WANTED,
        "closed": closed,
        "earlier": earlier,
        "q": q,
        "page": page,
        "note": note,
        "rows": _offer_rows(party, page, requested) if page else [],
    }
    response = render(request, "rounds/public/meeting_requests.html", context)
    response["X-Robots-Tag"] = "noindex, nofollow"
    add_never_cache_headers(response)
    return response


def _offer_rows(party: Party, page: Page, requested: set[int]) -> list[tuple[Model, bool, str]]:
    """(achievement or demand, whether it is requested, why it stands here), without what was taken down meanwhile."""
    offers = {offer.pk: offer for offer in _requestable(party, "").filter(pk__in=[row.pk for row in page])}
    return [(offers[row.pk], row.pk in requested, row.reason) for row in page if row.pk in offers]


def _requestable(party: Party, q: str) -> QuerySet:
    """Achievements for a firm, demands for an institution, narrowed by the search words `q`."""
    if party.side == Party.Side.FIRM:
        achievements = requestable_achievements(party)
        return achievements.filter(Q(title__icontains=q) | Q(institution__name__icontains=q)) if q else achievements
    demands = requestable_demands(party)
    return demands.search(q) if is_searchable(q) else demands


def _take_request_step(request: HttpRequest, party: Party, by: User | None) -> HttpResponse:
    """`kind` wish: request a meeting about `target`; most, unmost, withdraw: change the party's own request `wish`."""
    kind = request.POST.get("kind", "")
    try:
        if kind == "wish":
            target = _requestable(party, "").filter(public_id=request.POST.get("target", "")).first()
            request_meeting(party, target, by=by)
            messages.success(request, "已提出。日程发布前可以回来撤回或标为最想谈。")
        elif kind in ("most", "unmost", "withdraw"):
            _change_request(request, party, kind, by)
        elif kind in ("accept", "refuse"):
            _answer_talk(request, party, kind, by)
        else:
            raise BadRequest
    except ValidationError as refusal:
        messages.error(request, "".join(refusal.messages))
    return redirect(request.get_full_path())


def _answer_talk(request: HttpRequest, party: Party, kind: str, by: User | None) -> None:
    meeting = Meeting.objects.known_to(party).filter(public_id=request.POST.get("talk", "")).first()
    if meeting is None:
        raise ValidationError("没有找到这场洽谈，请刷新页面。")
    note = clean_text(request.POST.get("note", ""))[:100]
    answer_talk(meeting, party, accepts=kind == "accept", by=by, note=note)
    messages.success(
        request, "已接受。双方都接受后排进日程。" if kind == "accept" else "已答复：不接受。对方只会看到您这次不能谈。"
    )


def _change_request(request: HttpRequest, party: Party, kind: str, by: User | None) -> None:
    requests = MeetingRequest.objects.filter(party=party).select_related(
        "achievement", "demand__firm", "party", "meeting__firm_party", "meeting__institution_party"
    )
    meeting_request = requests.filter(public_id=request.POST.get("wish", "")).first()
    if meeting_request is None:
        raise ValidationError("没有找到这一项，请刷新页面。")
    if kind == "withdraw":
        withdraw_request(meeting_request, by=by)
        messages.success(request, "已撤回。")
    else:
        mark_most_wanted(meeting_request, is_most=kind == "most", by=by)
        messages.success(request, "已标为最想谈。" if kind == "most" else "已取消“最想谈”。")


# --- Who comes --------------------------------------------------------------------------------------------------------
def participants_page(request: HttpRequest, party: Party, *, by: User | None) -> HttpResponse:
    """Parties of the round that agreed to be seen, with what they offer or need; the others are only counted."""
    q = request.GET.get("q", "").strip()[:60]
    page = Paginator(shown_parties(party, q), REQUESTS_PER_PAGE).get_page(request.GET.get("page"))
    coming = party.docking_round.parties.coming()
    code = reverse("party_meeting_requests", args=[party.code])
    context = {
        "requests_url": code if by is None else reverse("my_meeting_requests", args=[party.public_id]),
        "party": party,
        "round": party.docking_round,
        "by_code": by is None,
        "q": q,
        "page": page,
        "rows": participant_rows(party, page),
        "coming_count": coming.count(),
        "hidden_count": coming.filter(shows_name=False).count(),
    }
    response = render(request, "rounds/public/participants.html", context)
    response["X-Robots-Tag"] = "noindex, nofollow"
    add_never_cache_headers(response)
    return response


# --- Its meetings on the day ------------------------------------------------------------------------------------------
def event_day_page(request: HttpRequest, party: Party, *, action: str, outbox: str, back: str) -> HttpResponse:
    """The party's meetings on the day; with `?part=1` only their list. `action`: where outcomes are sent; `outbox`: the
    prefix under which the browser stores steps that are not sent yet; `back`: the address of the invitation."""
    meetings = party_meetings(party)
    days = {localdate(at) for meeting in meetings if meeting.starts_at for at in (meeting.starts_at, meeting.ends_at)}
    Status = DockingRound.Status
    context = {
        "party": party,
        "meetings": meetings,
        "one_day": len(days) < 2,
        "may_record": party.docking_round.status in {Status.RUNNING, Status.CLOSED},
        "may_record_later": party.docking_round.status in {Status.SCHEDULED, Status.RUNNING},
        "action": action,
        "back": back,
        "subscription": _subscription(request, party),
        "verdicts": Outcome.Verdict.choices,
        "reasons": OutcomeForm.base_fields["reason"].choices[1:],
        "now": timezone.now(),
        "announcements": Announcement.objects.shown().filter(docking_round=party.docking_round_id),
        "settings": {"outbox": outbox, "action": action},
    }
    name = "_party_day.html" if request.GET.get("part") else "party_day.html"
    response = render(request, f"rounds/public/event_day/{name}", context)
    add_never_cache_headers(response)
    return response


def record_party_outcome(request: HttpRequest, party: Party, back: str, /, **recorder) -> HttpResponse:
    """Record an outcome for the party. Answers JSON with JSON, and a form with a redirect to `back`."""
    is_json = request.content_type == "application/json"
    data = read_json_body(request) if is_json else JsonBody(request.POST.dict())
    meeting = get_object_or_404(
        Meeting.objects.of(party).select_related("docking_round", "firm_party", "institution_party"),
        public_id=data.text("meeting"),
    )
    if is_json:
        return json_answer(lambda: record_posted_outcome(meeting, data, side=party.side, **recorder))
    try:
        messages.success(request, record_posted_outcome(meeting, data, side=party.side, **recorder)["message"])
    except ValidationError as error:
        messages.error(request, "".join(error.messages))
    except PermissionDenied as error:
        messages.error(request, str(error))
    return redirect(back)
