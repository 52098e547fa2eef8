"""What is typed into a long form is kept in the browser (`static/js/typing/drafts.js`) until the server has stored it.

The form posts the key of its draft. The answer to a save names it in a cookie, which the script of the next page reads
to remove the draft, and deletes. A post that is lost or refused sets no cookie, so the draft stays.
"""

import re

from django.conf import settings
from django.http import HttpResponse, QueryDict

KEY, COOKIE = "draft_key", "saved_draft"
_SECONDS = 3600


def with_saved_draft(response: HttpResponse, data: QueryDict) -> HttpResponse:
    """Return the response with the cookie, if the form posted a key."""
    key = data.get(KEY, "")
    if re.fullmatch("[0-9a-f-]{1,40}", key):
        response.set_cookie(COOKIE, key, max_age=_SECONDS, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return response
