"""What a card of an achievement shows above its name: picture, drawing or the problem in words.

`attach_cards` loads them for the rows of a list in two queries; rows then have `.card`.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from achievements.models import Achievement, Indicator
from portal.drawings.technical_card import draw_card, first_sentence
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


def ready_pictures() -> QuerySet[Picture]:
    return Picture.objects.kept().filter(status=Picture.Status.READY)
