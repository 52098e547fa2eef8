"""What a card of an achievement shows above its name: picture, drawing or the problem in words.

`attach_cards` loads them for cards in two queries; rows then have `.card`. `attach_comparisons` is for rows of text.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from achievements.models import Achievement, Indicator
from portal.drawings.technical_card import Comparable, comparable, draw_card, first_sentence
from portfolio.models import Picture

LONGEST_WORDS = 66


@dataclass(frozen=True)
class Card:
    """cover: the first picture of the gallery, which goes before a drawing; drawing: inline SVG or ""."""

    cover: Picture | None
    drawing: SafeString
    words: str


def card_of(
    achievement: Achievement,
    indicators: Iterable[Indicator],
    pictures: Iterable[Picture],
    *,
    longest: int = LONGEST_WORDS,
) -> Card:
    cover = next(iter(pictures), None)
    drawing = draw_card(list(indicators))
    return Card(cover, drawing, first_sentence(achievement.summary, LONGEST_WORDS))


def attach_cards(achievements: Iterable[Achievement]) -> None:
    """Sets `card` on each. The caller has checked that the reader may see them. Two queries."""
    rows = list(achievements)
    indicators, pictures = defaultdict(list), defaultdict(list)
    for indicator in Indicator.objects.filter(achievement__in=rows):
        indicators[indicator.achievement_id].append(indicator)
    for picture in ready_pictures().filter(achievement__in=rows):
        pictures[picture.achievement_id].append(picture)
    for row in rows:
        row.card = card_of(row, indicators[row.pk], pictures[row.pk])


def cards_to_look_at(achievements: Iterable[Achievement]) -> list[Achievement]:
    """Those with a picture or a drawing, each with its `card`, in their order."""
    rows = list(achievements)
    attach_cards(rows)
    return [row for row in rows if row.card.cover or row.card.drawing]


def attach_comparisons(achievements: Iterable[Achievement]) -> None:
    """Sets `comparison`, the first comparable indicator or None, on each row of a list. One query."""
    rows = list(achievements)
    stated = Indicator.objects.filter(achievement__in=rows).exclude(today="")
    first: dict[int, Comparable] = {}
    for indicator in stated:
        if indicator.achievement_id not in first and (row := comparable(indicator)):
            first[indicator.achievement_id] = row
    for achievement in rows:
        achievement.comparison = first.get(achievement.pk)


def ready_pictures() -> QuerySet[Picture]:
    return Picture.objects.kept().filter(status=Picture.Status.READY)
