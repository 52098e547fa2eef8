"""The star of lists and detail pages: `{% favourite_button achievement %}`."""

from django import template
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from accounts.models import User
from achievements.models import Achievement
from demands.masking import public_text
from favourites.kept_list import read_marks
from favourites.models import Favourite
from favourites.public_facts import Item

register = template.Library()
LONGEST_WAY_BACK = 2000


@register.simple_tag(takes_context=True)
def favourite_button(context: template.Context, item: Item) -> SafeString:
    """A button that marks the item or takes the mark away; not inside another form.

    The first one on a page also writes the form that all of them belong to, so a page has one token and one query for
    all its stars. Reads `firm` of a demand: select it.
    """
    request: HttpRequest = context["request"]
    marks = getattr(request, "favourite_marks", None)
    needs_form = marks is None
    if marks is None:
        marks = _marks_of(request)
        request.favourite_marks = marks  # type: ignore[attr-defined]
    return SafeString(
        render_to_string(
            "favourites/_button.html",
            {
                "needs_form": needs_form,
                "kind": "achievement" if isinstance(item, Achievement) else "demand",
                "item": item,
                "title": item.title if isinstance(item, Achievement) else public_text(item, "title"),
                "is_favourite": item.public_id in marks,
                "here": _way_back(request),
            },
            request=request,
        )
    )


def _way_back(request: HttpRequest) -> str:
    """The address to return to; without the query if somebody has pasted pages of text into it."""
    path = request.get_full_path()
    return path if len(path) <= LONGEST_WAY_BACK else request.path


def _marks_of(request: HttpRequest) -> set[str]:
    """Public ids of the items that the reader has marked; they are unique over both kinds for practical purposes.

    None on a page that is one answer for all visitors: its script reads the list of the browser.
    """
    if not isinstance(request.user, User):
        is_for_everybody = getattr(request, "is_for_everybody", False)
        return set() if is_for_everybody else {public_id for _kind, public_id in read_marks(request)}
    pairs = (
        Favourite.objects.of_user(request.user).order_by().values_list("achievement__public_id", "demand__public_id")
    )
    return {public_id for pair in pairs for public_id in pair if public_id}
