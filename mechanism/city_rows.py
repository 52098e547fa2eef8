"""Rows of a city package: tasks and targets. Called by the migration and by `load_city`, with their own `apps`."""

from typing import Any

from cities import City

TARGET_KEYS = ("turnover", "local_rate", "funds", "agencies", "items")
"""The figures that can have a target."""


def target_keys(city: City) -> tuple[str, ...]:
    """Those with a target in the package, in its order; all if it has none, for cities that enter them in the admin."""
    return tuple(dict.fromkeys(target.figure for target in city.targets)) or TARGET_KEYS


def add_tasks(apps: Any, city: City) -> int:
    """Add the tasks whose number is not there yet; the city edits names and goals. Returns how many were added."""
    tasks = apps.get_model("mechanism", "Task").objects
    added = 0
    for row in city.tasks:
        _task, is_new = tasks.get_or_create(number=row.number, defaults={"name": row.name, "goal": row.goal})
        added += is_new
    return added


def add_targets(apps: Any, city: City) -> int:
    """Add the targets whose figure and year are not there yet. Returns how many were added."""
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
