"""What is offered: an achievement, its indicators, intellectual property, who completed it, its files."""

from achievements.models.achievement import Achievement, AchievementQuerySet, RegistryCounter
from achievements.models.parts import Attachment, Completer, Indicator, IntellectualProperty

__all__ = [
    "Achievement",
    "AchievementQuerySet",
    "Attachment",
    "Completer",
    "Indicator",
    "IntellectualProperty",
    "RegistryCounter",
]
