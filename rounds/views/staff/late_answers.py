"""What waits for an answer before the next plan: late answers, the waiting list, talks that a side has to accept."""

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.requests import UserRequest
from core.permissions import oversight_required
from notices.texts.writing import TextWriter
from rounds.models import DockingRound, LateAnswer, Meeting, Party
from rounds.services.guest_places import most_guests
from rounds.services.guest_reach import WayCounts, reach_of
from rounds.services.invitation_replies import reply_from_json
from rounds.services.late_answers import accept_late_answer, decline_late_answer, open_for
from rounds.services.meeting_acceptance import answer_talk, ask_sides, talk_text, unasked_parties
from rounds.views.staff.message_preview import Sending, hide_codes, preview, sample_party
from rounds.views.staff.outbox import VIEW_PARTY
from rounds.views.staff.round_access import is_city_or_district, round_or_404

DECIDED_SHOWN = 20
MAX_TALKS = 200


@require_http_methods(["GET", "POST"])
@oversight_required
def late_answers(request: UserRequest, pk: int) -> HttpResponse:
    """Proposals of guests after the timetable was published, and who waits for a place. The city decides."""
    docking_round = round_or_404(request, VIEW_PARTY, pk=pk)
    if request.method == "POST":
        if not request.user.scope.is_city:
            raise PermissionDenied
        return _decide(request, docking_round)
    mine = LateAnswer.objects.visible_to(request.user)
    waiting = open_for(docking_round).filter(pk__in=mine.values("pk"))
    decided = mine.filter(party__docking_round=docking_round).exclude(status=LateAnswer.Status.OPEN)
    queue = Party.objects.managed_by(request.user).filter(docking_round=docking_round).waiting()
    context = {
        "round": docking_round,
        "rows": [(late, reply_from_json(late.reply)) for late in waiting],
        "decided": decided.select_related("party__organisation", "decided_by").order_by("-decided_at")[:DECIDED_SHOWN],
        "queue": queue.select_related("organisation__stat_region"),
        "places": [
            (side.label, docking_round.parties.coming().filter(side=side).count(), most_guests(docking_round, side))
            for side in Party.Side
        ],
        "may_decide": request.user.scope.is_city,
    }
    return render(request, "rounds/staff/guests/late_answers.html", context)


def _decide(request: UserRequest, docking_round: DockingRound) -> HttpResponse:
    rows = LateAnswer.objects.visible_to(request.user).filter(party__docking_round=docking_round)
    late = get_object_or_404(rows.select_related("party__organisation"), public_id=request.POST.get("late", "")[:10])
    try:
        if request.POST.get("deed") == "accept":
            accept_late_answer(late, by=request.user)
            messages.success(request, f"已接受{late.party}的答复，并告诉了对方。下一版洽谈日程会把它算进去。")
        elif request.POST.get("deed") == "decline":
            decline_late_answer(late, reason=request.POST.get("reason", ""), by=request.user)
            messages.success(request, f"没有接受{late.party}的答复，原因已告诉对方。")
        else:
            raise BadRequest
    except ValidationError as refusal:
        messages.error(request, "".join(refusal.messages))
    return redirect("admin:rounds_late_answers", docking_round.pk)


@require_http_methods(["GET", "POST"])
@oversight_required
def talks(request: UserRequest, pk: int) -> HttpResponse:
    """Talks that are not planned yet, because a side has to accept them. A POST shows who would be asked, asks them, or
    keeps what one said on the telephone."""
    docking_round = round_or_404(request, VIEW_PARTY, pk=pk)
    if request.method == "POST":
        if not is_city_or_district(request.user):
            raise PermissionDenied
        return _take_talk_step(request, docking_round)
    rows = Meeting.objects.managed_by(request.user).filter(docking_round=docking_round).awaiting_acceptance()
    rows = rows.select_related(
        "firm_party__organisation",
        "institution_party__organisation",
        "match__demand__firm",
        "match__achievement",
        "match__follow_up",
        "unmatched_demand__firm",
    )
    may_record, managed = is_city_or_district(request.user), _managed_parties(request, docking_round)

    def sides_of(talk: Meeting) -> list[tuple[Party, bool]]:
        """The sides that are asked, each with whether this user may keep what it said on the telephone."""
        return [(party, may_record and party.pk in managed) for party in talk.asked_sides]

    shown = rows.order_by("made_at", "pk")[:MAX_TALKS]
    context = {
        "round": docking_round,
        "rows": [(talk, talk.pair_for(request.user), sides_of(talk)) for talk in shown],
        "total": rows.count(),
        "ways": WayCounts.of(each.way for each in reach_of(_unasked_among(managed, docking_round))),
        "may_record": may_record,
    }
    return render(request, "rounds/staff/guests/talks.html", context)


def _managed_parties(request: UserRequest, docking_round: DockingRound) -> set[int]:
    return set(Party.objects.managed_by(request.user).filter(docking_round=docking_round).values_list("pk", flat=True))


def _own_unasked(request: UserRequest, docking_round: DockingRound) -> list[Party]:
    """The parties that the button asks: the same for its number and for sending."""
    return _unasked_among(_managed_parties(request, docking_round), docking_round)


def _unasked_among(managed: set[int], docking_round: DockingRound) -> list[Party]:
    return [party for party in unasked_parties(docking_round) if party.pk in managed]


def _preview_questions(request: UserRequest, docking_round: DockingRound, asked: list[Party]) -> HttpResponse:
    hide_codes(asked)
    reach = reach_of(asked)
    here = reverse("admin:rounds_talks", args=[docking_round.pk])
    sending = Sending(
        title="请答复洽谈",
        heading="请答复洽谈",
        button=f"请这 {len(asked)} 家答复",
        action=here,
        back=here,
        back_words="等接受的洽谈",
        deed="ask",
    )
    sample = talk_text(sample_party(reach), TextWriter("rounds.talks"))
    return preview(request, docking_round, sending, reach, sample)


def _take_talk_step(request: UserRequest, docking_round: DockingRound) -> HttpResponse:
    back = redirect("admin:rounds_talks", docking_round.pk)
    deed = request.POST.get("deed")
    if deed == "preview" and (asked := _own_unasked(request, docking_round)):
        return _preview_questions(request, docking_round, asked)
    if deed in ("ask", "preview"):
        counts = ask_sides(_own_unasked(request, docking_round), by=request.user)
        if counts.total:
            messages.success(request, f"已请 {counts.sentence}。")
        else:
            messages.info(request, "今天都问过了，每家一天只问一次。")
        return back
    if deed not in ("accept", "refuse"):
        raise BadRequest
    meetings = Meeting.objects.managed_by(request.user).filter(docking_round=docking_round)
    meeting = get_object_or_404(meetings, public_id=request.POST.get("talk", "")[:10])
    party = get_object_or_404(
        Party.objects.managed_by(request.user),
        public_id=request.POST.get("party", "")[:10],
        docking_round=docking_round,
    )
    try:
        answer_talk(meeting, party, accepts=deed == "accept", by=request.user, note="电话答复")
        messages.success(request, f"已记下：{party}{'接受' if deed == 'accept' else '不接受'}。")
    except ValidationError as refusal:
        messages.error(request, "".join(refusal.messages))
    return back
