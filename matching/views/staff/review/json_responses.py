"""JSON answers of the review desk, also for refusals.

Status 200: done, now or by an earlier request with the same key; 403: not by this user; 409: a colleague was first;
422: not possible. `message` is a sentence for the officer, `row` the list entry of the match as it is now.
"""

from collections.abc import Iterable
from uuid import UUID

from django.core.exceptions import BadRequest, ValidationError
from django.http import JsonResponse
from django.template.loader import get_template

from accounts.requests import UserRequest
from core.json_body import JsonBody
from matching.models import Match
from matching.review_queue import with_row_data
from matching.services.bulk_review import BulkSelection


def refuse(status: int, message: str, **values) -> JsonResponse:
    return JsonResponse({"message": message, **values}, status=status)


def join_messages(error: ValidationError) -> str:
    return "；".join(error.messages)


def row_json(request: UserRequest, match: Match) -> dict:
    """The list entry of a match, read again from the database."""
    return rows_json(request, [match])[0]


def rows_json(request: UserRequest, matches: Iterable[Match]) -> list[dict]:
    template = get_template("matching/staff/review/row.html")
    return [
        {
            "id": row.public_id,
            "revision": row.revision,
            "html": template.render({"row": row, "may_review": True}, request),
        }
        for row in with_row_data(Match.objects.filter(pk__in=[match.pk for match in matches]))
    ]


def selection_json(selection: BulkSelection) -> dict:
    """How many matches a common decision applies to, and why it leaves out each of the others."""
    excepted = [{"id": match.public_id, "title": str(match), "why": why} for match, why in selection.excepted]
    return {"count": len(selection.ready), "excepted": excepted}


def key_of(body: JsonBody) -> UUID:
    """The key of a step. Raises BadRequest if it is no UUID."""
    return parse_uuid(body.text("key"))


def parse_uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise BadRequest from error
