"""收藏夹: what a visitor without an account has marked, in a cookie of the browser. The server stores nothing of it.

The cookie is not signed and scripts may read it: it names only public pages, whoever owns it may change it, and what it
names is looked up among published items each time. Pages that are one answer for all visitors are not rendered with it;
their script marks the stars.
"""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.http import urlencode

from core.public_id import is_public_id
from demands.models import Demand
from favourites.posted_items import MODELS
from favourites.public_facts import Item

COOKIE = "favourites"
MOST = 50
SECONDS = 365 * 24 * 60 * 60
LETTERS = {"achievement": "a", "demand": "d"}
KINDS = {letter: kind for kind, letter in LETTERS.items()}

type Mark = tuple[str, str]
"""Kind and public id."""


def read_marks(request: HttpRequest) -> list[Mark]:
    """Those of the cookie, the newest first. What is no mark is left out."""
    pairs = [part.split("-", 1) for part in request.COOKIES.get(COOKIE, "")[:2000].split(".") if "-" in part]
    return _valid((KINDS.get(letter, ""), public_id) for letter, public_id in pairs)


def marks_of_address(params: QueryDict) -> list[Mark]:
    """Those of a shared list: ?a=…&d=…"""
    return _valid((kind, public_id) for letter, kind in KINDS.items() for public_id in params.getlist(letter))


def _valid(marks: Iterable[Mark]) -> list[Mark]:
    return list(dict.fromkeys(mark for mark in marks if mark[0] in MODELS and is_public_id(mark[1])))[:MOST]


def keep_marks(response: HttpResponse, marks: Sequence[Mark]) -> None:
    if not marks:
        response.delete_cookie(COOKIE, samesite="Lax")
        return
    value = ".".join(f"{LETTERS[kind]}-{public_id}" for kind, public_id in marks[:MOST])
    response.set_cookie(COOKIE, value, max_age=SECONDS, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax")


def public_items(marks: Sequence[Mark]) -> list[Item]:
    """The published items of the marks, in their order. One query for each kind."""
    items: dict[Mark, Item] = {}
    for kind, model in MODELS.items():
        public_ids = [public_id for named, public_id in marks if named == kind]
        if public_ids:
            rows: QuerySet = model.objects.published().filter(public_id__in=public_ids)
            owner = ("firm__stat_region", "industry__parent") if model is Demand else ("institution", "industry")
            items |= {(kind, row.public_id): row for row in rows.select_related(*owner)}
    return [items[mark] for mark in marks if mark in items]


def mark_of(item: Item) -> Mark:
    return ("demand" if isinstance(item, Demand) else "achievement"), item.public_id


def share_query(items: Iterable[Item]) -> str:
    """The query of the address under which others see the items."""
    marks = [mark_of(item) for item in items][:MOST]
    return "?" + urlencode([(LETTERS[kind], public_id) for kind, public_id in marks])
