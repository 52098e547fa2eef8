"""The officer's own settings of the review desk."""

from django.http import HttpResponse, JsonResponse

from accounts.requests import UserRequest
from core.json_body import JsonBody
from matching.models import ReviewDeskPreference
from matching.views.staff.review.access import for_officers

FIELDS = {"on": "single_keys", "digits": "digit_accepts"}


@for_officers
def single_keys(request: UserRequest, body: JsonBody) -> HttpResponse:
    """Store `on`, whether single keys act (WCAG 2.1.4), and `digits`, whether a digit accepts at once by need."""
    sent = {name: body.get(name) is True for name in FIELDS if name in body}
    values = {FIELDS[name]: value for name, value in sent.items()}
    ReviewDeskPreference.objects.update_or_create(user=request.user, defaults=values)
    return JsonResponse(sent)
