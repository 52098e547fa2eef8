"""A party's meetings on the day, by the code of its invitation."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from core.throttling import throttle_guessing
from rounds.models import Party
from rounds.views.party_pages import event_day_page, record_party_outcome


@require_safe
@throttle_guessing
def party_day(request: HttpRequest, code: str) -> HttpResponse:
    return event_day_page(
        request,
        _invited_party(code),
        action=reverse("party_outcome", args=[code]),
        outbox=f"day.party.{code}.",
        back=reverse("rsvp", args=[code]),
    )


@require_POST
@throttle_guessing
def party_outcome(request: HttpRequest, code: str) -> HttpResponse:
    party = _invited_party(code)
    # Who is signed in speaks as this user: staff do not become the guest by opening its page.
    speaker = {"by": request.user} if request.user.is_authenticated else {"party": party}
    return record_party_outcome(request, party, reverse("party_day", args=[code]), **speaker)


def _invited_party(code: str) -> Party:
    uninvited = (Party.Answer.LISTED, Party.Answer.WITHDRAWN)
    parties = Party.objects.select_related("docking_round", "organisation").exclude(answer__in=uninvited)
    return get_object_or_404(parties, code=code)
