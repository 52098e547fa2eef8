"""A party's own day on a phone, by the code of its invitation or signed in; the wall of a hall. No rule lives here."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST, require_safe

from core.json_body import JsonBody, read_json_body
from core.throttling import against_guessing
from rounds.day.forms import OutcomeForm
from rounds.day.plan import own_talks
from rounds.day.tables import wall_rows
from rounds.models import DockingRound, Meeting, Outcome, Party, SignageScreen
from rounds.views.staff.day.deeds import answered, record_said

Status = DockingRound.Status
ROWS_ON_A_WALL = 6
"""So large that each can be read from ten metres."""


@require_safe
@against_guessing
def party_day(request, code):
    """Whoever has the code of an invitation: the party's talks and nothing else."""
    back = reverse("rsvp", args=[code])
    return _page(request, _invited(code), reverse("party_outcome", args=[code]), f"day.party.{code}.", back)


@require_POST
@against_guessing
def party_outcome(request, code):
    party = _invited(code)
    return _record(request, party, reverse("party_day", args=[code]), party=party)


@login_required
@require_safe
def my_days(request):
    """The rounds one's own organisations take part in; the page itself where there is only one."""
    parties = list(_own(request.user).order_by("-docking_round__starts_at", "pk"))
    if len(parties) == 1:
        return redirect("my_day", parties[0].public_id)
    return render(request, "rounds/workbench/my_days.html", {"parties": parties})


@login_required
@require_safe
def my_day(request, public_id):
    party = get_object_or_404(_own(request.user), public_id=public_id)
    kept = f"day.own.{request.user.pk}.{public_id}."
    back = reverse("my_invitation", args=[public_id])
    return _page(request, party, reverse("my_outcome", args=[public_id]), kept, back)


@login_required
@require_POST
def my_outcome(request, public_id):
    party = get_object_or_404(_own(request.user), public_id=public_id)
    return _record(request, party, reverse("my_day", args=[public_id]), by=request.user)


@require_safe
@against_guessing
def wall(request, public_id):
    """Now and next by table; with `?part=1` only the rows."""
    found = get_object_or_404(SignageScreen.objects.open().select_related("docking_round", "hall"), public_id=public_id)
    rows = wall_rows(found.docking_round, found.hall, timezone.now())
    context = {
        "title": f"{found.docking_round.name} {found.hall.name}" if found.hall else found.docking_round.name,
        "pages": [rows[at : at + ROWS_ON_A_WALL] for at in range(0, len(rows), ROWS_ON_A_WALL)],
        "show_hall": len({row.hall for row in rows}) > 1,
        "now": timezone.now(),
    }
    name = "wall_part" if request.GET.get("part") else "wall"
    response = render(request, f"portal/day/{name}.html", context)
    add_never_cache_headers(response)
    return response


def _parties():
    return Party.objects.select_related("docking_round", "organisation")


def _invited(code: str) -> Party:
    return get_object_or_404(_parties().exclude(answer=Party.Answer.LISTED), code=code)


def _own(user):
    """Those a user speaks for: not what staff may merely look at."""
    scope = user.scope
    shown = DockingRound.objects.visible_to(user)
    return (
        _parties()
        .exclude(answer=Party.Answer.LISTED)
        .filter(organisation__in=scope.firm_ids | scope.institution_ids, docking_round__in=shown)
    )


def _page(request, party: Party, action: str, kept: str, back: str):
    talks = own_talks(party)
    days = {localdate(moment) for talk in talks if talk.starts_at for moment in (talk.starts_at, talk.ends_at)}
    context = {
        "party": party,
        "talks": talks,
        "one_day": len(days) < 2,
        "may_record": party.docking_round.status in {Status.RUNNING, Status.CLOSED},
        "may_record_later": party.docking_round.status in {Status.SCHEDULED, Status.RUNNING},
        "action": action,
        "back": back,
        "verdicts": Outcome.Verdict.choices,
        "reasons": OutcomeForm.base_fields["reason"].choices[1:],
        "now": timezone.now(),
        "settings": {"outbox": kept, "action": action},
    }
    name = "plan_part" if request.GET.get("part") else "plan"
    response = render(request, f"portal/day/{name}.html", context)
    add_never_cache_headers(response)
    return response


def _record(request, own: Party, back: str, **who):
    """From a script as JSON, answered as JSON; from a plain form, led back to the page."""
    is_script = request.content_type == "application/json"
    said = read_json_body(request) if is_script else JsonBody(request.POST.dict())
    meeting = get_object_or_404(
        Meeting.objects.of(own).select_related("docking_round", "firm_party", "office_party"),
        public_id=said.text("meeting"),
    )
    if is_script:
        return answered(lambda: record_said(meeting, said, side=own.side, **who))
    try:
        messages.success(request, record_said(meeting, said, side=own.side, **who)["told"])
    except ValidationError as error:
        messages.error(request, "".join(error.messages))
    except PermissionDenied as error:
        messages.error(request, str(error))
    return redirect(back)
