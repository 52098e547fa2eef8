"""Rows of a city package: tasks and targets. Called by the migration and by `load_city`, with their own `apps`."""

from typing import Any

from django.db.models import Q

from cities import City

TARGET_KEYS = ("turnover", "local_rate", "funds", "agencies", "items")
"""The figures that can have a target."""


def target_keys(city: City) -> tuple[str, ...]:
    """Those with a target in the package, in its order; all if it has none, for cities that enter them in the admin."""
    return tuple(dict.fromkeys(target.figure for target in city.targets)) or TARGET_KEYS


def add_tasks(apps: Any, city: City) -> int:
    """Add the tasks whose number and name are not there yet; the city edits them in the admin. Returns how many."""
    tasks = apps.get_model("mechanism", "Task").objects
    added = 0
    for row in city.tasks:
        if tasks.filter(Q(number=row.number) | Q(name=row.name)).exists():
            continue
        tasks.create(number=row.number, name=row.name, goal=row.goal)
        added += 1
    return added


def add_targets(apps: Any, city: City) -> int:
    """Add the targets whose figure and year are not there yet. Returns how many."""
    targets = apps.get_model("mechanism", "Target").objects
    added = 0
    for row in city.targets:
        _target, is_new = targets.get_or_create(
            figure=row.figure,
            year=row.year,
            defaults={
                "value": row.value,
                "is_over": row.must_exceed,
                "source": row.source,
                "valid_from": row.valid_from,
                "valid_to": row.valid_to,
            },
        )
        added += is_new
    return added
