"""Achievements with their indicators, intellectual property, completers and attachments."""

from achievements.models.achievement import Achievement, AchievementQuerySet, RegistryCounter
from achievements.models.attachment import Attachment
from achievements.models.details import Completer, Indicator, IntellectualProperty
from achievements.models.revision import AchievementRevision
from achievements.models.sheet_import import LearnedSpelling, SheetFinding, SheetImport, SheetImportRow

__all__ = [
    "Achievement",
    "AchievementQuerySet",
    "AchievementRevision",
    "Attachment",
    "Completer",
    "Indicator",
    "IntellectualProperty",
    "LearnedSpelling",
    "RegistryCounter",
    "SheetFinding",
    "SheetImport",
    "SheetImportRow",
]
