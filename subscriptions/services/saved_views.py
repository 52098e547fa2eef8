"""Save and remove views of a list. They are private, so nothing is written to the audit trail."""

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from audit.transitions import constraint_message
from subscriptions.models import MAX_VIEWS, SavedView

MAX_QUERY = 500


def save_view(page: str, *, name: str, query: str, by: User) -> SavedView:
    """Save the query string of a list under a name. Raises ValidationError if it is incomplete or one too many."""
    name = " ".join(name.split())
    if not name:
        raise ValidationError(f"请写视图的名称，例如“{settings.CITY.example_region_short}待登记”。")
    if len(name) > 30:
        raise ValidationError(f"名称有 {len(name)} 个字，最多 30 个字，请精简。")
    if not query:
        raise ValidationError("请先查找或选一个条件，再保存视图。")
    if len(query) > MAX_QUERY:
        raise ValidationError("条件太长，不能保存。请减少要找的字。")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)  # two requests at once must not exceed the limit
        if SavedView.objects.of_user(by).filter(page=page).count() >= MAX_VIEWS:
            raise ValidationError(f"每个列表最多保存 {MAX_VIEWS} 个视图，请先删除不再需要的。")
        try:
            with transaction.atomic():
                return SavedView.objects.create(user=by, page=page, name=name, query=query)
        except IntegrityError as error:
            raise ValidationError(constraint_message(error, SavedView)) from None


def remove_view(view: SavedView, *, by: User) -> None:
    if view.user_id != by.pk:
        raise PermissionDenied
    view.delete()
