"""A visitor signs in: what the browser's own list holds moves into the account."""

from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from favourites.kept_list import Mark, mark_of, public_items, read_marks
from favourites.services.favourites import add_favourite


@receiver(user_logged_in)
def move_into_account(sender: object, user: User, request: HttpRequest | None = None, **kwargs: object) -> None:
    """The oldest first, so that the order stays. What does not fit into the account stays in the browser."""
    marks = read_marks(request) if request is not None else []
    if request is None or not marks:
        return
    left: list[Mark] = []
    moved, problem = 0, ""
    for item in reversed(public_items(marks)):
        try:
            moved += add_favourite(item, by=user)
        except ValidationError as error:
            problem = error.messages[0]
            left.insert(0, mark_of(item))
    request.unmoved_favourites = left  # type: ignore[attr-defined]
    if not hasattr(request, "_messages"):
        return
    if moved:
        messages.info(request, f"收藏夹里的 {moved} 项已移入您账号的“我的收藏”。")
    if problem:
        messages.warning(request, f"有 {len(left)} 项没有移入，仍在本浏览器的收藏夹里：{problem}")
