"""The log of what was said about a pair, and what counts of it."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from audit.services import record
from matching.models import FollowUp, Match, Question, SideStatement
from matching.services.notifications import notify_said_without_account

Side = Question.Side
Stance = SideStatement.Stance
Capacity = SideStatement.Capacity


@dataclass(frozen=True)
class Word:
    """One statement before it is stored. `by` is the signed-in user, None for a code or a link.

    `said_at`: None is now; a moment in the future is now.
    """

    side: str
    stance: str
    capacity: str
    by: User | None = None
    said_at: datetime | None = None
    spoken_with: str = ""
    relayed_by: User | None = None


def record_statement(match: Match, word: Word, *, source: str) -> SideStatement:
    """Append a statement. The same word sent twice (same source and moment) is stored once.

    Raises ValidationError if one user agrees for both sides of the pair.
    """
    now = timezone.now()
    said_at = min(word.said_at or now, now)
    is_own = word.capacity in SideStatement.OWN
    capacities = SideStatement.OWN if is_own else [word.capacity]
    same = match.statements.filter(
        side=word.side, stance=word.stance, capacity__in=capacities, source=source, said_at=said_at
    ).first()
    if same is not None:
        return same
    _require_other_speaker(match, word)
    statement = SideStatement.objects.create(
        match=match,
        side=word.side,
        stance=word.stance,
        capacity=word.capacity,
        by=word.by,
        spoken_with=word.spoken_with[:30],
        relayed_by=word.relayed_by,
        source=source,
        said_at=said_at,
        recorded_at=now,
    )
    changes = {
        "side": [None, word.side],
        "stance": [None, word.stance],
        "capacity": [None, word.capacity],
        "source": [None, source],
    }
    record("记下各方表示", match, by=word.by, changes=changes)
    if is_own and word.by is None:
        notify_said_without_account(statement)
    return statement


def binding_words(match: Match) -> dict[str, SideStatement]:
    """The latest binding statement of each side that has made one. A refusal stays until its side says otherwise.

    Reads `match.statements`, which a list may have prefetched.
    """
    words: dict[str, SideStatement] = {}
    for statement in sorted(match.statements.all(), key=lambda row: (row.said_at, row.pk), reverse=True):
        if statement.is_binding:
            words.setdefault(statement.side, statement)
    return words


def refusing_sides(words: dict[str, SideStatement]) -> list[str]:
    return [side for side, word in words.items() if word.stance == Stance.NO]


def valid_words(follow_up: FollowUp, words: dict[str, SideStatement]) -> dict[str, SideStatement]:
    """The positive words that count: own ones, said after the follow-up was last closed."""
    since = follow_up.consent_since
    return {
        side: word
        for side, word in words.items()
        if word.is_positive and word.is_own and (since is None or word.said_at > since)
    }


def is_intent(follow_up: FollowUp, word: SideStatement) -> bool:
    """Whether the word is an intent said after the follow-up last returned to talks."""
    since = follow_up.intent_since
    return word.stance == Stance.INTENT and (since is None or word.said_at > since)


def other_side(side: str) -> str:
    return Side.INSTITUTION if side == Side.FIRM else Side.FIRM


def _require_other_speaker(match: Match, word: Word) -> None:
    if word.by is None or word.capacity != Capacity.ACCOUNT or word.stance == Stance.NO:
        return
    theirs = match.statements.own().filter(side=other_side(word.side)).order_by("-said_at", "-pk").first()
    if theirs is not None and theirs.is_positive and theirs.by_id == word.by.pk:
        raise ValidationError("您已代表另一方表示过，一个人不能同时代表双方；请由本单位的其他同事答复。")
