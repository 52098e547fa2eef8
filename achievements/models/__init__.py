"""Achievements with their indicators, intellectual property, completers and attachments."""

from achievements.models.achievement import Achievement, AchievementQuerySet, RegistryCounter
from achievements.models.attachment import Attachment
from achievements.models.details import Completer, Indicator, IntellectualProperty

__all__ = [
    "Achievement",
    "AchievementQuerySet",
    "Attachment",
    "Completer",
    "Indicator",
    "IntellectualProperty",
    "RegistryCounter",
]
