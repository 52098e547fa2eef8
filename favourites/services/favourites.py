"""Mark an item, take the mark away, write a note, share the mark with colleagues, confirm changes."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import Organisation, User
from achievements.models import Achievement
from favourites.models import MAX_FAVOURITES, Favourite
from favourites.public_facts import Item, public_facts, published_items
from sheets.cells import clean_text

NOTE_LENGTH = 300


def add_favourite(item: Item, *, by: User) -> bool:
    """Mark a published item. Returns whether it is new. Raises ValidationError if it is not public or one too many."""
    if not published_items(type(item)).filter(pk=item.pk).exists():
        raise ValidationError("这一项现在不公开，不能收藏。")
    own = Favourite.objects.of_user(by)
    target = _target(item)
    if own.filter(**target).exists():
        return False
    if own.count() >= MAX_FAVOURITES:
        raise ValidationError(f"最多收藏 {MAX_FAVOURITES} 项，请先在“我的收藏”里取消不再需要的。")
    # Two requests at once: the constraint keeps one row.
    _favourite, is_new = Favourite.objects.get_or_create(user=by, **target, defaults={"known": public_facts(item)})
    return is_new


def add_favourites(items: Iterable[Item], *, by: User) -> tuple[int, str]:
    """Mark several published items, the last one first, so that they stand in this order. Returns how many are new, and
    why some are not marked, else ""."""
    new, problem = 0, ""
    for item in reversed(list(items)):
        try:
            new += add_favourite(item, by=by)
        except ValidationError as error:
            problem = error.messages[0]
    return new, problem


def remove_favourite(item: Item, *, by: User) -> bool:
    """Take the own mark away, also of an item that is no longer public. Returns whether there was one."""
    removed, _by_model = Favourite.objects.of_user(by).filter(**_target(item)).delete()
    return bool(removed)


def save_note(favourite: Favourite, text: str, *, by: User) -> None:
    """Raises ValidationError if the note is too long."""
    _check_own(favourite, by)
    text = clean_text(text)
    if len(text) > NOTE_LENGTH:
        raise ValidationError(f"备注有 {len(text)} 个字，最多 {NOTE_LENGTH} 个字，请精简。")
    Favourite.objects.filter(pk=favourite.pk).update(note=text)


def share_favourite(favourite: Favourite, organisation: Organisation | None, *, by: User) -> None:
    """Let the members of an own organisation see the mark; None ends this. Raises PermissionDenied."""
    _check_own(favourite, by)
    if organisation is not None and organisation.pk not in by.scope.organisation_ids:
        raise PermissionDenied
    Favourite.objects.filter(pk=favourite.pk).update(shared_in=organisation)


def confirm_changes(favourite: Favourite, *, by: User) -> None:
    """知道了: from now on changes are counted from the facts of now. An item that is not public keeps its old facts."""
    _check_own(favourite, by)
    item = favourite.item
    if published_items(type(item)).filter(pk=item.pk).exists():
        Favourite.objects.filter(pk=favourite.pk).update(known=public_facts(item))


def forget_user(user: User) -> None:
    """Delete all favourites and notes of a user whose account is closed."""
    Favourite.objects.filter(user=user).delete()


def _target(item: Item) -> dict[str, Item]:
    return {"achievement" if isinstance(item, Achievement) else "demand": item}


def _check_own(favourite: Favourite, by: User) -> None:
    if favourite.user_id != by.pk:
        raise PermissionDenied
