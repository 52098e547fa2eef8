"""Subscribe, change, pause, resume, delete. Searches are private, so nothing is written to the audit trail."""

from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from audit.transitions import constraint_message
from search.bigrams import is_searchable
from subscriptions.models import MAX_SEARCHES, TEXT_LENGTH, WORDS_LENGTH, Dismissal, Hit, SavedSearch, SavedView

MIN_MEANING = 8
"""Characters of a description from which the engine can tell what is meant."""


@dataclass(frozen=True)
class SearchDraft:
    """What the user wants to subscribe to. `filters` come from `subscriptions.filters.read_filters`."""

    kind: str
    name: str
    mode: str
    text: str
    filters: dict[str, list[str]] = field(default_factory=dict)


def save_search(draft: SearchDraft, *, by: User) -> SavedSearch:
    """Subscribe. Raises ValidationError if it is incomplete, the same as another, or one too many."""
    values = _checked(draft)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)  # two requests at once must not exceed the limit
        if SavedSearch.objects.of_user(by).count() >= MAX_SEARCHES:
            raise ValidationError(f"最多保存 {MAX_SEARCHES} 个订阅，请先删除不再需要的。")
        try:
            with transaction.atomic():
                return SavedSearch.objects.create(user=by, **values)
        except IntegrityError as error:
            raise ValidationError(constraint_message(error, SavedSearch)) from None


def change_search(search: SavedSearch, draft: SearchDraft, *, by: User) -> None:
    """Change what is searched. From now on only: what is already public is not sent. Raises ValidationError."""
    _check_own(search, by)
    values = _checked(draft)
    values.pop("kind")
    now = timezone.now()
    try:
        with transaction.atomic():
            SavedSearch.objects.filter(pk=search.pk).update(**values, checked_at=now, starts_at=now)
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, SavedSearch)) from None


def pause_search(search: SavedSearch, *, by: User | None) -> None:
    """`by` is None for whoever holds the link of a mail. A second call changes nothing."""
    if by is not None:
        _check_own(search, by)
    SavedSearch.objects.filter(pk=search.pk, is_paused=False).update(is_paused=True)


def resume_search(search: SavedSearch, *, by: User) -> None:
    """Goes on from now: what was published meanwhile is not sent."""
    _check_own(search, by)
    now = timezone.now()
    SavedSearch.objects.filter(pk=search.pk, is_paused=True).update(is_paused=False, checked_at=now, starts_at=now)


def delete_search(search: SavedSearch, *, by: User) -> None:
    """What it has found stays in the list of the user."""
    _check_own(search, by)
    search.delete()


def forget_user(user: User) -> None:
    """Delete what a user whose account is closed subscribed to, was sent and has dismissed."""
    for model in (SavedSearch, SavedView, Hit, Dismissal):
        model.objects.filter(user=user).delete()


def _checked(draft: SearchDraft) -> dict[str, object]:
    text, name = " ".join(draft.text.split()), " ".join(draft.name.split())
    is_by_meaning = draft.mode == SavedSearch.Mode.MEANING
    if is_by_meaning and len(text) < MIN_MEANING:
        raise ValidationError(
            f"按意思比对，请写一两句话（至少 {MIN_MEANING} 个字），例如“水下焊缝看不清，要能在线检测”。"
        )
    if text and not is_by_meaning and not is_searchable(text):
        raise ValidationError({"text": "要找的字太少，请至少写两个字。"})
    longest = TEXT_LENGTH if is_by_meaning else WORDS_LENGTH
    if len(text) > longest:
        raise ValidationError({"text": f"内容有 {len(text)} 个字，最多 {longest} 个字，请精简。"})
    if not text and not draft.filters:
        raise ValidationError("请写要找的内容，或至少选一个条件。")
    if draft.kind not in SavedSearch.Kind.values or draft.mode not in SavedSearch.Mode.values:
        raise ValidationError("请选择订阅成果还是需求，以及怎样比对。")
    return {
        "kind": draft.kind,
        "name": name[:60] or text[:30] or "按条件订阅",
        "mode": draft.mode,
        "text": text,
        "filters": draft.filters,
    }


def _check_own(search: SavedSearch, by: User) -> None:
    if search.user_id != by.pk:
        raise PermissionDenied
