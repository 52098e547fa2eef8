"""What is offered: one achievement, its indicators, its intellectual property, the people who completed it, its files."""

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
