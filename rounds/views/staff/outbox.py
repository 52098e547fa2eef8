"""The outbox of a round: what was sent to its guests and what became of it; and the call list of whom to telephone."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.dateformat import format as date_format
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Contact
from accounts.requests import UserRequest
from core.permissions import oversight_required
from rounds.models import GuestMessage, LetterText
from rounds.services.guest_letters import LetterWriter
from rounds.services.guest_messages import call_list, open_number, outbox_counts, outbox_rows, record_call, resend
from rounds.services.guest_ways import ways_used
from rounds.views.staff.round_access import is_city_or_district, round_or_404

VIEW_PARTY = "rounds.view_party"
PAGE_SIZE = 50
State = GuestMessage.State


@require_safe
@oversight_required
def outbox(request: UserRequest, pk: int) -> HttpResponse:
    """`kind` and `state` narrow the list; each number of the page leads to its rows."""
    docking_round = round_or_404(request, VIEW_PARTY, pk=pk)
    kind = request.GET.get("kind", "")
    kind = kind if kind in GuestMessage.Kind.values else ""
    state = request.GET.get("state", "")
    state = state if state in State.values else ""
    rows = outbox_rows(docking_round, request.user, kind=kind, state=state)
    rows = rows.select_related("party__organisation__stat_region", "made_by").order_by("-made_at", "-pk")
    counts = outbox_counts(docking_round, request.user)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    ways = ways_used(page.object_list)
    context = {
        "round": docking_round,
        "summaries": [
            (each, sum(counts[each].values()), [(step, counts[each][step]) for step in State if counts[each][step]])
            for each in GuestMessage.Kind
            if each in counts
        ],
        "may_act": is_city_or_district(request.user),
        "kind": GuestMessage.Kind(kind) if kind else None,
        "state": State(state) if state else None,
        "page": page,
        "rows": [(row, ways[row.pk]) for row in page],
        "query": urlencode({"kind": kind, "state": state}) + "&",
    }
    return render(request, "rounds/staff/guests/outbox.html", context)


@require_safe
@oversight_required
def calls(request: UserRequest, pk: int) -> HttpResponse:
    docking_round = round_or_404(request, VIEW_PARTY, pk=pk)
    waiting = call_list(docking_round, request.user)
    done = outbox_rows(docking_round, request.user, state=State.CALLED)
    context = {
        "round": docking_round,
        "page": Paginator(waiting, PAGE_SIZE).get_page(request.GET.get("page")),
        "done": done.select_related("party__organisation", "called_by").order_by("-called_at")[:PAGE_SIZE],
        "done_count": done.count(),
    }
    return render(request, "rounds/staff/guests/calls.html", context)


@require_http_methods(["GET", "POST"])
@oversight_required
def call(request: UserRequest, public_id: str) -> HttpResponse:
    """One guest to telephone. A POST opens a number, which is recorded, or keeps what the call brought."""
    if not request.user.has_perm(VIEW_PARTY):
        raise PermissionDenied
    rows = GuestMessage.objects.visible_to(request.user).with_state().with_failures()
    message = get_object_or_404(
        rows.select_related("party__organisation__stat_region", "docking_round__host", "called_by"),
        public_id=public_id,
    )
    number = None
    if request.method == "POST":
        if not is_city_or_district(request.user):
            raise PermissionDenied
        try:
            if request.POST.get("deed") == "open":
                number = _open_number(request, message)
            elif request.POST.get("deed") == "record":
                return _record(request, message)
            elif request.POST.get("deed") == "resend":
                resend(message, by=request.user)
                messages.success(request, f"{message.party}：已放回待发送，稍后在发件箱看结果。")
                return redirect("admin:rounds_outbox", message.docking_round_id)
            else:
                raise BadRequest
        except ValidationError as refusal:
            messages.error(request, "".join(refusal.messages))
    response = render(request, "rounds/staff/guests/call.html", _call_context(request, message, number))
    add_never_cache_headers(response)
    return response


def _open_number(request: UserRequest, message: GuestMessage) -> tuple:
    contacts = Contact.objects.selectable().filter(organisation=message.party.organisation_id)
    contact = contacts.filter(pk__in=_numbers(request.POST.get("contact", ""))).first()
    if contact is None:
        raise ValidationError("没有找到这个联系人，请刷新页面。")
    return contact.pk, open_number(message, contact, by=request.user)


def _record(request: UserRequest, message: GuestMessage) -> HttpResponse:
    outcome = request.POST.get("outcome", "")
    record_call(message, outcome=outcome, by=request.user, note=request.POST.get("note", ""))
    messages.success(request, f"{message.party}：{message.get_outcome_display()}，已记下。")
    if outcome in (GuestMessage.Outcome.COMING, GuestMessage.Outcome.DECLINED):
        return redirect("admin:rounds_party_answer", message.party_id)
    return redirect("admin:rounds_calls", message.docking_round_id)


def _call_context(request: UserRequest, message: GuestMessage, number: tuple | None) -> dict:
    party, docking_round = message.party, message.docking_round
    contacts = Contact.objects.selectable().filter(organisation=party.organisation_id)
    writer = LetterWriter(docking_round)
    may_call = is_city_or_district(request.user) and message.state in GuestMessage.CALLABLE
    return {
        "round": docking_round,
        "message": message,
        "party": party,
        "contacts": contacts.order_by("-consented_at", "pk")[:10],
        "opened": number[0] if number else None,
        "number": number[1] if number else None,
        "switchboards": party.organisation.public_contacts,
        # With the code in these texts anybody could answer for the guest: they are for who telephones it.
        "script": _script(message, writer) if may_call else message.shown_text,
        "chat": writer.write(LetterText.Kind.CHAT, party).body if may_call else "",
        "outcomes": GuestMessage.Outcome.choices,
        "may_call": may_call,
        "about": _about(message),
    }


def _about(message: GuestMessage) -> str:
    made_at = date_format(localtime(message.made_at), "n月j日 H:i")
    result = f"（{message.get_outcome_display()}，{message.called_by}）" if message.outcome else ""
    used = ways_used([message])[message.pk]
    text = f"{message.get_kind_display()}，{made_at}；现在：{message.state_text}{result}。"
    return text + "；".join(f"{way.name}：{way.words}" for way in used) + "。" if len(used) > 1 else text


def _script(message: GuestMessage, writer: LetterWriter) -> str:
    """What to say: of an invitation the text for the telephone, else what the message says."""
    kinds = (GuestMessage.Kind.INVITATION, GuestMessage.Kind.REMINDER)
    return writer.write(LetterText.Kind.CALL, message.party).body if message.kind in kinds else message.text


def _numbers(text: str) -> list[int]:
    return [int(text)] if text.isascii() and text.isdecimal() and len(text) < 19 else []
