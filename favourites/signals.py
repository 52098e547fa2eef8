"""A visitor presses 收藏, signs in, and the item is marked."""

from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from favourites.posted_items import PENDING, item_of
from favourites.services.favourites import add_favourite


@receiver(user_logged_in)
def mark_pending(sender: object, user: User, request: HttpRequest | None = None, **kwargs: object) -> None:
    """Only what the visitor posted in this session before is marked, so a link alone marks nothing."""
    session = getattr(request, "session", None)
    if request is None or session is None or PENDING not in session:
        return
    kind, public_id = session.pop(PENDING)
    item = item_of(kind, public_id)
    if item is None:
        return
    try:
        add_favourite(item, by=user)
    except ValidationError as error:
        text = error.messages[0]
    else:
        text = "已收藏，可在工作台的“我的收藏”里找到。"
    if hasattr(request, "_messages"):
        messages.info(request, text)
