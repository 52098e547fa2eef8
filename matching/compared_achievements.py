"""What a run reads of the achievements that it compares: columns and facts, without model instances.

A run compares twenty achievements with each demand. To build their instances, each with its institution and with a
queryset of its indicators, took a quarter of the time of a chunk.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from achievements.models import Achievement, Indicator
from matching.engine.facts import AchievementFacts
from matching.facts import TEXT_FIELDS, achievement_facts, facts_of_columns, indicators_of_rows
from matching.items import ACHIEVEMENT_PROSE

COLUMNS = tuple(
    dict.fromkeys(
        [
            *("pk", *ACHIEVEMENT_PROSE, *TEXT_FIELDS),
            *("maturity_bucket", "stage", "transfer_ways", "willingness", "limits", "transferred_note"),
            *("price_min_wan", "price_max_wan", "industry_id", "institution_id", "institution__stat_region_id"),
        ]
    )
)


@dataclass(frozen=True, slots=True)
class ComparedAchievement:
    """`row` has the attributes of an `Achievement` that `COLUMNS` names; it may be one."""

    row: Any
    facts: AchievementFacts

    @classmethod
    def of(cls, achievement: Achievement, regions: Mapping[int, str]) -> "ComparedAchievement":
        """Reads `institution` and `indicators`: select and prefetch them."""
        return cls(achievement, achievement_facts(achievement, regions))


def compared_achievements(ids: Collection[int], regions: Mapping[int, str]) -> dict[int, ComparedAchievement]:
    """Return those of the achievements that exist. Two queries. `regions`: names of regions by primary key."""
    indicators: dict[int, list[Indicator]] = {}
    for indicator in Indicator.objects.filter(achievement__in=ids):
        indicators.setdefault(indicator.achievement_id, []).append(indicator)
    rows = Achievement.objects.filter(pk__in=ids).order_by().values_list(*COLUMNS, named=True)
    return {
        row.pk: ComparedAchievement(
            row,
            facts_of_columns(
                row, regions.get(row.institution__stat_region_id), indicators_of_rows(indicators.get(row.pk, ()))
            ),
        )
        for row in rows
    }
