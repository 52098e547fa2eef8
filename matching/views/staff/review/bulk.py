"""One decision for many matches of the list, with a preview."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse

from accounts.requests import UserRequest
from core.json_body import JsonBody
from matching.services import bulk_review
from matching.views.staff.review.access import for_officers
from matching.views.staff.review.json_responses import join_messages, key_of, refuse, rows_json, selection_json


@for_officers
def preview(request: UserRequest, body: JsonBody) -> HttpResponse:
    """How many of the matches `ids` a decision would apply to, and why not to the others. Changes nothing."""
    try:
        selection = bulk_review.preview(body.text_list("ids"), by=request.user)
    except ValidationError as error:
        return refuse(422, join_messages(error))
    return JsonResponse(selection_json(selection))


@for_officers
def bulk(request: UserRequest, body: JsonBody) -> HttpResponse:
    """Accept or reject (`kind`) the matches `ids`."""
    verb = body.text("kind")
    if verb not in bulk_review.STATUS_AND_KIND:
        return refuse(422, "请选择采纳或退回。")
    texts = {"reason": body.text("reason"), "note": body.text("note")}
    try:
        selection = bulk_review.decide_many(body.text_list("ids"), verb, by=request.user, batch=key_of(body), **texts)
    except ValidationError as error:
        return refuse(422, join_messages(error))
    touched = [*selection.ready, *(match for match, _why in selection.excepted)]
    return JsonResponse(selection_json(selection) | {"rows": rows_json(request, touched)})
