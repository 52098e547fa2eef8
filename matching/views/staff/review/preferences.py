"""The officer's own settings of the review desk."""

from django.http import HttpResponse, JsonResponse

from accounts.requests import UserRequest
from core.json_body import JsonBody
from matching.models import ReviewDeskPreference
from matching.views.staff.review.access import for_officers


@for_officers
def single_keys(request: UserRequest, body: JsonBody) -> HttpResponse:
    """Switch single-key shortcuts on or off for this officer (WCAG 2.1.4)."""
    is_on = body.get("on") is True
    ReviewDeskPreference.objects.update_or_create(user=request.user, defaults={"single_keys": is_on})
    return JsonResponse({"on": is_on})
